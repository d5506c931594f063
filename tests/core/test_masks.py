"""What those see who may not see a value; the cases are in cases/masks.csv."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core import masks

CASES = list(csv.DictReader((Path(__file__).parents[1] / "cases/masks.csv").open(encoding="utf-8")))
WAYS = [
    "name",
    "company",
    "phone",
    "email",
    "code",
    "id_number",
    "address",
    "wechat",
    "prose",
    "birthday",
    "hidden",
    "numbers",
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["value"])
def test_case(case: dict[str, str]) -> None:
    assert getattr(masks, case["what"])(case["value"]) == case["shown"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请回电13800138000。", "请回电138****8000。"),
        ("+86 138-0013-8000 或 0512-65551234", "138****8000 或 0512****1234"),
        ("身份证 11010519491231002X", f"身份证 11{'*' * 15}X"),
        ("卡 6222 0212 3456 7890 123,邮箱 zhou@huasheng.cn", "卡 6222****0123,邮箱 z***@huasheng.cn"),
        (
            "订单 20240305123456 共 13800 元,2024-03-05 送达",
            "订单 20240305123456 共 13800 元,2024-03-05 送达",
        ),
    ],
)
def test_numbers_within_a_text_are_masked(written: str, shown: str) -> None:
    assert masks.numbers(written) == shown
    assert masks.numbers(shown) == shown


@pytest.mark.parametrize("way", WAYS)
def test_nothing_stays_nothing(way: str) -> None:
    assert getattr(masks, way)("") == ""


@pytest.mark.parametrize("way", [way for way in WAYS if way not in {"email", "birthday", "numbers"}])
@given(st.text(min_size=1))
def test_a_mask_never_shows_the_whole(way: str, value: str) -> None:
    shown = getattr(masks, way)(value)
    assert not shown or "*" in shown


@given(st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True))
def test_a_masked_mobile_keeps_seven_digits(phone: str) -> None:
    assert sum(char.isdigit() for char in masks.phone(phone)) == 7
