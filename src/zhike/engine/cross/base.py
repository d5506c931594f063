"""What is crossed: one row per customer with tier, RFM class, fields, habits and bands of metrics as text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import ibis
import ibis.expr.types as ir

from zhike.core.fields import FieldSpec
from zhike.core.rules import Rule, fields_used, metrics_used
from zhike.core.rules.classes import CATEGORY, CHANNEL, PAYMENT, RFM, STORE
from zhike.engine import favourites
from zhike.engine.cross.bands import HIGH, LOW, Band, bands, in_band
from zhike.engine.cross.v1 import Dimension
from zhike.engine.distributions import PROVINCE, SECTION
from zhike.engine.lake import Session
from zhike.engine.metrics import metric
from zhike.engine.metrics.exact import day
from zhike.engine.rules import json_extract_string

TIER = "tier"
FIELD, METRIC = "field", "metric"
CODES = {"region": PROVINCE, "industry": SECTION}
ONE_OF = ("choice", "boolean", *CODES)
BUYING = "buying"
# Metrics worth a statement, and what each is made of: those of one make are never crossed, as they follow from one another.
METRICS: Mapping[str, frozenset[str]] = {
    "spend_12m": frozenset({BUYING}),
    "orders_12m": frozenset({BUYING}),
    "average_order": frozenset({BUYING}),
    "recency_days": frozenset({BUYING}),
    "gap_days": frozenset({BUYING}),
    "categories": frozenset({BUYING}),
    "discount_share": frozenset({"discount"}),
    "return_rate": frozenset({"returns"}),
    "online_share": frozenset({"way"}),
    "interactions_90d": frozenset({"contact"}),
    "visits_90d": frozenset({"visits"}),
    "average_rating": frozenset({"rating"}),
    "referrals": frozenset({"referral"}),
    "tenure_days": frozenset({BUYING}),  # who came lately had less time to buy
}
_MAKES = {
    "orders": BUYING, "returns": BUYING, "order_lines": BUYING, "interactions": "contact", "feedback": "rating",
    "events": "visits",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The customers as `v1.find` takes them; `bands` says from where on a metric is high or low."""

    frame: ir.Table
    dimensions: tuple[Dimension, ...]
    bands: Mapping[str, Band] = field(default_factory=dict)


def base(
    session: Session,
    as_of: date,
    metrics: ir.Table,
    *,
    fields: Iterable[FieldSpec] = (),
    rules: Sequence[Rule] = (),
    classes: ir.Table | None = None,
    marks: Mapping[str, ir.Table] | None = None,
) -> Base:
    """The customers of `metrics` (customer_id and, of METRICS, whatever it holds), computed once into the session.

    `rules` are those of the tiers: what a tier is made of is not news about it. `classes` has customer_id and rfm_class;
    `marks` names further tables of customer_id and key that may stand as groups, such as the warning level (RISK).
    """
    keys = [key for key in METRICS if key in metrics.columns]
    edges = {key: band for key, band in bands(session, metrics, keys).items() if band.told()}
    splittable = [one for one in fields if one.type in (*ONE_OF, "multi_choice") and not one.sealed]
    columns = {f"{METRIC}.{key}": in_band(metrics[key], band) for key, band in edges.items()}
    joined = metrics.select("customer_id", **columns)
    joined = _with_fields(session, joined, splittable)
    for key, table in by_customer(session, as_of, classes, marks).items():
        one = table.select(of=table.customer_id, **{key: table.key})
        joined = joined.left_join(one, joined.customer_id == one.of).drop("of")
    return Base(
        frame=session.keep(joined, "base"),
        dimensions=tuple(_dimension(key, rules) for key in joined.columns if key != "customer_id"),
        bands=edges,
    )


def about_metric(key: str) -> frozenset[str]:
    """What a metric is made of."""
    return METRICS.get(key) or frozenset(_MAKES.get(source, source) for source in metric(key).sources)


def about_rules(rules: Iterable[Rule]) -> frozenset[str]:
    """What rules are made of."""
    found: set[str] = set()
    for rule in rules:
        found |= {f"{FIELD}.{key}" for key in fields_used(rule)}
        found = found.union(*(about_metric(key) for key in metrics_used(rule)))
    return frozenset(found)


def _dimension(key: str, rules: Sequence[Rule]) -> Dimension:
    nobody: frozenset[str] = frozenset()
    kind, _, name = key.partition(".")
    if kind == METRIC:
        return Dimension(
            key=key, about=about_metric(name), groups=frozenset({HIGH}), traits=frozenset({HIGH, LOW})
        )
    if kind == FIELD:
        answer = name.partition(".")[2]
        about = frozenset({f"{FIELD}.{name.partition('.')[0]}"})
        only = frozenset({"true"}) if answer else None
        return Dimension(key=key, about=about, groups=only, traits=only, profile=True)
    if kind in {CHANNEL, STORE, PAYMENT, CATEGORY}:
        about = frozenset({"way"}) if kind in {CHANNEL, STORE} else frozenset({kind})
        return Dimension(key=key, about=about, groups=nobody)
    about = about_rules(rules) if kind == TIER else frozenset({BUYING})
    return Dimension(key=key, about=about, traits=nobody)


def _with_fields(session: Session, joined: ir.Table, fields: Sequence[FieldSpec]) -> ir.Table:
    customers = session.table("customers")
    columns: dict[str, ir.Value] = {}
    for one in fields:
        path = f'$."{one.key}"'
        said = json_extract_string(customers.fields, path).nullif("").nullif("[]")
        if one.type == "multi_choice":
            columns |= {
                f"{FIELD}.{one.key}.{choice.value}": _answered(said, choice.value) for choice in one.choices
            }
        else:
            columns[f"{FIELD}.{one.key}"] = said.left(CODES[one.type]) if one.type in CODES else said
    if not columns:
        return joined
    held = customers.select(of=customers.id, **columns)
    return joined.left_join(held, joined.customer_id == held.of).drop("of")


def _answered(said: ir.Value, answer: str) -> ir.Value:
    """Whether a list of answers holds one; null without any answer."""
    quoted = '"' + answer.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return ibis.cases((said.isnull(), ibis.null("string")), (said.contains(quoted), "true"), else_="false")


def by_customer(
    session: Session,
    as_of: date,
    classes: ir.Table | None = None,
    marks: Mapping[str, ir.Table] | None = None,
) -> dict[str, ir.Table]:
    """Tables of customer_id and one key: the tier, the class, marks, and what the customer did most."""
    found: dict[str, ir.Table] = {TIER: _tiers(session, as_of)}
    if classes is not None:
        found[RFM] = classes.select("customer_id", key=classes.rfm_class)
    found |= marks or {}
    return found | {kind: favourites.most(session, kind, as_of) for kind in favourites.TABLES}


def _tiers(session: Session, as_of: date) -> ir.Table:
    placements = session.table("placements")
    now = (placements.since <= day(as_of)) & (placements.until.isnull() | (placements.until > day(as_of)))
    current = placements.filter(now)
    return current.group_by("customer_id").aggregate(key=current.tier.max())
