"""Numbers, money and days as people read them, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from zhike.core import figures
from zhike.core.text import listed, speaking


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (0, "¥ 0", "¥ 0"),
        (Decimal("12.50"), "¥ 12.50", "¥ 12.50"),
        (Decimal("8640.40"), "¥ 8,640", "¥ 8,640"),
        (10_000, "¥ 1.0 万", "¥ 10.0K"),
        (1_204_300, "¥ 120.4 万", "¥ 1.2M"),
        (Decimal("38426000.49"), "¥ 3,842.6 万", "¥ 38.4M"),
        (1_500_000_000, "¥ 15.0 亿", "¥ 1.5B"),
        (-25_000, "−¥ 2.5 万", "−¥ 25.0K"),
        (None, "–", "–"),
        ("nonsense", "–", "–"),
    ],
)
def test_money_for_cards(amount: object, zh: str, en: str) -> None:
    with speaking("zh-hans"):
        assert figures.money_short(amount) == zh
    with speaking("en"):
        assert figures.money_short(amount) == en


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (18204, "count", "18,204"),
        (Decimal("1204300"), "money", "¥ 1,204,300.00"),
        (Decimal("-0.004"), "money", "¥ 0.00"),
        (-3.5, "money", "−¥ 3.50"),
        (0.3776, "share", "37.8%"),
        (1.9, "plain", "1.9"),
        (100, "plain", "100"),
        (-0.001, "plain", "0"),
        (float("nan"), "count", "–"),
        (True, "count", "–"),
    ],
)
def test_a_value_in_its_unit(value: object, unit: figures.Unit, written: str) -> None:
    assert figures.written(value, unit) == written


def test_what_is_only_expected_has_no_cents() -> None:
    assert figures.money_whole(Decimal("386000.49")) == "¥ 386,000"
    assert figures.money_whole(None) == "–"
    assert figures.share_whole(Decimal("0.756")) == "76%"


@pytest.mark.parametrize(("days", "en"), [(1, "1 day"), (12, "12 days")])
def test_days(days: int, en: str) -> None:
    with speaking("en"):
        assert figures.days(days) == en
    assert figures.days(days) == f"{days} 天"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2017, 12, 31), "2017-12-31"),
        (datetime(2017, 12, 31, 9, 5, tzinfo=UTC), "2017-12-31 09:05"),
        (True, "✓"),
        (1_204_300, "1,204,300"),
        ("", "–"),
        (None, "–"),
        ("线下", "线下"),
    ],
)
def test_any_value(value: object, written: str) -> None:
    assert figures.figure(value) == written


def test_days_ago() -> None:
    with speaking("en"):
        assert [figures.days_ago(one) for one in (1, 348, None)] == ["1 day ago", "348 days ago", "–"]
    assert figures.days_ago(348) == "348 天前"


def test_days_and_moments() -> None:
    assert figures.day(datetime(2017, 12, 31, 9, 5, tzinfo=UTC)) == "2017-12-31"
    assert figures.day(None) == "–"
    assert figures.moment(None) == "–"
    assert figures.moment(datetime(2017, 12, 31, 9, 5, tzinfo=UTC)) == "2017-12-31 09:05"
    assert figures.moment(datetime(2017, 12, 31, tzinfo=UTC)) == "2017-12-31"


@pytest.mark.parametrize(("lang", "said"), [("zh", "茶、瓷器"), ("en", "茶, 瓷器")])
def test_names_in_one_line(lang: str, said: str) -> None:
    with speaking(lang):
        assert listed(["茶", "瓷器"]) == said
