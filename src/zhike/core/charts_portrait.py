"""Charts of a portrait: several figures of one customer or group on a wheel, against the middle of others."""

from collections.abc import Sequence

from zhike.core.chart_tables import ChartTable
from zhike.core.charts import GREY, INK, Chart, Label, Options, Series, color_of
from zhike.core.figures import Unit

SMALLEST = 3  # spokes; fewer span no area


def radar(axes: Sequence[Label], series: Sequence[Series], *, first: Label, unit: Unit = "share") -> Chart:
    """One spoke per axis from 0 to 1, one outline per series; what is not known lies in the centre and is a gap in the table."""
    spokes = [{"name": str(axis), "max": 1, "min": 0} for axis in axes]
    drawn = [_outline(one, position) for position, one in enumerate(series)]
    options: Options = {
        "animation": False,
        "zhike": {"unit": unit},
        "legend": {
            "show": len(series) > 1,
            "bottom": 0,
            "icon": "roundRect",
            "itemWidth": 10,
            "itemHeight": 10,
        },
        "tooltip": {"trigger": "item"},
        "radar": {
            "indicator": spokes,
            "radius": "58%",
            "center": ["50%", "47%"],
            "axisName": {"color": "#49566c", "fontSize": 11},
            "splitNumber": 4,
            "splitArea": {"show": False},
        },
        "series": [{"type": "radar", "data": drawn}],
    }
    rows = [(axis, *(one.values[place] for one in series)) for place, axis in enumerate(axes)]
    return Chart(options, ChartTable((first, *(one.name for one in series)), rows, unit))


def _outline(series: Series, position: int) -> Options:
    color = color_of(series.color or (INK, GREY)[position % 2], position)
    return {
        "name": str(series.name),
        "value": [0 if value is None else float(value) for value in series.values],
        "symbolSize": 5,
        "itemStyle": {"color": color},
        "lineStyle": {"color": color, "width": 2, **({} if position == 0 else {"type": "dashed"})},
        "areaStyle": {"color": color, "opacity": 0.12 if position == 0 else 0},
    }
