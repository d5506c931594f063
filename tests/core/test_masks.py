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
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["value"])
def test_case(case: dict[str, str]) -> None:
    assert getattr(masks, case["what"])(case["value"]) == case["shown"]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_stays_nothing(way: str) -> None:
    assert getattr(masks, way)("") == ""


@pytest.mark.parametrize("way", [way for way in WAYS if way not in {"email", "birthday"}])
@given(st.text(min_size=1))
def test_a_mask_never_shows_the_whole(way: str, value: str) -> None:
    shown = getattr(masks, way)(value)
    assert not shown or "*" in shown


@given(st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True))
def test_a_masked_mobile_keeps_seven_digits(phone: str) -> None:
    assert sum(char.isdigit() for char in masks.phone(phone)) == 7
