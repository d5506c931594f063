"""Charts as data: the picture and the table say the same, and can be sent as JSON."""

import json
from decimal import Decimal

import pytest

from zhike.core import charts
from zhike.core.charts import Chart, Item, Series, Step
from zhike.core.text import Text, speaking

TIER, CUSTOMERS = Text("层级", "Tier"), Text("客户数", "Customers")
ITEMS = [
    Item(label=Text("核心", "Core"), value=Decimal(1638), color="core", url="/customers/?tier=core"),
    Item(label=Text("普通", "Ordinary"), value=0, color="ordinary"),
]
SPEND = Series(name=Text("消费", "Spend"), values=[Decimal("10.5"), None, 3], urls=["/a/"])
STEPS = [
    Step(label="open", value=3687, level=True),
    Step(label="new", value=212),
    Step(label="lost", value=-81, url="/lost/"),
    Step(label="close", value=3818, level=True),
]
EVERY = {
    "bar": charts.bar(ITEMS, columns=(TIER, CUSTOMERS)),
    "across": charts.bar(ITEMS, columns=(TIER, CUSTOMERS), across=True),
    "bars": charts.bars(["1", "2", "3"], [SPEND, SPEND], first="m", stacked=True),
    "line": charts.line(["1", "2", "3"], [SPEND], first="m", mark="began", mark_at="2"),
    "treemap": charts.treemap(ITEMS, columns=(TIER, CUSTOMERS)),
    "waterfall": charts.waterfall(STEPS, columns=("a", "b")),
    "matrix": charts.matrix(
        ["R5", "R4"], ["F1", "F2"], [[1, None], [3, 4]], first="R", urls=[["/1/", ""], ["", ""]]
    ),
    "nothing": charts.matrix([], [], [], first="R"),
    "no_items": charts.bar([], columns=(TIER, CUSTOMERS)),
    "no_steps": charts.waterfall([], columns=("a", "b")),
}


@pytest.mark.parametrize("chart", EVERY.values(), ids=EVERY)
def test_it_can_be_sent(chart: Chart) -> None:
    assert json.loads(json.dumps(chart.options))["animation"] is False


@pytest.mark.parametrize("chart", EVERY.values(), ids=EVERY)
def test_the_table_is_as_wide_as_its_heading(chart: Chart) -> None:
    assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)
    assert all(len(row) == len(chart.table.columns) for row in chart.table.shown)


def test_a_bar_leads_to_its_customers() -> None:
    chart = EVERY["bar"]
    assert chart.options["series"][0]["data"][0]["url"] == "/customers/?tier=core"
    first = chart.table.shown[0]
    assert (first[0].text, first[0].url, first[1].text) == ("核心", "/customers/?tier=core", "1,638")


def test_tiers_keep_their_colours() -> None:
    colors = [one["itemStyle"]["color"] for one in EVERY["bar"].options["series"][0]["data"]]
    assert colors == ["#0f6e64", "#7b8794"]
    assert charts.color_of("#123456") == "#123456"
    assert charts.color_of("", 9) == charts.PALETTE[1]


def test_an_empty_tile_is_not_drawn_but_is_told() -> None:
    chart = EVERY["treemap"]
    assert [tile["name"] for tile in chart.options["series"][0]["data"]] == ["核心"]
    assert len(chart.table.rows) == 2


def test_a_waterfall_adds_up() -> None:
    below, seen = EVERY["waterfall"].options["series"]
    assert below["data"] == [0.0, 3687.0, 3818.0, 0.0]
    assert [step["value"] for step in seen["data"]] == [3687.0, 212.0, 81.0, 3818.0]
    assert seen["data"][2]["signed"] == -81.0 and seen["data"][2]["url"] == "/lost/"
    assert 3000 < EVERY["waterfall"].options["yAxis"]["min"] < 3687


def test_a_waterfall_near_nothing_starts_at_nothing() -> None:
    chart = charts.waterfall(
        [Step(label="a", value=5, level=True), Step(label="b", value=95)], columns=("a", "b")
    )
    assert chart.options["yAxis"]["min"] == 0.0


def test_it_speaks_the_readers_language() -> None:
    with speaking("en"):
        assert charts.bar(ITEMS, columns=(TIER, CUSTOMERS)).options["xAxis"]["data"] == ["Core", "Ordinary"]


def test_a_gap_stays_a_gap() -> None:
    assert EVERY["line"].options["series"][0]["data"][1]["value"] is None
    assert EVERY["line"].table.shown[1][1].text == "–"


def test_a_tile_is_read_on_its_colour() -> None:
    assert charts.ink_on("#7a4fb5") == "#ffffff"
    assert charts.ink_on("#dccfee") == charts.DARK
