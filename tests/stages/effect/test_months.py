"""Plain decisions about months and targets, and figures in words."""

from datetime import date
from decimal import Decimal

import pytest

from zhike.core.text import Text
from zhike.effect import words
from zhike.effect.months import Reached, improved, month_end, named, quarter_ends, reached, to_measure, window

D = date


@pytest.mark.parametrize(
    ("last", "as_of", "months"),
    [
        (None, D(2017, 3, 15), ["2017-03"]),
        (D(2017, 3, 14), D(2017, 3, 15), ["2017-03"]),
        (D(2017, 3, 15), D(2017, 3, 15), ["2017-03"]),
        (D(2017, 3, 30), D(2017, 4, 2), ["2017-03", "2017-04"]),
        (D(2017, 3, 31), D(2017, 4, 2), ["2017-04"]),
        (D(2017, 11, 30), D(2018, 1, 31), ["2017-12", "2018-01"]),
        (D(2017, 12, 31), D(2017, 6, 30), ["2017-06"]),
    ],
)
def test_unfinished_months_are_measured_again(last, as_of, months):
    assert [f"{month:%Y-%m}" for month in to_measure(last, as_of)] == months


def test_a_month_ends():
    assert [month_end(D(2017, month, 1)).day for month in (1, 2, 4, 12)] == [31, 28, 30, 31]


def test_a_quarter_shows_its_last_month_and_the_newest():
    months = [D(2017, month, 1) for month in range(1, 6)]
    assert [named(month, quarterly=True) for month in quarter_ends(months)] == ["2017-Q1", "2017-Q2"]
    assert named(D(2017, 5, 1), quarterly=False) == "2017-05"
    assert quarter_ends([]) == []


def test_a_target_is_reached_in_its_own_direction():
    half = Decimal("0.5")
    assert reached(half, half, up=True) is reached(half, half, up=False) is Reached.YES
    assert reached(Decimal("0.6"), half, up=False) is Reached.NO
    assert reached(half, None, up=True) is Reached.NO_TARGET
    assert reached(None, half, up=True) is Reached.UNKNOWN


def test_better_depends_on_the_direction():
    one, two = Decimal(1), Decimal(2)
    assert improved(one, two, up=True) is True
    assert improved(one, two, up=False) is False
    assert improved(one, one, up=True) is None
    assert improved(None, two, up=True) is None


def test_periods_never_reach_beyond_the_facts():
    assert window(D(2017, 3, 1), None, D(2017, 12, 31)) == 0
    assert window(D(2017, 3, 1), D(2017, 1, 1), D(2017, 12, 31)) == 59
    assert window(D(2017, 6, 1), D(2017, 1, 1), D(2017, 12, 31)) == 90
    assert window(D(2017, 6, 1), D(2017, 1, 1), D(2017, 6, 10)) == 10
    assert window(D(2017, 1, 1), D(2017, 1, 1), D(2017, 6, 10)) == 0


def test_before_against_after_in_plain_words():
    said = words.sentence(
        Text("战略客户", "Strategic"),
        Text("复购率", "Repurchase rate"),
        Decimal("0.61"),
        Decimal("0.66"),
        "share",
        182,
    )
    assert said.zh == "战略客户 复购率 实施前 61.0% → 实施后 66.0%,+5 pt,182 位客户"
    assert said.en == "Strategic: Repurchase rate before 61.0% → after 66.0%, +5 pt, 182 customers"
    assert words.change(Decimal(5), Decimal(3), "count") == "−2"
    assert words.change(None, Decimal(3), "money") == "–"
