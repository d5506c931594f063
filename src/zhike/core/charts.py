"""Charts as data: typed builders that give an ECharts option and the same numbers as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from zhike.core.chart_tables import ChartTable as ChartTable
from zhike.core.figures import Unit
from zhike.core.text import Text

Number = int | float | Decimal
Label = str | Text
Options = dict[str, Any]

INK = "#0f6e64"
RISK = "#c4472f"
GREY = "#7b8794"
LINE = "#eef1f4"
DARK = "#2b3742"
# Tier colours are fixed everywhere (design/base.css names the same); a tier's colour is a word, never a code.
TIER_COLORS = {"strategic": "#7a4fb5", "core": INK, "potential": "#2f6fd6", "ordinary": GREY, "risk": RISK}
# For series without a meaning of their own: calm, distinguishable in print and to colour-blind readers.
PALETTE = (INK, "#2f6fd6", "#b7791f", "#7a4fb5", "#5d8f88", GREY, "#9c4668", "#4f7a28")


@dataclass(frozen=True, slots=True)
class Chart:
    """What `<c-chart>` takes: the ECharts option and the table beside it."""

    options: Options
    table: ChartTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One bar, tile or step: its label, value, colour (a tier's word or a code) and the page behind it."""

    label: Label
    value: Number
    color: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line or one set of bars over common labels; None leaves a gap."""

    name: Label
    values: Sequence[Number | None]
    color: str = ""
    urls: Sequence[str] = field(default_factory=tuple)


def color_of(word: str, position: int = 0) -> str:
    """A tier's fixed colour, a given code, or the next of the palette."""
    return TIER_COLORS.get(word) or word or PALETTE[position % len(PALETTE)]


def shades(number: int, color: str = INK) -> list[str]:
    """So many shades of one colour, pale to full: for series that follow one another."""
    full = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    weights = [0.3 + 0.7 * (place + 1) / number for place in range(number)]
    return ["#" + "".join(f"{round(255 - (255 - part) * weight):02x}" for part in full) for weight in weights]


