"""The customer list as data: what the address asks for, which columns and filters there are, which rows they give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.core.fields import FieldSpec
from zhike.customers import narrowing, queries
from zhike.customers.models import Customer
from zhike.customers.narrowing import NONE
from zhike.kernel import private_words, slots
from zhike.kernel.models import User
from zhike.kernel.paging import Order
from zhike.kernel.queries import staff

SORTS = {
    "newest": Order(by="pk", falling=True),
    "code": Order(by="code"),
    "name": Order(by="name"),
    "updated": Order(by="updated_at"),
}
PAGING = frozenset({"after", "before", "columns", "sort", "q", "format", "reason", "clear"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; `kept` is the search as an address may hold it."""

    q: str = ""
    kept: str = ""
    sort: str = "-newest"
    columns: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: QueryDict, user: User) -> "Wanted":
        """Read an address; what it does not know it keeps as a filter that nothing answers to."""
        words = str(given.get("q", "")).strip()
        columns = tuple(one for text in given.getlist("columns") for one in text.split(",") if one)
        filters = {key: value for key, value in given.items() if value and key not in PAGING}
        return cls(
            q=private_words.clear(words, user)[:100],
            kept=private_words.hide(words, user),
            sort=str(given.get("sort", "")),
            columns=columns,
            filters={key: str(value) for key, value in filters.items()},
        )

    @property
    def private(self) -> bool:
        """Whether the search names one person, so that it is not written down in clear."""
        return private_words.private(self.q)

    def in_columns(self, columns: Sequence[str]) -> "Wanted":
        """The same in other columns (none: the usual ones)."""
        return replace(self, columns=tuple(columns))

    def query(self, **changes: str | None) -> str:
        """The address with changes (None drops a part)."""
        parts: dict[str, str | None] = {
            "q": self.kept, "sort": self.sort, "columns": ",".join(self.columns), **self.filters, **changes,
        }  # fmt: skip
        return urlencode({key: value for key, value in parts.items() if value})


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the list: its choices, and what choosing one leaves."""

    key: str
    label: str
    choices: Sequence[tuple[str, str]]
    apply: Callable[[QuerySet[Customer], str], QuerySet[Customer]]
    say: Callable[[str], str] | None = None

    def said(self, value: str) -> str:
        """A value in words; "" for one that means nothing."""
        known = dict(self.choices).get(value)
        return str(known or (self.say(value) if self.say and "\x00" not in value else ""))

    def words(self, value: str) -> str:
        """A chosen value as its chip says it."""
        return f"{self.label}: {self.said(value) or _('not understood')}"


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    without: str


def filters(user: User, fields: Mapping[str, FieldSpec]) -> dict[str, Filter]:
    """Every filter there is: the manager, those of other stages, and the blueprint's fields with choices."""
    found = [_manager(user)]
    by_field = [narrowing.by_field(spec) for spec in fields.values() if spec.type in narrowing.FILTERED]
    for one in (*slots.customer_filters(), *by_field):
        found.append(Filter(one.key, str(one.label), one.choices(), one.apply, one.words))
    return {one.key: one for one in reversed(found)}


def narrowed(user: User, wanted: Wanted, known: Mapping[str, Filter]) -> QuerySet[Customer]:
    """The asker's customers that the address describes."""
    customers = queries.matching(queries.visible_to(user), wanted.q, user)
    for key, value in wanted.filters.items():
        if key in known:
            # What means nothing finds nobody: everybody would be worse, for whoever goes on to assign or export them.
            understood = known[key].said(value)
            customers = known[key].apply(customers, value) if understood else customers.none()
    return customers


def misread(wanted: Wanted, known: Mapping[str, Filter]) -> dict[str, str]:
    """The filters whose value means nothing, by key with their label."""
    return {
        key: known[key].label
        for key, value in wanted.filters.items()
        if key in known and not known[key].said(value)
    }


def described(user: User, query: str) -> QuerySet[Customer]:
    """The asker's customers that a list with this query shows, all pages of it."""
    wanted = Wanted.read(QueryDict(query), user)
    return narrowed(user, wanted, filters(user, queries.fields()))


def chips(wanted: Wanted, known: Mapping[str, Filter]) -> list[Chip]:
    """What narrows the list now, each with the way out of it."""
    return [
        Chip(known[key].words(value), f"?{wanted.query(**{key: None})}")
        for key, value in wanted.filters.items()
        if key in known
    ]


def order_of(wanted: Wanted) -> Order:
    """How the list is sorted; an unknown wish means newest first."""
    name = wanted.sort.removeprefix("-")
    falling = wanted.sort.startswith("-")
    if name in SORTS:
        return Order(by=SORTS[name].by, falling=falling if wanted.sort else True)
    for column in slots.columns():
        if column.key == name and column.sort_by:
            return Order(by=column.sort_by, falling=falling, nullable=True)
    return SORTS["newest"]


def annotated(customers: QuerySet[Customer], wanted: Wanted) -> QuerySet[Customer]:
    """Add what sorting by another stage's column needs."""
    name = wanted.sort.removeprefix("-")
    for column in slots.columns():
        if column.key == name and column.annotate:
            return column.annotate(customers)
    return customers


def address(path: str, query: str, **more: str) -> str:
    """The address of a list, without a bare question mark."""
    whole = "&".join(part for part in (query, urlencode(more)) if part)
    return f"{path}?{whole}" if whole else path


def _manager(user: User) -> Filter:
    def apply(customers: QuerySet[Customer], value: str) -> QuerySet[Customer]:
        if value == NONE:
            return customers.filter(manager=None)
        if value == "me":
            return customers.filter(manager=user)
        return customers.filter(manager__in=[one.pk for one in staff(user) if str(one.key) == value])

    people = [(str(one.key), one.name) for one in staff(user)]
    return Filter("manager", _("Manager"), [("me", _("Mine")), (NONE, _("Nobody")), *people], apply)
