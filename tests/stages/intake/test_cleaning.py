"""Whole columns and single cells are cleaned to the same values; keys tell equal rows apart."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake import casting, cleaning
from zhike.intake.cleaning import Cleaner, Place
from zhike.intake.facts import Kind
from zhike.intake.keys import Keys
from zhike.intake.reading.pieces import columns_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
LABEL = Text(zh="值", en="Value")


def field(kind: str, **more: object) -> FieldSpec:
    return FieldSpec(key="value", type=kind, label=LABEL, sensitivity=Sensitivity.INTERNAL, **more)  # type: ignore[arg-type]


def kind(*fields: FieldSpec, **more: object) -> Kind:
    return Kind(key="k", label=LABEL, hint=LABEL, icon="x", order=1, fields=lambda: fields, **more)  # type: ignore[arg-type]


def cleaned(one: FieldSpec, cells: list[str]) -> tuple[list[object], dict[int, dict[str, BadValue]]]:
    made = Cleaner(kind(one), [Place(0, "列", one)], 1)
    found = made.clean(list(range(len(cells))), columns_of([[cell] for cell in cells]))
    values = dict(zip(found.table["row"].to_pylist(), found.table["value"].to_pylist(), strict=True))
    return [values.get(row) for row in range(len(cells))], found.bad


@pytest.mark.parametrize(
    ("type_", "cells", "values"),
    [
        ("money", ["12.5", "¥1,200", "", "1.2万"], [Decimal("12.50"), Decimal("1200.00"), None, Decimal("12000.00")]),
        ("money", ["1", "2.25"], [Decimal("1.00"), Decimal("2.25")]),
        ("number", ["1", "0.125", "３"], [Decimal("1.000000"), Decimal("0.125000"), Decimal("3.000000")]),
        ("date", ["2024-03-05", "2024/3/5", "2024年3月5日", "45356"], [date(2024, 3, 5)] * 4),
        ("date", ["2024-03-05", "2024-12-31"], [date(2024, 3, 5), date(2024, 12, 31)]),
        ("datetime", ["2024-03-05 10:20:30"], [datetime(2024, 3, 5, 10, 20, 30, tzinfo=SHANGHAI)]),
        ("datetime", ["2024-03-05 10:20:30", "2024/3/5"],
         [datetime(2024, 3, 5, 10, 20, 30, tzinfo=SHANGHAI), datetime(2024, 3, 5, tzinfo=SHANGHAI)]),
        ("integer", ["5", "12"], [5, 12]),
        ("boolean", ["是", "否", "Y"], [True, False, True]),
        ("text", [" ＡＢ　c ", "x"], ["AB c", "x"]),
    ],
)  # fmt: skip
def test_cells_become_values(type_: str, cells: list[str], values: list[object]) -> None:
    found, bad = cleaned(field(type_), cells)
    assert (found, bad) == (values, {})


@pytest.mark.parametrize("cell", ["2024-02-30", "2024-13-01"])
def test_an_impossible_date_refuses_its_row_only(cell: str) -> None:
    found, bad = cleaned(field("date"), ["2024-01-01", cell])
    assert (found, list(bad)) == ([date(2024, 1, 1), None], [1])


@pytest.mark.parametrize("cell", ["=SUM(A1)", "#N/A", "1.10105E+17", "坏\ufffd字"])
def test_cells_that_are_no_values(cell: str) -> None:
    assert list(cleaned(field("text"), ["a", cell])[1]) == [1]


WRITTEN = {
    "money": st.decimals(-99999999, 99999999, places=2).map(str),
    "number": st.decimals(-99999999, 99999999, places=6).map(lambda n: format(n, "f")),
    "integer": st.integers(1 - 10**12, 10**12 - 1).map(str),
    "date": st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(str),
    "datetime": st.datetimes(datetime(1992, 1, 1), datetime(2099, 12, 31)).map(
        lambda m: f"{m:%Y-%m-%d %H:%M:%S}"
    ),
    "text": st.from_regex(r"[0-9A-Za-z王〇㐂][-_0-9A-Za-z王〇㐂]{0,20}", fullmatch=True),
    "name": st.text("王欧阳娜娜〇㐂", min_size=1, max_size=120),
    "phone": st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    "email": st.from_regex(
        r"[0-9A-Z]{1,9}([._-][a-z]{1,5}){0,2}@([a-z]{1,5}(-9)?\.){1,2}[A-Za-z]{2,5}", fullmatch=True
    ),
}
ODD = st.sampled_from(
    [
        "",
        " 1",
        "-",
        "nan",
        "NULL",
        "1e11",
        "9E99",
        "=1",
        "１２",
        "王 五",
        "1" * 201,
        "12345",
        "无",
        "坏\ufffd",
        "a\nb",
    ]
)


@pytest.mark.parametrize("type_", WRITTEN)
@given(data=st.data())
def test_the_quick_way_and_the_careful_way_agree(type_: str, data: st.DataObject) -> None:
    cells = data.draw(st.lists(WRITTEN[type_], min_size=1, max_size=20))
    one = field(type_)
    cast = casting.for_field(one)
    assert cast
    quick = cast(pa.array(cells))
    assert quick is not None
    values, standard = quick
    careful = [one.clean(cell) for cell in cells]
    assert [value for value, sure in zip(values.to_pylist(), standard.to_pylist(), strict=True) if sure] == [
        value for value, sure in zip(careful, standard.to_pylist(), strict=True) if sure
    ]
    assert type_ in {"text", "email"} or all(standard.to_pylist())


@pytest.mark.parametrize("type_", WRITTEN)
@given(data=st.data())
def test_one_odd_cell_makes_no_difference_to_the_others(type_: str, data: st.DataObject) -> None:
    cells = data.draw(st.lists(WRITTEN[type_] | ODD, min_size=1, max_size=20))
    one = field(type_)
    found, bad = cleaned(one, cells)
    for row, cell in enumerate(cells):
        alone, refused = _alone(one, cell)
        assert (found[row], row in bad) == (alone, refused)


def _alone(one: FieldSpec, cell: str) -> tuple[object, bool]:
    """What becomes of one cell the careful way."""
    refusal = cleaning._ColumnCleaner(Place(0, "列", one))._one(cell)
    return (None, True) if isinstance(refusal, BadValue) else (refusal, False)


def test_most_cells_go_the_quick_way() -> None:
    cells = {
        "text": ["C001", "静安店"],
        "name": ["王小明"],
        "phone": ["13800138000"],
        "email": ["a.b@c-d.example.com"],
    }
    for type_, some in cells.items():
        cast = casting.for_field(field(type_))
        assert cast
        assert all((cast(pa.array([*some, ""])) or [[]])[1].to_pylist()[:-1])


def test_limits_are_kept_the_careful_way() -> None:
    limited = field("number", minimum=Decimal(0), maximum=Decimal(10))
    assert casting.for_field(limited) is None
    assert list(cleaned(limited, ["5", "11"])[1]) == [1]


def table(values: list[str]) -> pa.Table:
    return pa.table({"row": pa.array(range(len(values)), pa.int64()), "value": pa.array(values, pa.string())})


@given(values=st.lists(st.sampled_from("abc"), max_size=60), size=st.integers(1, 20))
def test_occurrences_are_counted_over_the_whole_file_in_any_chunks(values: list[str], size: int) -> None:
    keyed = kind(field("text"), keyed_by=("value",))
    keys, counted, remembered = Keys(keyed), [], []
    for start in range(0, len(values), size):
        chunk, marks = keys.add(table(values[start : start + size]))
        counted += chunk["occurrence"].to_pylist()
        remembered.append(marks)
    assert counted == [values[: place + 1].count(value) for place, value in enumerate(values)]
    resumed = Keys(keyed)
    for marks in remembered:
        resumed.remember(marks)
    after, _ = resumed.add(table(["a"]))
    assert after["occurrence"].to_pylist() == [values.count("a") + 1]


def test_keys_fit_their_column() -> None:
    numbered = kind(field("text"), keyed_by=("value",), numbered_by="value")
    found, _ = Keys(numbered).add(table(["7", "x" * 200, "y" * 200]))
    keys = found["row_key"].to_pylist()
    assert keys[0] == "#7"
    assert len(set(keys)) == 3
    assert max(map(len, keys)) <= 40
    assert np.all(np.array(found["occurrence"].to_pylist()) == 1)