def ink_on(color: str) -> str:
    """White on dark colours, dark on pale ones."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#ffffff" if red * 0.299 + green * 0.587 + blue * 0.114 < 150 else DARK


def _number(value: Number | None) -> float | int | None:
    return float(value) if isinstance(value, Decimal) else value


def _frame(unit: Unit, **options: object) -> Options:
    """What all charts share; `zhike.unit` tells charts.js how to write numbers."""
    return {"animation": False, "zhike": {"unit": unit}, **options}


def _grid(*, legend: bool = False, wide_labels: bool = False) -> Options:
    return {
        "left": 12 if not wide_labels else 16,
        "right": 20,
        "top": 40 if legend else 20,
        "bottom": 12,
        "containLabel": True,
    }


def _names(labels: Iterable[Label], **more: object) -> Options:
    return {
        "type": "category",
        "data": [str(label) for label in labels],
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "#9aa5b1"}},
        **more,
    }


def _scale(**more: object) -> Options:
    return {"type": "value", "splitNumber": 4, "splitLine": {"lineStyle": {"color": LINE}}, **more}


def _whole(series: Sequence[Series], unit: Unit) -> Options:
    """Shares end at 100 %: a scale up to 120 % would promise what cannot be."""
    near = [float(value) for one in series for value in one.values if value is not None]
    return {"max": 1} if unit == "share" and near and 0.8 < max(near) <= 1 else {}


def _points(series: Series, position: int) -> list[Options]:
    color = color_of(series.color, position)
    urls = [*series.urls, *[""] * (len(series.values) - len(series.urls))]
    return [
        {"value": _number(value), "url": url, "itemStyle": {"color": color}}
        for value, url in zip(series.values, urls, strict=True)
    ]


def _items_table(items: Sequence[Item], columns: tuple[Label, Label], unit: Unit) -> ChartTable:
    rows = [(item.label, item.value) for item in items]
    return ChartTable(columns, rows, unit, [item.url for item in items])


def bar(
    items: Sequence[Item],
    *,
    columns: tuple[Label, Label],
    unit: Unit = "count",
    across: bool = False,
) -> Chart:
    """One bar per item; `across` lays them on their side, for long labels."""
    data = [
        {
            "value": _number(item.value),
            "url": item.url,
            "itemStyle": {"color": color_of(item.color or INK), "borderRadius": 2},
        }
        for item in items
    ]
    labels = [item.label for item in items]
    names, values = _names(labels), _scale()
    if across:
        names |= {"inverse": True, "axisLine": {"show": False}}
    options = _frame(
        unit,
        grid=_grid(wide_labels=across),
        tooltip={"trigger": "item"},
        xAxis=values if across else names,
        yAxis=names if across else values,
        series=[
            {
                "type": "bar",
                "name": str(columns[1]),
                "barMaxWidth": 18 if across else 38,
                "data": data,
                "label": {"show": True, "position": "right" if across else "top", "color": "#49566c"},
            }
        ],
    )
    return Chart(options, _items_table(items, columns, unit))


def _series_table(labels: Sequence[Label], series: Sequence[Series], first: Label, unit: Unit) -> ChartTable:
    rows = [(label, *(one.values[place] for one in series)) for place, label in enumerate(labels)]
    return ChartTable((first, *(one.name for one in series)), rows, unit)


def _over(labels: Sequence[Label], series: Sequence[Series], unit: Unit, drawn: list[Options]) -> Options:
    legend = len(series) > 1
    return _frame(
        unit,
        grid=_grid(legend=legend),
        legend={
            "show": legend,
            "type": "scroll",
            "top": 4,
            "right": 8,
            "left": 8,
            "icon": "roundRect",
            "itemWidth": 10,
            "itemHeight": 10,
        },
        tooltip={"trigger": "axis"},
        xAxis=_names(labels),
        yAxis=_scale(**_whole(series, unit)),
        series=drawn,
    )


def bars(
    labels: Sequence[Label],
    series: Sequence[Series],
    *,
    first: Label,
    unit: Unit = "count",
    stacked: bool = False,
) -> Chart:
    """Several sets of bars over the same labels, side by side or stacked."""
    drawn = [
        {
            "type": "bar",
            "name": str(one.name),
            "barMaxWidth": 38,
            "color": color_of(one.color, position),
            "data": _points(one, position),
            **({"stack": "all"} if stacked else {}),
        }
        for position, one in enumerate(series)
    ]
    return Chart(_over(labels, series, unit, drawn), _series_table(labels, series, first, unit))


def line(
    labels: Sequence[Label],
    series: Sequence[Series],
    *,
    first: Label,
    unit: Unit = "count",
    mark: Label = "",
    mark_at: Label = "",
) -> Chart:
    """Values over time; `mark_at` draws an upright line with the words `mark`, where a strategy began."""
    drawn: list[Options] = [
        {
            "type": "line",
            "name": str(one.name),
            "symbolSize": 6,
            "connectNulls": False,
            "color": color_of(one.color, position),
            "lineStyle": {"width": 2},
            "data": _points(one, position),
        }
        for position, one in enumerate(series)
    ]
    options = _over(labels, series, unit, drawn)
    if mark and drawn:
        drawn[0]["markLine"] = _mark(mark, mark_at)
        options["grid"]["top"] += 16  # room for the words above the line
    return Chart(options, _series_table(labels, series, first, unit))


def _mark(words: Label, at: Label) -> Options:
    return {
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": GREY, "type": "dashed"},
        "label": {"formatter": str(words), "color": "#49566c", "position": "end", "distance": 4},
        "data": [{"xAxis": str(at)}],
    }


def treemap(items: Sequence[Item], *, columns: tuple[Label, Label], unit: Unit = "count") -> Chart:
    """Areas in proportion to their values, for parts of one whole."""
    tiles = [
        _tile(item, color_of(item.color, position)) for position, item in enumerate(items) if item.value > 0
    ]
    series = {
        "type": "treemap",
        "roam": False,
        "nodeClick": False,
        "breadcrumb": {"show": False},
        "left": 0,
        "right": 0,
        "top": 0,
        "bottom": 0,
        "itemStyle": {"borderColor": "#fff", "borderWidth": 0, "gapWidth": 2},
        "label": {"zhike": "name_and_value", "fontSize": 11, "overflow": "break", "padding": 1},
        "data": tiles,
    }
    return Chart(
        _frame(unit, tooltip={"trigger": "item"}, series=[series]), _items_table(items, columns, unit)
    )


def _tile(item: Item, color: str) -> Options:
    return {
        "name": str(item.label),
        "value": _number(item.value),
        "url": item.url,
        "itemStyle": {"color": color},
        "label": {"color": ink_on(color)},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a waterfall: a change, or the level where it starts and ends."""

    label: Label
    value: Number
    level: bool = False
    url: str = ""


