"""Cross analysis v1: which traits are clearly more common in which groups of customers. Frozen once released.

A group and a trait are values of two different dimensions. A statement is about the customers of whom both are known: the
share of the group that has the trait, and how many times the share among all of them that is. Every pair is tested, except
where one dimension follows from the other (spend and a tier by spend); what remains after correction for the number of
tests is ranked by the lower end of the lift × the share, and what says nearly the same about nearly the same customers as a
better statement is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import ibis.expr.types as ir

from zhike.engine.cross.chance import Fourfold, adjusted, lift_interval, p_value, share_interval
from zhike.engine.cross.counting import SPAN, Counts, Pair, count
from zhike.engine.lake import Session

METHOD = "cross"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A text column of the table of customers.

    `about` names what its values are made of: two dimensions about the same thing are not crossed. `groups` and `traits` are
    the values that may stand on that side of a statement (None: every value). A `profile` is what a customer is: two of
    them that go together closely, such as size of household and number of children, are no news either.
    """

    key: str
    about: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    traits: frozenset[str] | None = None
    profile: bool = False

    def tells(self, other: "Dimension") -> bool:
        """Whether a statement about both would only repeat a definition."""
        return not self.about.isdisjoint(other.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What makes a statement worth telling."""

    group: int = 30  # customers in the group, and as many outside
    both: int = 5  # of them with the trait
    values: int = 20  # of one dimension, the most frequent
    rate: float = 0.05  # of false statements among those told
    lift: float = 1.2  # the least lower end
    overlap: float = 0.7  # of the customers under either value, from which on two values are nearly the same
    profile: float = 0.4  # Cramér's V of two profiles from which on they go together closely
    most: int = 200


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dimension."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement: of the group's customers, so many have the trait; `p` for it alone, `q` after correction."""

    group: Value
    trait: Value
    seen: Fourfold
    p: float
    q: float

    @property
    def share_range(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return share_interval(self.seen.both, self.seen.group)

    @property
    def lift_range(self) -> tuple[float, float]:
        """The 95 % interval of the lift."""
        return lift_interval(self.seen)

    @property
    def usefulness(self) -> float:
        """The lower end of the lift × the share: clear, and true of many."""
        return self.lift_range[0] * self.seen.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The statements, the most useful first, and from how many customers, pairs and tests they were chosen."""

    told: tuple[Finding, ...]
    customers: int
    tests: int
    clear: int


def find(
    session: Session, frame: ir.Table, dimensions: Sequence[Dimension], limits: Limits | None = None
) -> Findings:
    """The statements that matter about a table with one row per customer and a text column per dimension.

    Null and empty values are unknown. The answer depends on the rows only, not on their order or on the engine.
    """
    limits = limits or Limits()
    columns = [one.key for one in dimensions]
    counts = count(session, frame, columns, smallest=limits.both, most=limits.values)
    tested = list(_tested(counts, dimensions, limits))
    rates = adjusted([p for *_, p in tested])
    found = [
        _Candidate(Finding(group=group, trait=trait, seen=seen, p=p, q=q), codes)
        for (group, trait, seen, codes, p), q in zip(tested, rates, strict=True)
        if _clear(seen, q, limits)
    ]
    return Findings(
        told=_told(found, counts, limits),
        customers=int(session.rows(frame.aggregate(number=frame.count()))[0]["number"]),
        tests=len(tested),
        clear=len(found),
    )


@dataclass(frozen=True)
class _Candidate:
    """A clear statement with the codes of its group and its trait."""

    finding: Finding
    codes: Pair

    @cached_property
    def order(self) -> tuple[float, str, str, str, str]:
        """The most useful first; equal ones by name."""
        group, trait = self.finding.group, self.finding.trait
        return (
            -round(self.finding.usefulness, 9),
            group.dimension,
            group.value,
            trait.dimension,
            trait.value,
        )


_Test = tuple[Value, Value, Fourfold, Pair, float]


def _tested(counts: Counts, dimensions: Sequence[Dimension], limits: Limits) -> Iterable[_Test]:
    """Every pair that may become a statement, with its p."""
    for (one, other), table in sorted(counts.tables().items()):
        if dimensions[one].tells(dimensions[other]):
            continue
        cells = _Cells(table)
        if dimensions[one].profile and dimensions[other].profile and cells.association() >= limits.profile:
            continue
        for group, trait in ((one, other), (other, one)):
            for codes, seen in cells.fourfolds(_codes(counts, dimensions, group, trait), limits):
                named = [Value(dimensions[code // SPAN].key, _value(counts, code)) for code in codes]
                yield named[0], named[1], seen, codes, p_value(seen)


def _codes(counts: Counts, dimensions: Sequence[Dimension], group: int, trait: int) -> list[Pair]:
    groups, traits = (
        [
            place * SPAN + 2 + rank
            for rank, value in enumerate(counts.values[place])
            if allowed is None or value in allowed
        ]
        for place, allowed in ((group, dimensions[group].groups), (trait, dimensions[trait].traits))
    )
    return [(one, other) for one in groups for other in traits]


def _value(counts: Counts, code: int) -> str:
    return counts.values[code // SPAN][code % SPAN - 2]


class _Cells:
    """The customers of two dimensions of whom both are known, with the sums of either side."""

    def __init__(self, table: dict[Pair, int]) -> None:
        self.table = table
        self.whole = sum(table.values())
        self.sums: dict[int, int] = {}
        for codes, number in table.items():
            for code in codes:
                self.sums[code] = self.sums.get(code, 0) + number

    def association(self) -> float:
        """How closely the two go together, 0 to 1: Cramér's V (H. Cramér, Mathematical Methods of Statistics, 1946)."""
        rows, columns = ({codes[side] for codes in self.table} for side in (0, 1))
        squares = sum(
            number * number / (self.sums[one] * self.sums[other])
            for (one, other), number in self.table.items()
        )
        return sqrt(max(squares - 1, 0.0) / max(min(len(rows), len(columns)) - 1, 1))

    def fourfolds(self, wanted: Iterable[Pair], limits: Limits) -> Iterable[tuple[Pair, Fourfold]]:
        """The pairs (group, trait) with enough customers to be tested."""
        for group, trait in wanted:
            size, having = self.sums.get(group, 0), self.sums.get(trait, 0)
            if min(size, self.whole - size) >= limits.group and limits.both <= having < self.whole:
                both = self.table.get((min(group, trait), max(group, trait)), 0)
                yield (group, trait), Fourfold(both, size, having, self.whole)


def _clear(seen: Fourfold, q: float, limits: Limits) -> bool:
    return q <= limits.rate and seen.both >= limits.both and lift_interval(seen)[0] >= limits.lift


def _told(found: Iterable[_Candidate], counts: Counts, limits: Limits) -> tuple[Finding, ...]:
    """The most useful, without those that repeat a better one."""
    alike = _Alike(counts, limits.overlap)
    told: list[_Candidate] = []
    for one in sorted(found, key=lambda one: one.order):
        if len(told) == limits.most:
            break
        if not any(alike.repeats(one.codes, better.codes) for better in told):
            told.append(one)
    return tuple(one.finding for one in told)


class _Alike:
    """Which values cover nearly the same customers."""

    def __init__(self, counts: Counts, overlap: float) -> None:
        self.counts = counts
        self.overlap = overlap
        self.sizes: dict[int, int] = {}
        for (one, other), number in counts.pairs.items():
            # Every customer is paired once with each other dimension; one of them is enough to know a size.
            first, last = one // SPAN, len(counts.values) - 1
            if first == 0:
                self.sizes[other] = self.sizes.get(other, 0) + number
                if other // SPAN == last:
                    self.sizes[one] = self.sizes.get(one, 0) + number

    def repeats(self, codes: Pair, better: Pair) -> bool:
        """Whether a statement says what a better one does: turned round, or nearly the same group and trait."""
        if codes == (better[1], better[0]):
            return True
        return self.same(codes[0], better[0]) and self.same(codes[1], better[1])

    def same(self, one: int, other: int) -> bool:
        """Whether two values cover nearly the same customers; two values of one dimension never do."""
        if one // SPAN == other // SPAN:
            return one == other
        together = self.counts.both(one, other)
        either = self.sizes.get(one, 0) + self.sizes.get(other, 0) - together
        return together >= self.overlap * either > 0
