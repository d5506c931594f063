"""Which tables of the lake a rule is answered from, and whether it can be asked of some customers alone."""

from zhike.core.rules import (
    FieldTest,
    HasTag,
    InSegment,
    InTier,
    MetricTest,
    Rule,
    baselines,
    classes_used,
    dids,
    grouped_baselines,
    leaves,
    metrics_used,
)
from zhike.engine import favourites
from zhike.engine.metrics import metric


def tables_of(rule: Rule) -> tuple[str, ...]:
    """The tables of the lake whose rows decide the rule, the customers first."""
    found = ["customers"]
    for key in sorted(metrics_used(rule)):
        found += ["orders", *metric(key).sources]  # who is known is told by the orders
    for test in dids(rule):
        found.append(test.doing.table)
        if any(test.doing.columns[one.column].of_line for one in test.where):
            found.append("order_lines")
    tests = list(leaves(rule))
    found += ["placements"] * any(isinstance(one, InTier) or _within_tiers(one) for one in tests)
    found += ["taggings"] * any(isinstance(one, HasTag) for one in tests)
    found += ["memberships"] * any(isinstance(one, InSegment) for one in tests)
    for kind in sorted(classes_used(rule)):
        found.append(favourites.TABLES.get(kind, "classes"))
    return tuple(dict.fromkeys(found))


def _within_tiers(test: object) -> bool:
    return isinstance(test, MetricTest) and test.by is not None and not test.by.field


def reads_fields(rule: Rule) -> bool:
    """Whether the blueprint's fields are looked at, which costs a look into a document per customer."""
    return any(
        isinstance(one, FieldTest) or (isinstance(one, MetricTest) and one.by and one.by.field)
        for one in leaves(rule)
    )


def stands_alone(rule: Rule) -> bool:
    """Whether a customer's own facts decide the rule: what others do cannot move anybody in or out."""
    return not baselines(rule) and not grouped_baselines(rule)
