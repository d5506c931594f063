"""Geometry of the page's charts: boxes in per cent, so that words keep their size on a phone and no script is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhike.core.charts import ink_on
from zhike.instant.report import Bars, Heat, Part, Unit, money_short, written

TICKS = 4
LABELS = 12
SHORT = 3  # letters of a label that fits on a phone as well


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of a treemap, in per cent of the whole."""

    left: float
    top: float
    width: float
    height: float
    part: Part

    @property
    def ink(self) -> str:
        """The colour of words on it."""
        return ink_on(self.part.color)

    @property
    def small(self) -> bool:
        """Too small for words."""
        return self.width < 9 or self.height < 14


def tiles(parts: Sequence[Part], *, across: float = 2.2) -> list[Tile]:
    """A squarified treemap (Bruls, Huizing & van Wijk, 2000); `across`: width by height of the whole."""
    ordered = sorted((one for one in parts if one.value > 0), key=lambda one: -one.value)
    total = sum(one.value for one in ordered)
    if not total:
        return []
    found: list[Tile] = []
    left, top, width, height = 0.0, 0.0, across, 1.0
    areas = [one.value / total * across for one in ordered]
    start = 0
    while start < len(ordered):
        side = min(width, height)
        end = start + 1
        while end < len(ordered) and _worst(areas[start : end + 1], side) <= _worst(areas[start:end], side):
            end += 1
        row = areas[start:end]
        thick = sum(row) / side
        at = 0.0
        for part, area in zip(ordered[start:end], row, strict=True):
            long = area / thick
            box = (left, top + at, thick, long) if width >= height else (left + at, top, long, thick)
            x, y, w, h = (round(one * 100, 3) for one in (box[0] / across, box[1], box[2] / across, box[3]))
            found.append(Tile(x, y, w, h, part))
            at += long
        if width >= height:
            left, width = left + thick, width - thick
        else:
            top, height = top + thick, height - thick
        start = end
    return found


def _worst(row: Sequence[float], side: float) -> float:
    total = sum(row)
    return max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row)))


@dataclass(frozen=True, slots=True)
class Upright:
    """One label with one or two bars: heights in per cent; `fate`: whether its label is written, and on a phone."""

    label: str
    fate: str
    height: float
    said: str
    color: str
    other: float | None
    other_said: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Upright bars with the ticks of their scale."""

    bars: list[Upright]
    ticks: list[tuple[float, str]]
    narrow: bool
    twin: bool


def bars(chart: Bars) -> Drawn:
    """Bars from nothing up to a round number; what lies below nothing is drawn as nothing and said in words."""
    values = [max(one.value, 0) for one in chart.bars] + [one.other or 0 for one in chart.bars]
    step = _round_step(max(values, default=0))
    top = step * TICKS
    every = max(1, -(-len(chart.bars) // LABELS))
    drawn = [
        Upright(
            one.label,
            _fate(place, every, one.label),
            round(max(one.value, 0) / top * 100, 2),
            one.said,
            one.color,
            None if one.other is None else round(one.other / top * 100, 2),
            one.other_said,
        )
        for place, one in enumerate(chart.bars)
    ]
    ticks = [
        (round(number / TICKS * 100, 2), _tick(step * number, chart.unit)) for number in range(TICKS + 1)
    ]
    return Drawn(drawn, ticks, len(drawn) > LABELS, any(one.other is not None for one in chart.bars))


def _fate(place: int, every: int, label: str) -> str:
    """Whether a label is written: everywhere, not on a phone, or nowhere."""
    if place % every:
        return "silent"
    return "sparse" if len(label) > SHORT and place % (every * 3) else ""


def _round_step(most: float) -> float:
    if most <= 0:
        return 1.0
    rough = most / TICKS
    unit = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 0.1
    if rough < 0.1:
        return rough
    return next(unit * times for times in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if unit * times >= rough)


def _tick(value: float, unit: Unit) -> str:
    return money_short(round(value, 6)) if unit == "money" else written(round(value, 6), "plain")


@dataclass(frozen=True, slots=True)
class Warm:
    """A cell of a heat map."""

    text: str
    color: str
    ink: str


def heat(chart: Heat) -> list[tuple[str, str, list[Warm | None]]]:
    """Cells from pale to full ink: the darkest is the largest value."""
    most = max((value for _, _, row in chart.rows for value in row if value is not None), default=0) or 1
    return [(label, beside, [_warm(value, most) for value in row]) for label, beside, row in chart.rows]


def _warm(value: float | None, most: float) -> Warm | None:
    if value is None:
        return None
    weight = min(value / most, 1.0) ** 0.7
    pale, full = (244, 247, 248), (15, 110, 100)
    color = "#" + "".join(f"{round(a + (b - a) * weight):02x}" for a, b in zip(pale, full, strict=True))
    return Warm(f"{value * 100:.0f}", color, ink_on(color))