def waterfall(steps: Sequence[Step], *, columns: tuple[Label, Label], unit: Unit = "money_short") -> Chart:
    """From an opening level through changes to a closing level."""
    floor: list[float] = []
    shown: list[Options] = []
    levels: list[float] = []
    for step in steps:
        change = float(step.value)
        before = 0.0 if step.level or not levels else levels[-1]
        levels.append(before + change)
        floor.append(min(before, levels[-1]))
        shown.append(_step(step, change))
    hidden = {"color": "transparent"}
    invisible = {"type": "bar", "stack": "all", "silent": True, "itemStyle": hidden, "data": floor}
    visible = {
        "type": "bar",
        "stack": "all",
        "name": str(columns[1]),
        "barMaxWidth": 38,
        "data": shown,
        "label": {"show": True, "position": "top", "zhike": "signed", "color": "#49566c"},
    }
    options = _frame(
        unit,
        zhike={"unit": unit, "turns": True},  # on its side where amounts have no room beside one another
        grid=_grid(),
        tooltip={"trigger": "item"},
        xAxis=_names([step.label for step in steps]),
        yAxis=_scale(min=_foot(levels)),
        series=[invisible, visible],
    )
    rows = [(step.label, step.value) for step in steps]
    return Chart(options, ChartTable(columns, rows, unit, [step.url for step in steps]))


def _foot(levels: Sequence[float]) -> float:
    """Where the axis begins: near the levels when all are far from nothing, so that changes can be seen."""
    low, high = min(levels, default=0.0), max(levels, default=0.0)
    if low <= high * 0.5:
        return min(low, 0.0)
    unit = 10.0 ** max(len(str(int(high - low or high))) - 1, 0)
    return max(0.0, (low - (high - low) * 1.5) // unit * unit)


def _step(step: Step, change: float) -> Options:
    color = GREY if step.level else INK if change >= 0 else RISK
    return {
        "value": abs(change),
        "signed": change,
        "url": step.url,
        "itemStyle": {"color": color, "borderRadius": 2},
    }


def matrix(
    rows: Sequence[Label],
    columns: Sequence[Label],
    values: Sequence[Sequence[Number | None]],
    *,
    first: Label,
    unit: Unit = "count",
    color: Literal["core", "strategic", "potential", "risk"] = "core",
    urls: Sequence[Sequence[str]] = (),
) -> Chart:
    """A heat map: `values[row][column]`, darker is more."""
    cells = [
        {
            "name": f"{rows[y]} · {columns[x]}",
            "value": [x, y, _number(value)],
            "url": urls[y][x] if urls else "",
        }
        for y, line_ in enumerate(values)
        for x, value in enumerate(line_)
    ]
    largest = max((float(value) for line_ in values for value in line_ if value is not None), default=0.0)
    options = _frame(
        unit,
        grid=_grid(),
        tooltip={"trigger": "item"},
        xAxis=_names(columns, position="top", axisLine={"show": False}),
        yAxis=_names(rows, inverse=True, axisLine={"show": False}),
        visualMap={
            "show": False,
            "min": 0,
            "max": largest or 1,
            "dimension": 2,
            "inRange": {"color": ["#f4f7f8", color_of(color)]},
        },
        series=[
            {
                "type": "heatmap",
                "data": cells,
                "itemStyle": {"borderColor": "#fff", "borderWidth": 2, "borderRadius": 3},
                "label": {"show": True, "zhike": "third", "shadeAbove": largest * 0.55},
            }
        ],
    )
    table = ChartTable(
        (first, *columns), [(row, *line_) for row, line_ in zip(rows, values, strict=True)], unit
    )
    return Chart(options, table)
