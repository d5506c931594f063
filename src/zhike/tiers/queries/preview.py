"""Who would change tier if another blueprint were in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine import metrics as engine_metrics
from zhike.engine import tiering
from zhike.insight import queries as insight
from zhike.kernel import bulk, clock, lake
from zhike.kernel.facts import Impact
from zhike.kernel.models import User
from zhike.tiers import reasons
from zhike.tiers.queries.standing import UNPLACED

SAMPLE = 5
KIND = "tiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Moves that a blueprint would cause: counts from one tier to another, and the first few customers of each."""

    as_of: date
    customers: int
    moves: tuple[tuple[str, str, int], ...]
    sample: dict[tuple[str, str], tuple[int, ...]]

    @property
    def moved(self) -> int:
        """Customers who would change tier."""
        return sum(number for _, _, number in self.moves)


def preview(spec: BlueprintSpec, user: User) -> Preview:
    """Judge the user's customers by another blueprint on the day of the latest run; changes nothing."""
    run = insight.latest(KIND)
    as_of = run.as_of if run else clock.today()
    now = _standing(user, as_of)
    rules = [tier.rule for tier in spec.tiers if tier.rule is not None]
    with lake.session() as session:
        metrics = engine_metrics.compute(session, as_of, reasons.metrics_of(rules))
        placed = tiering.place(session, metrics, reasons.tier_rules(spec), as_of=as_of)
        judged = session.cursor.execute(
            f"SELECT customer_id, tier FROM ({session.sql(placed)}) ORDER BY customer_id"
        ).fetchall()
    return _compared(now, judged, as_of)


def _standing(user: User, as_of: date) -> dict[int, tuple[str, bool]]:
    """Tier of each customer in scope, and whether it is held by hand."""
    scope, parameters = insight.scope_sql(user, "c.id")
    rows = bulk.rows(
        f"""
        SELECT c.id, coalesce(tier.key, %s), coalesce(p.held_until >= %s, FALSE)
        FROM customers_customer c
        LEFT JOIN tiers_placement p ON p.customer_id = c.id AND p.until IS NULL
        LEFT JOIN tiers_tier tier ON tier.id = p.tier_id
        WHERE {scope}
        """,
        [UNPLACED, as_of, *parameters],
    )
    return {customer: (tier, held) for customer, tier, held in rows}


def _compared(now: dict[int, tuple[str, bool]], judged: list[tuple[int, str]], as_of: date) -> Preview:
    counted: Counter[tuple[str, str]] = Counter()
    sample: dict[tuple[str, str], tuple[int, ...]] = {}
    for customer, tier in judged:
        was, held = now.get(customer, (tier, False))
        if held or was == tier:
            continue
        counted[was, tier] += 1
        if counted[was, tier] <= SAMPLE:
            sample[was, tier] = (*sample.get((was, tier), ()), customer)
    moves = tuple((was, to, number) for (was, to), number in counted.most_common())
    return Preview(as_of=as_of, customers=len(now), moves=moves, sample=sample)


def impact(old: BlueprintSpec | None, new: BlueprintSpec, asker: User) -> list[Impact]:
    """What a blueprint change means for tiers, for the page that publishes it."""
    if old is not None and _judging(old) == _judging(new):
        return []
    found = preview(new, asker)
    names = {tier.key: tier.label for spec in (old, new) if spec for tier in spec.tiers}
    names[UNPLACED] = Text("未分层", "Not placed yet")
    detail = tuple(_line(names, was, to, number, found, asker) for was, to, number in found.moves)
    title = Text("客户将变动层级", "customers would change tier")
    return [Impact(title=title, count=found.moved, detail=detail)]


def _judging(spec: BlueprintSpec) -> list[tuple[str, object]]:
    return [(tier.key, tier.rule) for tier in spec.tiers]


def _line(names: dict[str, Text], was: str, to: str, number: int, found: Preview, asker: User) -> Text:
    from_, to_ = names.get(was, Text.same(was)), names.get(to, Text.same(to))
    some = "、".join(_codes(asker, found.sample[was, to]))
    more = Text(f",如 {some}", f", such as {some.replace('、', ', ')}") if some else Text("", "")
    return Text(f"{from_.zh} → {to_.zh}:{number:,}", f"{from_.en} → {to_.en}: {number:,}") + more


def _codes(asker: User, ids: tuple[int, ...]) -> list[str]:
    return list(customers.visible_to(asker).filter(pk__in=ids).order_by("pk").values_list("code", flat=True))
