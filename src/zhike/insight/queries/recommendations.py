"""Questions about recommendations; whoever asks sees the customers within their scope, and nobody who objects is told of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from zhike.activity import queries as activity
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine.recommend.words import Reason, Why
from zhike.insight.models import Item, Recommendation, Run
from zhike.insight.queries.scores import latest, scope_sql
from zhike.kernel import bulk, clock
from zhike.kernel.models import User

EPOCH = 719_163  # date.toordinal() of 1970-01-01
RHYTHM = 3  # purchases from which a mean interval says something
FEW = 5
_NOT_OBJECTING = "NOT EXISTS (SELECT FROM customers_objection x WHERE x.customer_id = r.customer_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One item recommended, with its reason."""

    item: Item
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationCard:
    """What is recommended to one customer; `objects`: they want no profile of theirs used, so only what is popular."""

    run: Run | None
    objects: bool
    again: tuple[Told, ...] = ()
    fresh: tuple[Told, ...] = ()
    popular: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item, and to how many customers it is recommended."""

    item: Item
    again: int
    fresh: int

    @property
    def customers(self) -> int:
        """Both together; nobody is told of an item twice."""
        return self.again + self.fresh


def recommended_to(customer_id: int) -> RecommendationCard:
    """The recommendations of one customer, for callers that have checked the scope; without what is withheld by now."""
    run = latest(Run.Kind.RECOMMEND)
    if customers.objects(customer_id):
        return RecommendationCard(run=run, objects=True, popular=_popular(run))
    found = Recommendation.objects.filter(pk=customer_id).first()
    if found is None or run is None:
        return RecommendationCard(run=run, objects=False)
    leads = [one for one in found.because[len(found.again) :] if one is not None]
    items = Item.objects.in_bulk([*found.again, *found.fresh, *leads])
    offered = _offered(run, items.values())
    again = zip(found.again, found.because, strict=False)
    fresh = zip(found.fresh, found.because[len(found.again) :], strict=True)
    return RecommendationCard(
        run=run,
        objects=False,
        again=tuple(Told(item=items[key], reason=_own(*why)) for key, why in again if key in offered),
        fresh=tuple(
            Told(item=items[key], reason=_new(items[key], items.get(why)))
            for key, why in fresh
            if key in offered
        ),
    )


def recommended_number(customer: Any) -> int:
    """How many items the tab holds."""
    found = Recommendation.objects.filter(pk=customer.pk).first()
    return len(found.again) + len(found.fresh) if found and not customers.objects(customer.pk) else 0


def item_rows(user: User, words: str = "") -> list[ItemRow]:
    """Items by the number of customers in the user's scope to whom they are recommended, the most first."""
    scope, scoped = scope_sql(user, "r.customer_id")
    counted = bulk.rows(
        f"""
        SELECT item, count(*) FILTER (WHERE again), count(*) FILTER (WHERE NOT again) FROM (
            SELECT unnest(r.again) AS item, true AS again FROM insight_recommendation r WHERE {scope} AND {_NOT_OBJECTING}
            UNION ALL
            SELECT unnest(r.fresh), false FROM insight_recommendation r WHERE {scope} AND {_NOT_OBJECTING}
        ) told GROUP BY item ORDER BY count(*) DESC, item
        """,
        [*scoped, *scoped],
    )
    found = Item.objects.filter(label__icontains=words) if words else Item.objects.all()
    items = {one.pk: one for one in found}
    return [
        ItemRow(item=items[key], again=again, fresh=fresh) for key, again, fresh in counted if key in items
    ]


def coverage(user: User) -> int:
    """To how many customers of the user's scope anything is recommended."""
    scope, scoped = scope_sql(user, "r.customer_id")
    sql = f"SELECT count(*) FROM insight_recommendation r WHERE {scope} AND {_NOT_OBJECTING}"
    return int(bulk.rows(sql, list(scoped))[0][0])


def recommended(found: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those to whom an item is recommended, by its id."""
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        return found.none()
    sql = f"""SELECT r.customer_id FROM insight_recommendation r
        WHERE (r.again @> ARRAY[%s]::int[] OR r.fresh @> ARRAY[%s]::int[]) AND {_NOT_OBJECTING}"""
    return found.filter(pk__in=RawSQL(sql, (int(value), int(value))))  # noqa: S611 — own constants only


def item_label(value: str) -> str:
    """The label of an item by its id as text; empty for one that is not there."""
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        return ""
    return Item.objects.filter(pk=int(value)).values_list("label", flat=True).first() or ""


def _popular(run: Run | None) -> tuple[Told, ...]:
    """What everybody buys, without a look at the customer."""
    if run is None:
        return ()
    most = list(Item.objects.filter(grain=run.params["grain"]).order_by("-share", "pk")[: 4 * FEW])
    offered = _offered(run, most)
    return tuple(Told(item=one, reason=_new(one, None)) for one in most if one.pk in offered)[:FEW]


def _offered(run: Run, items: Collection[Item]) -> set[int]:
    """Of these items, those of which a product is not withheld."""
    marks = activity.on_offer(run.params["grain"], [one.mark for one in items])
    return {one.pk for one in items if one.mark in marks}


def _own(times: int, gap: int, last: int) -> Text:
    elapsed = clock.today().toordinal() - EPOCH - last
    why: Why = "rhythm" if times >= RHYTHM and gap else "bought"
    return Reason(why, times=times, gap=gap, elapsed=elapsed).text


def _new(item: Item, lead: Item | None) -> Text:
    return (Reason("with", item=lead.label) if lead else Reason("popular", share=item.share)).text
