"""The nodes of a rule, and what can be asked of a tree without knowing any customer.

A comparison with a value that is not known is false, for every operator except `empty`; `not` turns that into true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias

from zhike.core.birthdays import Calendar
from zhike.core.rules.doings import DOINGS, Doing
from zhike.core.rules.spans import ALWAYS, Span, Within


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
    WITHIN_LAST = "within_last"  # a date lies in the last so many days or months, today among them
    WITHIN_NEXT = "within_next"  # … in the next ones, today among them
    OLDER_THAN = "older_than"  # … before them
    LATER_THAN = "later_than"  # … after them
    BIRTHDAY = "birthday"  # the day and month of a date come round in the next so many days

    @property
    def takes_value(self) -> bool:
        """Whether the test compares with something."""
        return self not in {Op.EMPTY, Op.FILLED}

    @property
    def takes_span(self) -> bool:
        """Whether the test compares a date with a stretch of time from the day of asking."""
        return self in SPANS

    @property
    def takes_many(self) -> bool:
        """Whether the test compares with a list."""
        return self in {Op.IN, Op.NOT_IN}


SPANS = frozenset({Op.WITHIN_LAST, Op.WITHIN_NEXT, Op.OLDER_THAN, Op.LATER_THAN, Op.BIRTHDAY})


class Relative(StrEnum):
    """What a metric's threshold is measured against."""

    MEAN = "mean"  # value times the mean of all customers
    PERCENTILE = "percentile"  # the value-th percentile of all customers, 0 to 100


RuleValue: TypeAlias = Decimal | date | bool | str | Span | tuple[Decimal | str, ...] | None


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
    calendar: Calendar = Calendar.SOLAR  # by which a birthday comes round


@dataclass(frozen=True, slots=True)
class Grouping:
    """The customers one is compared with: those with the same value of a field, or in the same tier when `field` is "".

    Of a code only the first `lead` characters count (0: all): an industry at its division, a region at its province.
    """

    field: str
    lead: int = 0

    @property
    def key(self) -> str:
        """How it is written: the field's key, or `tier`."""
        return self.field or "tier"


@dataclass(frozen=True, slots=True)
class MetricTest:
    """A metric compared with a value, or with a multiple of the mean or a percentile of all customers or of the own group."""

    metric: str
    op: Op
    value: RuleValue = None
    relative: Relative | None = None
    by: Grouping | None = None


@dataclass(frozen=True, slots=True)
class InTier:
    """The customer is now in a tier."""

    tier: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """The customer bears a tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class InSegment:
    """The customer is a member of a segment."""

    segment: str


@dataclass(frozen=True, slots=True)
class InClass:
    """The customer is in a class of a kind (`classes.CLASSES`), such as an RFM class or those who buy mostly through a channel."""

    of: str
    key: str


@dataclass(frozen=True, slots=True)
class Where:
    """Which facts count: those whose column is, or is not, one of some texts, contains a text, or compares with a number."""

    column: str
    op: Op
    value: Decimal | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Did:
    """How often a customer did something, or how much it came to (`total`: the column added up), compared with a number."""

    did: str
    op: Op = Op.GE
    times: Decimal = Decimal(1)
    within: Within = ALWAYS
    where: tuple[Where, ...] = ()
    total: str = ""

    @property
    def doing(self) -> Doing:
        """What is counted."""
        return DOINGS[self.did]

    @property
    def key(self) -> str:
        """A name for the figure that is compared, the same for all tests that compare it."""
        told = repr((self.did, self.within, self.where, self.total))
        return f"did_{self.did}_{sha256(told.encode()).hexdigest()[:12]}"


Standing: TypeAlias = InTier | HasTag | InSegment | InClass
Leaf: TypeAlias = FieldTest | MetricTest | Standing | Did
Rule: TypeAlias = All | Any | Not | Leaf
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A figure of all customers that a relative test needs: the mean of a metric, or one of its percentiles."""

    metric: str
    relative: Relative
    percentile: Decimal | None = None
    by: Grouping | None = None

    @property
    def key(self) -> str:
        """The name under which the figure is handed over: `spend` for the mean, `spend@90` for a percentile.

        By group it is `spend by region`, and the figure of each group stands under `in_group`.
        """
        name = self.metric if self.percentile is None else f"{self.metric}@{self.percentile.normalize():f}"
        return name if self.by is None else f"{name} by {self.by.key}"

    def in_group(self, group: str) -> str:
        """The name of one group's figure: `spend by region=32`."""
        return f"{self.key}={group}"


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


def doings_used(rule: Rule) -> frozenset[str]:
    """Name what a rule asks to have been done."""
    return frozenset(leaf.did for leaf in leaves(rule) if isinstance(leaf, Did))


def segments_used(rule: Rule) -> frozenset[str]:
    """Name the segments a rule looks at."""
    return frozenset(leaf.segment for leaf in leaves(rule) if isinstance(leaf, InSegment))


def classes_used(rule: Rule) -> frozenset[str]:
    """Name the kinds of classes a rule looks at."""
    return frozenset(leaf.of for leaf in leaves(rule) if isinstance(leaf, InClass))


def dids(rule: Rule) -> tuple[Did, ...]:
    """List the figures of things done that a rule compares, each once."""
    return tuple({leaf.key: leaf for leaf in leaves(rule) if isinstance(leaf, Did)}.values())


def values_needed(rule: Rule) -> frozenset[str]:
    """Name the metrics and the figures of things done that are computed before a rule can be decided."""
    return metrics_used(rule) | {one.key for one in dids(rule)}


def baselines(rule: Rule) -> tuple[Baseline, ...]:
    """List the means and percentiles of all customers a rule needs, each once."""
    return tuple(one for one in _compared(rule) if one.by is None)


def grouped_baselines(rule: Rule) -> tuple[Baseline, ...]:
    """List the means and percentiles of groups of customers a rule needs, each once."""
    return tuple(one for one in _compared(rule) if one.by is not None)


def _compared(rule: Rule) -> tuple[Baseline, ...]:
    tests = [leaf for leaf in leaves(rule) if isinstance(leaf, MetricTest) and leaf.relative is not None]
    return tuple({one.key: one for one in map(baseline_of, tests)}.values())


def baseline_of(test: MetricTest) -> Baseline:
    """Tell what figure a relative test compares with."""
    if test.relative is Relative.PERCENTILE and isinstance(test.value, Decimal):
        return Baseline(test.metric, Relative.PERCENTILE, test.value, test.by)
    return Baseline(test.metric, Relative.MEAN, by=test.by)


def code_prefix(code: str) -> str:
    """Give what every code inside a region or industry begins with: 320000 → 32, 320500 → 3205, C35 → C35."""
    if len(code) == 6 and code.isdigit():
        return code.removesuffix("00").removesuffix("00")
    return code


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
