"""High and low of a metric: from which value on a customer is among the highest fifth or so, by values that occur."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session

HIGH, MIDDLE, LOW = "high", "middle", "low"
WIDEST = Decimal("0.3")  # a band with more customers is not worth the word
NUMBER = "decimal(24, 6)"


@dataclass(frozen=True, slots=True)
class Band:
    """High from `high` on (inclusive), low below `low`; None where too many customers share a value to tell."""

    high: Decimal | None = None
    low: Decimal | None = None

    def told(self) -> bool:
        """Whether either is known."""
        return self.high is not None or self.low is not None


def bands(session: Session, metrics: ir.Table, keys: Sequence[str]) -> dict[str, Band]:
    """For each metric the least value that at most WIDEST of the customers reach, and the largest that so many are below."""
    if not keys:
        return {}
    counted = ibis.union(*(_counted(metrics, place, key) for place, key in enumerate(keys)))
    rows = session.rows(counted.order_by("place", "value"))
    by_key: dict[str, list[tuple[Decimal, int, int]]] = {key: [] for key in keys}
    for row in rows:
        by_key[keys[row["place"]]].append((row["value"], row["below"], row["whole"]))
    return {key: _band(found) for key, found in by_key.items()}


def in_band(column: ir.Value, band: Band) -> ir.StringValue:
    """The word for a value; null where it is unknown."""
    value = column.cast(NUMBER)
    tests = [] if band.high is None else [(value >= _number(band.high), HIGH)]
    tests += [] if band.low is None else [(value < _number(band.low), LOW)]
    return ibis.cases((column.isnull(), ibis.null("string")), *tests, else_=MIDDLE)


def _counted(metrics: ir.Table, place: int, key: str) -> ir.Table:
    """The two values at the edges of the bands, with how many customers are below them and how many there are."""
    known = metrics.filter(metrics[key].notnull()).select(value=metrics[key].cast(NUMBER))
    sizes = known.group_by("value").aggregate(number=known.count())
    upwards = ibis.window(order_by=sizes.value, preceding=None, following=0)
    run = sizes.mutate(reached=sizes.number.sum().over(upwards), whole=sizes.number.sum().over(ibis.window()))
    placed = run.mutate(below=run.reached - run.number)
    tenths = placed.whole * int(WIDEST * 10)
    edges = placed.aggregate(
        high=placed.value.min(where=(placed.whole - placed.below) * 10 <= tenths),
        low=placed.value.max(where=placed.below * 10 <= tenths),
    )
    near = placed.cross_join(edges)
    kept = near.filter((near.value == near.high) | (near.value == near.low))
    return kept.select(
        place=ibis.literal(place, type="int32"),
        value=kept.value,
        below=kept.below.cast("int64"),
        whole=kept.whole.cast("int64"),
    )


def _band(found: Sequence[tuple[Decimal, int, int]]) -> Band:
    high = [value for value, below, whole in found if 0 < whole - below <= whole * WIDEST]
    low = [value for value, below, whole in found if 0 < below <= whole * WIDEST]
    return Band(high=_plain(min(high, default=None)), low=_plain(max(low, default=None)))


def _plain(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value.normalize():f}")


def _number(value: Decimal) -> ir.Value:
    return ibis.literal(value, type=NUMBER)


def as_json(found: Mapping[str, Band]) -> dict[str, list[str | None]]:
    """Bands as JSON keeps them: high and low."""
    return {
        key: [None if end is None else str(end) for end in (one.high, one.low)] for key, one in found.items()
    }
