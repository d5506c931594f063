"""Who moved from tier to tier between two days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhike.blueprint import queries as blueprints
from zhike.insight import queries as insight
from zhike.kernel import bulk
from zhike.kernel.models import User
from zhike.tiers.models import Placement
from zhike.tiers.queries.standing import UNPLACED

if TYPE_CHECKING:
    from zhike.blueprint.models import BlueprintVersion

KIND = "tiers"
GAP = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Customers by tier on a first and on a second day; UNPLACED stands for not having had a tier."""

    first: date
    second: date
    cells: Mapping[tuple[str, str], int]

    def count(self, was: str, now: str) -> int:
        """Customers who stood in `was` on the first day and in `now` on the second."""
        return self.cells.get((was, now), 0)

    def came(self, tier: str) -> int:
        """Customers who came into a tier, from others or for the first time."""
        return sum(number for (was, now), number in self.cells.items() if now == tier != was)

    def left(self, tier: str) -> int:
        """Customers who left a tier for another."""
        return sum(number for (was, now), number in self.cells.items() if was == tier != now)

    @property
    def moved(self) -> int:
        """Customers who changed from one tier to another."""
        return sum(
            number for (was, now), number in self.cells.items() if was != now and UNPLACED not in {was, now}
        )


def days_of_runs() -> list[date]:
    """The days for which tiers were computed, latest first."""
    return list(insight.runs(KIND).order_by("-as_of").values_list("as_of", flat=True).distinct())


def last_two_days() -> tuple[date, date] | None:
    """The day of the latest run and the run day before it, earlier first; None with fewer than two."""
    days = days_of_runs()
    return (days[1], days[0]) if len(days) > 1 else None


def moves(user: User, first: date, second: date) -> Moves:
    """Who stood where on two days, within the user's scope."""
    scope, parameters = insight.scope_sql(user, "customer_id")
    # Most stood still: they are one pass over the placements, and only the others are joined.
    covers, ends = "since <= %s AND (until IS NULL OR until > %s)", (min(first, second), max(first, second))
    stood = f"SELECT customer_id, tier_id FROM tiers_placement WHERE {covers} AND NOT ({covers})"
    rows = bulk.rows(
        f"""
        SELECT coalesce(was.key, %s), coalesce(now.key, %s), sum(number)
        FROM (SELECT tier_id AS before, tier_id AS after, count(*) AS number
              FROM tiers_placement WHERE {covers} AND {scope} GROUP BY 1
              UNION ALL
              SELECT a.tier_id, b.tier_id, count(*) FROM ({stood}) a FULL JOIN ({stood}) b USING (customer_id)
              WHERE {scope} GROUP BY 1, 2) AS standing
        LEFT JOIN tiers_tier was ON was.id = before
        LEFT JOIN tiers_tier now ON now.id = after
        GROUP BY 1, 2
        """,
        [UNPLACED, UNPLACED, *ends, *parameters, first, first, *ends, second, second, *ends, *parameters],
    )
    cells = {(was, now): int(number) for was, now, number in rows}
    return Moves(first=first, second=second, cells=cells)


@dataclass(frozen=True, slots=True)
class Causes:
    """Moves by what caused them: new rules, a colleague's hand, or what the customers did."""

    rules: int = 0
    hand: int = 0
    behaviour: int = 0


def rule_changes() -> set[tuple[int, date]]:
    """Version and day of each run that was the first to judge by other tier rules than the run before it."""
    runs = list(insight.runs(KIND).order_by("as_of", "id").values_list("version_id", "as_of"))
    pairs = [(was, now, day) for (was, _), (now, day) in pairwise(runs) if was and now and was != now]
    versions = blueprints.all_versions().in_bulk({one for was, now, _ in pairs for one in (was, now)})
    rules = {pk: _rules(version) for pk, version in versions.items()}
    return {(versions[now].number, day) for was, now, day in pairs if rules[was] != rules[now]}


def _rules(version: BlueprintVersion) -> list[tuple[str, object]]:
    return [(tier.key, tier.rule) for tier in blueprints.spec_of(version).tiers]


def caused_by_rules(placement: Placement, changes: Collection[tuple[int, date]]) -> bool:
    """Whether a placement began on the day its rules came into force, judged by them."""
    judged_by = placement.reasons.get("version")
    return placement.by_id is None and (judged_by, placement.since) in changes


def causes(user: User, first: date, second: date) -> Causes:
    """What moved those who stand in another tier on the second day than on the first, by their latest move."""
    scope, parameters = insight.scope_sql(user, "customer_id")
    changes = sorted(rule_changes())
    standing = """SELECT customer_id, tier_id, since, by_id, reasons FROM tiers_placement
                  WHERE since <= %s AND (until IS NULL OR until > %s)"""
    rows = bulk.rows(
        f"""
        SELECT CASE WHEN b.by_id IS NOT NULL THEN 'hand'
                    WHEN EXISTS (SELECT FROM unnest(%s::int[], %s::date[]) AS changed (version, day)
                                 WHERE changed.version = (b.reasons ->> 'version')::int AND changed.day = b.since) THEN 'rules'
                    ELSE 'behaviour' END, count(*)
        FROM ({standing}) a JOIN ({standing}) b USING (customer_id)
        WHERE a.tier_id <> b.tier_id AND {scope} GROUP BY 1
        """,
        [[one for one, _ in changes], [day for _, day in changes], first, first, second, second, *parameters],
    )
    return Causes(**dict(rows))


def spelled(was: str, now: str, first: date, second: date) -> str:
    """A move as the customer list's filter spells it."""
    return GAP.join((was, now, first.isoformat(), second.isoformat()))


def moved(customers: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those of a spelled move; something else finds nobody."""
    try:
        was, now, first, second = value.split(GAP)
        days = date.fromisoformat(first), date.fromisoformat(second)
    except ValueError:
        return customers.none()
    return customers.filter(_stood(was, days[0]), _stood(now, days[1]))


def _stood(tier: str, day: date) -> Q:
    there = Placement.objects.filter(
        Q(until=None) | Q(until__gt=day), customer_id=OuterRef("pk"), since__lte=day
    )
    if tier == UNPLACED:
        return ~Q(Exists(there))
    return Q(Exists(there.filter(tier__key=tier)))


def over_time(user: User, days: list[date]) -> dict[tuple[date, str], int]:
    """Customers per tier on each of some days, within the user's scope."""
    if insight.sees_all(user):
        kept = insight.runs(KIND).filter(as_of__in=days).order_by("id").values_list("as_of", "counts")
        return {(day, tier): number for day, counts in kept for tier, number in counts.items()}
    scope, parameters = insight.scope_sql(user, "p.customer_id")
    rows = bulk.rows(
        f"""
        SELECT d.day, tier.key, count(*)
        FROM unnest(%s::date[]) d (day)
        JOIN tiers_placement p ON p.since <= d.day AND (p.until IS NULL OR p.until > d.day)
        JOIN tiers_tier tier ON tier.id = p.tier_id
        WHERE {scope} GROUP BY 1, 2
        """,
        [days, *parameters],
    )
    return {(day, tier): number for day, tier, number in rows}
