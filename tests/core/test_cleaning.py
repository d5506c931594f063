"""Raw cells become clean values, or a refusal that says what to do; the cases are in cases/cleaning.csv."""

import csv
import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.dates import SHANGHAI, clean_date, clean_moment
from zhike.core.fields import FIELD_TYPES, BadValue, Choice, FieldSpec, Sensitivity, from_json, to_json
from zhike.core.money import clean_money
from zhike.core.text import Text

CASES = list(csv.DictReader((Path(__file__).parents[1] / "cases/cleaning.csv").open(encoding="utf-8")))
CHOICES = (Choice("f", Text("女", "Female"), ("女士",)), Choice("m", Text("男", "Male"), ("先生",)))


def field(kind: str, **more: object) -> FieldSpec:
    """A field of a type."""
    choices = CHOICES if FIELD_TYPES[kind].takes_choices else ()
    label = Text("字段", "Field")
    return FieldSpec(
        key="x", type=kind, label=label, sensitivity=Sensitivity.INTERNAL, choices=choices, **more
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['type']}: {case['why']}")
def test_case(case: dict[str, str]) -> None:
    spec = field(case["type"])
    if case["expected"] == "refused":
        with pytest.raises(BadValue) as refused:
            spec.clean(case["typed"])
        said = refused.value
        assert all((said.reason.zh, said.reason.en, said.remedy.zh, said.remedy.en))
    else:
        kept = to_json(spec.clean(case["typed"]))
        assert (str(kept).lower() if isinstance(kept, bool) else str(kept)) == case["expected"]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("date", datetime(2024, 3, 5, 18, 30), date(2024, 3, 5)),
        ("date", date(2024, 3, 5), date(2024, 3, 5)),
        ("date", 45356, date(2024, 3, 5)),
        ("date", 45356.99, date(2024, 3, 5)),
        ("date", 20240305, date(2024, 3, 5)),
        ("datetime", 45356.5, datetime(2024, 3, 5, 12, tzinfo=SHANGHAI)),
        ("phone", 13800138000, "+8613800138000"),
        ("phone", 13800138000.0, "+8613800138000"),
        ("money", 3.86, Decimal("3.86")),
        ("money", 0.1 + 0.2, Decimal("0.30")),
        ("money", 7, Decimal("7.00")),
        ("text", 12.0, "12"),
        ("region", 320500.0, "320500"),
        ("industry", 35, "C35"),
        ("boolean", 1, True),
        ("boolean", 0.0, False),
        ("choice", "Female", "f"),
        ("choice", "女士", "f"),
        ("multi_choice", "男，女", ["f", "m"]),
        ("multi_choice", ["m"], ["m"]),
    ],
)
def test_cells_of_a_workbook(kind: str, raw: object, expected: object) -> None:
    assert field(kind).clean(raw) == expected


@pytest.mark.parametrize("raw", [None, "", "  ", "-", "—", "N/A", "NULL", float("nan"), []])
@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_nothing_stays_nothing(kind: str, raw: object) -> None:
    assert field(kind).clean(raw) is None


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_a_required_field_refuses_nothing(kind: str) -> None:
    with pytest.raises(BadValue, match="不能为空"):
        field(kind, required=True).clean("")


ANYTHING = st.one_of(
    st.text(max_size=80),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.lists(st.text(max_size=10), max_size=3),
    st.binary(max_size=10),
)


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
@given(raw=ANYTHING)
def test_cleaning_gives_a_value_or_a_refusal_and_nothing_else(kind: str, raw: object) -> None:
    spec = field(kind)
    try:
        value = spec.clean(raw)
    except BadValue:
        return
    assert from_json(to_json(value), kind) == value
    assert isinstance(spec.show(value, "zh"), str)
    assert isinstance(spec.mask(value), str)


@pytest.mark.parametrize("kind", [kind for kind in FIELD_TYPES if kind not in {"industry", "multi_choice"}])
@given(raw=ANYTHING)
def test_cleaning_twice_changes_nothing(kind: str, raw: object) -> None:
    spec = field(kind)
    try:
        value = spec.clean(raw)
    except BadValue:
        return
    if value is not None:
        assert spec.clean(value) == value


@given(
    st.dates(date(1910, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]),
)
def test_every_real_date_is_read(day: date, form: str) -> None:
    assert clean_date(day.strftime(form)) == day
    assert clean_date((day - date(1899, 12, 30)).days) == day


@given(st.decimals(-(10**11), 10**11, places=2))
def test_money_is_kept_to_the_cent(amount: Decimal) -> None:
    assert clean_money(str(amount)) == amount
    assert clean_money(f"¥{abs(amount):,}") == abs(amount)


def test_a_moment_carries_its_zone() -> None:
    moment = clean_moment("2024-03-05T20:00:00+00:00")
    assert moment.utcoffset() is not None
    assert moment.isoformat() == "2024-03-06T04:00:00+08:00"


@pytest.mark.parametrize("raw", [math.inf, -math.inf, "1e99", "١٢"])
def test_numbers_that_are_none_are_refused(raw: object) -> None:
    with pytest.raises(BadValue):
        clean_money(raw)


def test_limits_hold() -> None:
    rating = field("number", minimum=Decimal(0), maximum=Decimal(5))
    assert rating.clean("4.5") == Decimal("4.5")
    with pytest.raises(BadValue, match="超出范围"):
        rating.clean("6")
    code = field("text", maximum=Decimal(4), pattern="[A-Z]+")
    assert code.clean("ABC") == "ABC"
    for bad in ("ABCDE", "abc"):
        with pytest.raises(BadValue):
            code.clean(bad)


def test_a_field_knows_what_is_sealed() -> None:
    sealed = {kind for kind in FIELD_TYPES if field(kind).sealed}
    assert sealed == {"phone", "email", "address", "wechat", "id_number"}
    private = FieldSpec(key="x", type="text", label=Text("备注", "Note"), sensitivity=Sensitivity.PERSONAL)
    assert private.sealed


def test_sensitive_values_show_nothing_when_masked() -> None:
    income = FieldSpec(key="x", type="money", label=Text("收入", "Income"), sensitivity=Sensitivity.SENSITIVE)
    assert income.mask(Decimal(100)) == "****"


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_a_field_of_the_past_refuses_what_is_to_come(kind: str) -> None:
    now = datetime.now(SHANGHAI)
    birth = field(kind, past=True)
    assert birth.clean(now.date().isoformat()) is not None
    for raw in ((now + timedelta(days=1)).date().isoformat(), f"{now.year + 4}年5月4日", 73000):
        assert field(kind).clean(raw) is not None
        with pytest.raises(BadValue, match="还没有到") as refused:
            birth.clean(raw)
        assert "不能晚于今天" in refused.value.remedy.zh and "after today" in refused.value.remedy.en
    with pytest.raises(BadValue, match="年份不合理"):
        birth.clean("1850-03-04")
