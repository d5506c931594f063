"""Who would change tier if another blueprint were in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.engine import metrics as engine_metrics
from zhike.engine import tiering
from zhike.insight import queries as insight
from zhike.kernel import bulk, clock, lake
from zhike.kernel.facts import Impact, ImpactLine
from zhike.kernel.models import User
from zhike.tiers import reasons
from zhike.tiers.queries.moving import GAP
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
    as_of = _day()
    return _compared(_standing(*insight.scope_sql(user, "c.id"), as_of), _judged(spec, as_of), as_of)


def _day() -> date:
    run = insight.latest(KIND)
    return run.as_of if run else clock.today()


def _judged(spec: BlueprintSpec, as_of: date) -> list[tuple[int, str]]:
    """The tier each customer would stand in."""
    rules = [tier.rule for tier in spec.tiers if tier.rule is not None]
    with lake.session() as session:
        metrics = engine_metrics.compute(session, as_of, reasons.metrics_of(rules))
        placed = tiering.place(session, metrics, reasons.tier_rules(spec), as_of=as_of)
        sql = f"SELECT customer_id, tier FROM ({session.sql(placed)}) ORDER BY customer_id"
        return session.cursor.execute(sql).fetchall()


def _standing(scope: str, parameters: Sequence[Any], as_of: date) -> dict[int, tuple[str, bool]]:
    """Tier of each customer in scope, and whether it is held by hand."""
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
    draft = blueprints.draft()
    version = str(draft.key) if draft and blueprints.spec_of(draft) == new else ""
    shown = _named(asker, found)
    lines = tuple(
        ImpactLine(
            text=_line(names, was, to, number),
            examples=tuple(shown[pk] for pk in found.sample[was, to] if pk in shown),
            href=_all(was, to, version) if version else "",
        )
        for was, to, number in found.moves
    )
    title = Text("客户将变动层级", "customers would change tier")
    return [Impact(title=title, count=found.moved, lines=lines)]


def _judging(spec: BlueprintSpec) -> list[tuple[str, object]]:
    return [(tier.key, tier.rule) for tier in spec.tiers]


def _line(names: dict[str, Text], was: str, to: str, number: int) -> Text:
    from_, to_ = names.get(was, Text.same(was)), names.get(to, Text.same(to))
    return Text(f"{from_.zh} → {to_.zh}:{number:,}", f"{from_.en} → {to_.en}: {number:,}")


def _named(asker: User, found: Preview) -> dict[int, tuple[str, str]]:
    """The sample's customers by the names the asker may see, each with the page of its own."""
    ids = [pk for some in found.sample.values() for pk in some]
    return {
        one.pk: (customers.shown_name(asker, one), reverse("customers:customer", args=[one.key]))
        for one in customers.visible_to(asker).filter(pk__in=ids)
    }


def _all(was: str, to: str, version: str) -> str:
    return f"{reverse('customers:list')}?{urlencode({'would': GAP.join((was, to, version))})}"


def is_version(key: str) -> bool:
    """Whether there is such a version of a blueprint."""
    try:
        return blueprints.all_versions().filter(key=UUID(key)).exists()
    except ValueError:
        return False


def would_move(found: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Narrow customers to those whom a version (tier ~ tier ~ version) would move so; something else finds nobody."""
    try:
        was, to, key = value.split(GAP)
        version = blueprints.all_versions().filter(key=UUID(key)).first()
    except ValueError:
        version = None
    if version is None:
        return found.none()
    as_of = _day()
    now, judged = _standing("TRUE", (), as_of), _judged(blueprints.spec_of(version), as_of)
    ids = [one for one, tier in judged if tier == to and now.get(one) == (was, False)]
    return found.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [ids]))
