"""Who may see which customers, and questions other stages ask about them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from zhike.blueprint import queries as blueprints
from zhike.core import masks, phones, pinyin
from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec
from zhike.customers import narrowing
from zhike.customers.absorbing.reading import CODE, own_kind
from zhike.customers.facts import MANUAL
from zhike.customers.models import ContactPoint, Customer, CustomerVersion, Objection, SavedView
from zhike.intake import queries as intake
from zhike.kernel import bulk, sealing, slots
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.kernel.scope import within

COUNT_UP_TO = 1_000_000
BELIEVED_MOST = 1_000_000


def visible_to(user: User) -> QuerySet[Customer]:
    """The customers in the user's data scope: the only way in for pages, exports, charts and the API."""
    customers = Customer.objects.filter(within(user))
    return customers if user.has(Right.CUSTOMERS_VIEW) else customers.none()


def objectors() -> list[int]:
    """Ids of the customers who want no profile of theirs used."""
    return list(Objection.objects.values_list("pk", flat=True))


def objects(customer: int) -> bool:
    """Whether a customer wants no profile of theirs used, for callers that have checked the scope."""
    return Objection.objects.filter(pk=customer).exists()


def customer_for(user: User, key: UUID) -> Customer:
    """One customer by its key; not there and not yours look alike (404)."""
    return get_object_or_404(visible_to(user).select_related("manager", "department"), key=key)


def fields() -> dict[str, FieldSpec]:
    """The fields of the blueprint in force that a customer's values follow (the code is not one of them)."""
    spec = blueprints.current_or_none()
    return {key: one for key, one in spec.fields.items() if key != "code"} if spec else {}


def region_filter() -> slots.CustomerFilter | None:
    """The filter by the first region of the blueprint in force."""
    regions = (one for one in fields().values() if one.type == "region" and not one.sealed)
    found = next(regions, None)
    return narrowing.by_field(found) if found else None


def views_by(key: str, value: str) -> list[SavedView]:
    """Everybody's saved views that narrow the list by one value of a filter, by name."""
    likely = SavedView.objects.filter(query__contains=urlencode({key: value})).select_related("user")
    return [one for one in likely.order_by("name", "pk") if QueryDict(one.query).get(key) == value]


def matching(customers: QuerySet[Customer], words: str, asker: User) -> QuerySet[Customer]:
    """Narrow to what was typed: a name, its pinyin or initials, a code, a whole phone or e-mail, its last four digits.

    Whoever may not see the names of persons does not find persons by them either: a hit would confirm the name.
    """
    text = words.strip()[:100]
    if not text:
        return customers
    by_word, by_contact = _by_word(text, asker), _by_contact(text)
    if by_contact is None:
        return customers.none() if by_word is None else customers.filter(by_word)
    ids: QuerySet[Any, int] = ContactPoint.objects.filter(by_contact).values_list("customer_id", flat=True)
    if by_word is not None:
        ids = Customer.objects.filter(by_word).values_list("pk", flat=True).union(ids)
    return customers.filter(pk__in=ids)


def _by_word(text: str, asker: User) -> Q | None:
    lexemes = pinyin.query_terms(text)
    if not lexemes:
        return None
    # Only letters, digits and Han are left in a lexeme (pinyin.query_terms drops the rest); each is a prefix.
    asked = Value(" & ".join(f"'{word}':*" for word in lexemes))
    found = Q(
        Func(
            F("search"),
            asked,
            template="(%(expressions)s::tsquery)",
            arg_joiner=" @@ ",
            output_field=BooleanField(),
        )
    )
    if asker.has(Right.NAMES_VIEW):
        return found
    in_code = Q(*(Q(code__iregex=rf"(^|[^a-z0-9一-鿿㐀-䶿]){word}") for word in lexemes))
    return found & (Q(kind=Customer.Kind.COMPANY) | in_code)


def _by_contact(text: str) -> Q | None:
    if text.isdecimal() and len(text) == 4:
        return Q(tail=sealing.blind("tail", text))
    if "@" in text:
        return Q(digest=sealing.blind("email", text.lower()))
    if sum(char.isdecimal() for char in text) < 7:
        return None
    try:
        return Q(digest=sealing.blind("phone", phones.clean_phone(text)))
    except BadValue:
        return None


def count_of(customers: QuerySet[Customer]) -> tuple[int, bool]:
    """How many there are, and whether that is exact; beyond a million nobody waits for the rest to be counted."""
    found = customers.order_by().values("pk")[: COUNT_UP_TO + 1].count()
    return min(found, COUNT_UP_TO), found <= COUNT_UP_TO


