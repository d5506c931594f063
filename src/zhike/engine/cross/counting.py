"""Count the customers under every pair of values of different dimensions, in two readings of one table.

The table has one row per customer and one text column per dimension, null or empty where nothing is known. Values become
whole numbers first; then every customer has one number per pair, and those are counted, so that no table is joined and memory
does not grow with the customers. The same expressions run on DuckDB and on Spark.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session

SPAN = 1000  # numbers of one dimension: 0 nothing known, 1 another value, 2 and on the values that count
FACTOR = 1_000_000  # above every number: two of them side by side are one
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Customers by code: `single` under one value, `pairs` under two of different dimensions (the earlier dimension first).

    A code is the place of the dimension × SPAN + that of the value in `values` + 2.
    """

    values: Mapping[int, Sequence[str]]
    pairs: Mapping[Pair, int] = field(default_factory=dict)

    def both(self, one: int, other: int) -> int:
        """Customers under two codes of different dimensions."""
        return self.pairs.get((min(one, other), max(one, other)), 0)

    def tables(self) -> dict[Pair, dict[Pair, int]]:
        """The customers of whom both are known, by pair of dimensions and then by pair of codes."""
        found: dict[Pair, dict[Pair, int]] = defaultdict(dict)
        for (one, other), number in self.pairs.items():
            if one % SPAN and other % SPAN:
                found[one // SPAN, other // SPAN][one, other] = number
        return found


def count(session: Session, frame: ir.Table, columns: Sequence[str], *, smallest: int, most: int) -> Counts:
    """Count all pairs; values borne by fewer than `smallest` customers, or beyond the `most` frequent, count as another."""
    values = _values(session, frame, columns, smallest, most)
    rows = session.rows(_pairs(frame, columns, values)) if len(columns) > 1 else []
    return Counts(values, {(int(row["one"]), int(row["other"])): int(row["number"]) for row in rows})


def _values(
    session: Session, frame: ir.Table, columns: Sequence[str], smallest: int, most: int
) -> dict[int, list[str]]:
    """The values of each dimension that count, the most frequent first, then by the alphabet."""
    found: dict[int, list[str]] = {place: [] for place in range(len(columns))}
    if not columns:
        return found
    counted = ibis.union(
        *(
            frame.group_by(place=ibis.literal(place, type="int32"), value=frame[name]).aggregate(
                number=frame.count()
            )
            for place, name in enumerate(columns)
        )
    )
    borne = counted.filter((counted.number >= smallest) & counted.value.notnull() & (counted.value != ""))
    rows = session.rows(borne)
    for row in sorted(rows, key=lambda row: (row["place"], -row["number"], row["value"])):
        if len(found[row["place"]]) < most:
            found[row["place"]].append(row["value"])
    return found


def _pairs(frame: ir.Table, columns: Sequence[str], values: Mapping[int, Sequence[str]]) -> ir.Table:
    """Customers per pair of codes, `one` of an earlier dimension than `other`."""
    codes = {name: _coded(frame[name], place, values[place]) for place, name in enumerate(columns)}
    coded = frame.select(**codes)
    pairs = [coded[one] * FACTOR + coded[other] for one, other in combinations(columns, 2)]
    listed = coded.select(both=ibis.array(pairs).unnest())
    counted = listed.group_by("both").aggregate(number=listed.count())
    return counted.select(one=counted.both // FACTOR, other=counted.both % FACTOR, number="number")


def _coded(column: ir.Value, place: int, values: Sequence[str]) -> ir.Value:
    first = place * SPAN
    tests = [(column == value, first + 2 + rank) for rank, value in enumerate(values)]
    unknown = column.isnull() | (column == "")
    return ibis.cases((unknown, first), *tests, else_=first + 1).cast("int64")
