"""The nodes of a rule, and what can be asked of a tree without knowing any customer.

A comparison with a value that is not known is false, for every operator except `empty`; `not` turns that into true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias


class Op(StrEnum):
    """How a value is compared."""

    EQ = "="
    NE = "!="
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"  # a text holds a word; a multi-choice holds an answer
    WITHIN = "within"  # a region or industry lies inside another: see `code_prefix`
    EMPTY = "empty"
    FILLED = "filled"

    @property
    def takes_value(self) -> bool:
        """Whether the test compares with something."""
        return self not in {Op.EMPTY, Op.FILLED}

    @property
    def takes_many(self) -> bool:
        """Whether the test compares with a list."""
        return self in {Op.IN, Op.NOT_IN}


class Relative(StrEnum):
    """What a metric's threshold is measured against."""

    MEAN = "mean"  # value times the mean of all customers
    PERCENTILE = "percentile"  # the value-th percentile of all customers, 0 to 100


RuleValue: TypeAlias = Decimal | date | bool | str | tuple[Decimal | str, ...] | None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no parts it always does."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds; with no parts it never does."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Rule


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A field of the blueprint compared with a value."""

    field: str
    op: Op
    value: RuleValue = None


@dataclass(frozen=True, slots=True)
class MetricTest:
    """A metric compared with a value, with a multiple of the mean or with a percentile."""

    metric: str
    op: Op
    value: RuleValue = None
    relative: Relative | None = None


@dataclass(frozen=True, slots=True)
class InTier:
    """The customer is now in a tier."""

    tier: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """The customer bears a tag."""

    tag: str


Leaf: TypeAlias = FieldTest | MetricTest | InTier | HasTag
Rule: TypeAlias = All | Any | Not | Leaf
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A figure of all customers that a relative test needs: the mean of a metric, or one of its percentiles."""

    metric: str
    relative: Relative
    percentile: Decimal | None = None

    @property
    def key(self) -> str:
        """The name under which the figure is handed over: `spend` for the mean, `spend@90` for a percentile."""
        return self.metric if self.percentile is None else f"{self.metric}@{self.percentile.normalize():f}"


def children(rule: Rule) -> tuple[Rule, ...]:
    """List the nodes directly under one."""
    if isinstance(rule, (All, Any)):
        return rule.parts
    return (rule.part,) if isinstance(rule, Not) else ()


def nodes(rule: Rule) -> Iterator[Rule]:
    """Walk all nodes, parents first."""
    yield rule
    for child in children(rule):
        yield from nodes(child)


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Walk the tests of a rule in the order they are written."""
    for node in nodes(rule):
        if not isinstance(node, (All, Any, Not)):
            yield node


def depth(rule: Rule) -> int:
    """Count the levels of a tree; a single test has one."""
    return 1 + max(map(depth, children(rule)), default=0)


def metrics_used(rule: Rule) -> frozenset[str]:
    """Name the metrics a rule looks at."""
    return frozenset(leaf.metric for leaf in leaves(rule) if isinstance(leaf, MetricTest))


def fields_used(rule: Rule) -> frozenset[str]:
    """Name the fields a rule looks at."""
    return frozenset(leaf.field for leaf in leaves(rule) if isinstance(leaf, FieldTest))


def baselines(rule: Rule) -> tuple[Baseline, ...]:
    """List the means and percentiles of all customers a rule needs, each once."""
    found: dict[str, Baseline] = {}
    for leaf in leaves(rule):
        if isinstance(leaf, MetricTest) and leaf.relative is not None:
            one = baseline_of(leaf)
            found[one.key] = one
    return tuple(found.values())


def baseline_of(test: MetricTest) -> Baseline:
    """Tell what figure a relative test compares with."""
    if test.relative is Relative.PERCENTILE and isinstance(test.value, Decimal):
        return Baseline(test.metric, Relative.PERCENTILE, test.value)
    return Baseline(test.metric, Relative.MEAN)


def code_prefix(code: str) -> str:
    """Give what every code inside a region or industry begins with: 320000 → 32, 320500 → 3205, C35 → C35."""
    if len(code) == 6 and code.isdigit():
        return code.removesuffix("00").removesuffix("00")
    return code


def to_json(rule: Rule) -> Json:
    """Give the form JSON columns and YAML keep."""
    if isinstance(rule, All):
        return {"all": [to_json(part) for part in rule.parts]}
    if isinstance(rule, Any):
        return {"any": [to_json(part) for part in rule.parts]}
    if isinstance(rule, Not):
        return {"not": to_json(rule.part)}
    if isinstance(rule, InTier):
        return {"tier": rule.tier}
    if isinstance(rule, HasTag):
        return {"tag": rule.tag}
    return _test_to_json(rule)


def _test_to_json(test: FieldTest | MetricTest) -> dict[str, Json]:
    written: dict[str, Json]
    written = {"field": test.field} if isinstance(test, FieldTest) else {"metric": test.metric}
    written["op"] = test.op.value
    if test.op.takes_value:
        written["value"] = value_to_json(test.value)
    if isinstance(test, MetricTest) and test.relative is not None:
        written["relative"] = test.relative.value
    return written


def value_to_json(value: RuleValue) -> Json:
    """Write a threshold as the number, text or list people would type."""
    if isinstance(value, tuple):
        return [value_to_json(one) for one in value]
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        near = float(value)
        return near if Decimal(repr(near)) == value else format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def as_groups(rule: Rule) -> list[list[Leaf]] | None:
    """Give a rule as groups of tests: every group holds when one of its tests does; None when it is not of that shape."""
    groups: list[list[Leaf]] = []
    for part in rule.parts if isinstance(rule, All) else (rule,):
        options = part.parts if isinstance(part, Any) else (part,)
        leaves_here = [one for one in options if not isinstance(one, (All, Any, Not))]
        if not leaves_here or len(leaves_here) != len(options):
            return None
        groups.append(leaves_here)
    return groups


def from_groups(groups: list[list[Leaf]]) -> Rule:
    """Build a rule out of groups of tests, without needless brackets."""
    parts = tuple(group[0] if len(group) == 1 else Any(tuple(group)) for group in groups)
    return parts[0] if len(parts) == 1 else All(parts)