def by_source_codes(source: str, codes: Collection[str]) -> dict[str, int]:
    """Customer ids by the codes a source uses: its own ids first, then any other source's where they name one customer."""
    if not codes:
        return {}
    blind = sealing.blinder(CODE)
    digests = {blind(code): code for code in codes}
    rows = bulk.rows(
        "SELECT digest, kind, customer_id FROM customers_identity WHERE digest = ANY(%s::bytea[]) AND kind LIKE 'source:%%'",
        [bulk.digest_array(digests)],
    )
    own = {digests[bytes(digest)]: customer for digest, kind, customer in rows if kind == own_kind(source)}
    elsewhere: dict[str, set[int]] = defaultdict(set)
    for digest, _own, customer in rows:
        elsewhere[digests[bytes(digest)]].add(customer)
    found = {code: next(iter(ids)) for code, ids in elsewhere.items() if len(ids) == 1} | own
    missing = [code for code in codes if code not in elsewhere]
    if missing:
        found |= dict(bulk.rows("SELECT code, id FROM customers_customer WHERE code = ANY(%s)", [missing]))
    return found


def ranks() -> dict[str, int]:
    """How far each source is believed; what staff typed in is believed most."""
    return {**intake.ranks(), MANUAL: BELIEVED_MOST}


def contact_points(ids: Collection[int]) -> dict[int, list[ContactPoint]]:
    """The contact points of some customers, primary ones first."""
    found: dict[int, list[ContactPoint]] = defaultdict(list)
    for point in ContactPoint.objects.filter(bulk.among("customer_id", ids)).order_by(
        "field", "-primary", "key"
    ):
        found[point.customer_id].append(point)
    return found


def unseal_contact(point: ContactPoint) -> str:
    """A contact point in clear; whoever shows it to a person masks it or records why not."""
    return sealing.unseal(point.sealed, table="customers_contactpoint", column="sealed", row=str(point.key))


def unseal_value(customer: Customer, token: str) -> str:
    """A sealed value of a customer in clear; whoever shows it to a person masks it or records why not."""
    return sealing.unseal(token, table="customers_customer", column="sealed", row=str(customer.key))


def source_names() -> dict[str, str]:
    """The sources by their key, as people call them."""
    return {**dict(intake.sources().values_list("key", "name")), MANUAL: _("Entered by staff")}


def own_view(user: User, key: UUID) -> SavedView:
    """One of the user's own saved views, or 404."""
    return get_object_or_404(SavedView, user=user, key=key)


def field_or_404(key: str) -> FieldSpec:
    """A field of the blueprint in force, or 404."""
    spec = fields().get(key)
    if spec is None:
        raise Http404
    return spec


def version_or_404(customer: Customer, number: int) -> CustomerVersion:
    """What a customer was before one change, or 404."""
    return get_object_or_404(CustomerVersion, customer=customer, number=number)


def ids_of(user: User, keys: Iterable[str]) -> list[int]:
    """The ids of those of the asker's customers whose keys are given; anything else is passed over."""
    wanted = []
    for key in keys:
        with suppress(ValueError):
            wanted.append(UUID(key))
    return list(visible_to(user).filter(key__in=wanted).values_list("pk", flat=True))


def versions_of(customer: Customer) -> QuerySet[CustomerVersion]:
    """What a customer was before each change, the latest first."""
    return CustomerVersion.objects.filter(customer=customer).select_related("by").order_by("-number")


def views_of(user: User) -> QuerySet[SavedView]:
    """The user's own saved views and the shared ones."""
    return SavedView.objects.filter(Q(user=user) | Q(shared=True)).select_related("user").order_by("name")


def sources_of(customer: Customer) -> list[str]:
    """The sources that know a customer under an id of their own."""
    rows = bulk.rows(
        "SELECT kind FROM customers_identity WHERE customer_id = %s AND kind LIKE 'source:%%' ORDER BY id",
        [customer.pk],
    )
    return [row[0].removeprefix("source:") for row in rows]


def shown_name(user: User, customer: Customer) -> str:
    """A customer's name as this user may see it; a customer without a name goes by the code."""
    if not customer.name:
        return customer.code
    return customer.name if customer.is_company or user.has(Right.NAMES_VIEW) else masks.name(customer.name)


def for_export(user: User) -> QuerySet[Customer]:
    """The customers a user may take out of the system: the visible ones, with the right to export."""
    customers = visible_to(user)
    return customers if user.has(Right.CUSTOMERS_EXPORT) else customers.none()
