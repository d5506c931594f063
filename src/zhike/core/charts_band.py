"""A series over time with what is to come: the past as a line, the forecast as a line inside its interval, odd points marked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from zhike.core.charts import GREY, INK, RISK, Chart, Label, Number, Options, Series, line
from zhike.core.figures import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The forecast that follows the past: the middle and both ends, of equal length."""

    ahead: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def band(
    labels: Sequence[Label],
    past: Series,
    *,
    names: tuple[Label, Label, Label],
    told: Band | None,
    odd: Collection[int] = (),
    first: Label,
    unit: Unit = "count",
) -> Chart:
    """`labels` name the past and then the months ahead; `names` are those of forecast, lower and upper end."""
    ahead = len(told.ahead) if told else 0
    own = Series(name=past.name, values=[*past.values, *[None] * ahead], color=INK, urls=past.urls)
    if told is None:
        return _marked(line(labels, [own], first=first, unit=unit), odd)
    empty: list[Number | None] = [None] * (len(past.values) - 1)
    joint = past.values[-1]
    parts = [
        Series(name=name, values=[*empty, joint, *values], color=GREY)
        for name, values in zip(names, (told.ahead, told.low, told.high), strict=True)
    ]
    chart = line(labels, [own, *parts], first=first, unit=unit)
    for drawn in chart.options["series"][1:]:
        drawn["symbol"] = "none"
        drawn["lineStyle"] = {"width": 2 if drawn is chart.options["series"][1] else 1, "type": "dashed"}
    return _marked(chart, odd)


def _marked(chart: Chart, odd: Collection[int]) -> Chart:
    points: list[Options] = chart.options["series"][0]["data"]
    for place in odd:
        points[place] |= {"symbolSize": 12, "itemStyle": {"color": RISK}}
    return chart
