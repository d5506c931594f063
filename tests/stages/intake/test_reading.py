"""Files as people send them become the same table, whatever their type, encoding and layout."""

import csv as stdlib_csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stages.intake.making import HEADINGS, KNOWN, csv, old_workbook, opener, people, workbook, zipped

from zhike.intake.reading import delimited, layout, tables
from zhike.intake.reading.layout import NotData
from zhike.intake.reading.pieces import of_some

ROWS = [HEADINGS, *people(30)]


def read(content: bytes, **chosen: object) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Column names and data rows."""
    table = tables.look(opener(content), KNOWN.__contains__, **chosen)  # type: ignore[arg-type]
    rows = tables.read(opener(content), table.as_json())
    return table.header.names, [
        (n, cells) for n, cells in rows if layout.not_data(cells, table.header) is None
    ]


@pytest.mark.parametrize(
    "content",
    [
        csv(ROWS),
        csv(ROWS, encoding="utf-8-sig"),
        csv(ROWS, encoding="gb18030"),
        csv(ROWS, encoding="utf-16"),
        csv(ROWS, encoding="utf-16-le"),
        csv(ROWS, encoding="gb18030", delimiter="\t"),
        csv(ROWS, delimiter=";"),
        zipped(csv(ROWS, encoding="gb18030")),
        workbook({"Sheet1": ROWS}),
        old_workbook(ROWS),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "utf-16 unmarked", "tsv", "semicolons", "gzip", "xlsx", "xls"],
)
def test_the_same_table_in_any_file(content: bytes) -> None:
    names, rows = read(content)
    assert names == HEADINGS
    assert [cells[:4] for _, cells in rows] == people(30)
    assert [number for number, _ in rows] == list(range(2, 32))


def test_titles_and_remarks_above_the_header() -> None:
    above = [["2024年会员清单", "", "", ""], ["制表人:王芳", "", "", ""], ["", "", "", ""]]
    names, rows = read(workbook({"会员": [*above, *ROWS]}, merge=["A1:D1"]))
    assert names == HEADINGS
    assert rows[0][0] == 5
    assert len(rows) == 30


def test_two_header_rows_with_merged_groups() -> None:
    heads = [["客户编号", "姓名", "联系方式", ""], ["", "", "手机", "邮箱"]]
    content = workbook({"会员": [*heads, *people(5)]}, merge=["A1:A2", "B1:B2", "C1:D1"])
    table = tables.look(opener(content), KNOWN.__contains__)
    assert table.header.names == HEADINGS
    assert table.header.columns[2].group == "联系方式"


def test_a_cell_merged_down_belongs_to_each_row() -> None:
    rows = [["订单编号", "商品", "数量"], ["O1", "茶", 1], ["", "杯", 2], ["O2", "壶", 1]]
    _, found = read(workbook({"订单": rows}, merge=["A2:A3"]))
    assert [cells[0] for _, cells in found] == ["O1", "O1", "O2"]


def test_the_sheet_with_data_is_chosen_and_another_can_be() -> None:
    notes = [["请按模板填写"], ["手机为 11 位"]]
    content = workbook(
        {"填写说明": notes, "客户": ROWS, "门店": [["门店", "城市"], ["S1", "上海"], ["S2", "北京"]]}
    )
    assert read(content)[0] == HEADINGS
    assert read(content, sheet="门店")[0] == ["门店", "城市"]


def test_the_header_row_can_be_forced() -> None:
    names, rows = read(csv([["a", "b"], ["客户编号", "姓名"], ["C1", "王"]]), header_row=1)
    assert names == ["a", "b"]
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["合计", "", "120", "3,400.00"], NotData.TOTAL),
        (["合 计:", "", "120", "¥3,400.00"], NotData.TOTAL),
        (["", "上海小计", "12", "-"], NotData.TOTAL),
        (["Grand Total", "", "12", "99"], NotData.TOTAL),
        (["小计", "", "=SUM(C2:C9)", "=SUM(D2:D9)"], NotData.TOTAL),
        (["总计", "", "12", "=SUM(D2:D9)"], NotData.TOTAL),
        (["累计", "", "12", ""], NotData.TOTAL),
        (["本页合计", "", "12 位", "-"], NotData.TOTAL),
        (["Subtotal", "", "=SUM(C2:C9)", ""], NotData.TOTAL),
        (["Page total", "", "12", ""], NotData.TOTAL),
        (["TOTAL", "", "12", ""], NotData.TOTAL),
        (["小计", "王小明", "=C1", ""], None),
        (["注:本表截至 3 月", "", "", ""], NotData.REMARK),
        (["制表人:王芳 审核:李强", "", "", ""], NotData.REMARK),
        (["客户编号", "姓名", "手机", "邮箱"], NotData.REPEATED_HEADER),
        (["", " ", "", ""], NotData.BLANK),
        (["C0001", "合计", "13800000000", ""], None),
        (["合计", "王小明", "13800000000", "a@b.cn"], None),
        (["总计有限公司", "", "13800000000", ""], None),
        (["C0001", "", "", ""], None),
        (["说明书", "", "", ""], None),
    ],
)
def test_rows_that_are_no_records(cells: list[str], why: NotData | None) -> None:
    columns = tuple(layout.Column(index, name) for index, name in enumerate(HEADINGS))
    assert layout.not_data(cells, layout.Header(row=1, columns=columns)) is why


def test_numbers_keep_every_digit_they_have() -> None:
    rows = [["客户编号", "手机", "金额"], [1001.0, 13800138000, 12.5], [110105199001011234, 5, 0.1]]
    _, found = read(workbook({"客户": rows}))
    assert [cells for _, cells in found] == [["1001", "13800138000", "12.5"], ["1.10105E+17", "5", "0.1"]]


def test_errors_and_formulas_without_a_result_stay_visible(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["客户编号", "姓名", "手机", "邮箱"])
        sheet.write_string(1, 0, "C1")
        sheet.write_formula(1, 1, "=NA()", None, "#N/A")
        sheet.write_formula(1, 2, "=A1&A2", None, "13800138000")
        sheet.write_formula(1, 3, '=A1&"@b.cn"', None, "")
    content = (tmp_path / "f.xlsx").read_bytes()
    _, found = read(content)
    assert found[0][1][:3] == ["C1", "#N/A", "13800138000"]


def test_columns_of_one_name_are_told_apart() -> None:
    names, _ = read(csv([["姓名", "手机", "手机"], ["王", "1", "2"]]))
    assert names == ["姓名", "手机", "手机 (2)"]


CELLS = st.text(st.sampled_from('a王1 ,;\t"\r\n\0') | st.characters(codec="utf-8"), max_size=6)
TEXTS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12)


@pytest.mark.parametrize("stretch", [1, 8, 1 << 20])
@pytest.mark.parametrize("quoting", [stdlib_csv.QUOTE_MINIMAL, stdlib_csv.QUOTE_ALL, None])
@given(some=TEXTS, end=st.sampled_from(["\n", "\r\n", "\r"]), cut=st.booleans())
def test_pieces_hold_the_same_rows(
    stretch: int, quoting: int | None, some: list[list[str]], end: str, cut: bool
) -> None:
    text = io.StringIO(newline="")
    if quoting is None:
        text.write(end.join(",".join(cells) for cells in some))
    else:
        stdlib_csv.writer(text, quoting=quoting, lineterminator=end).writerows(some)
    content = text.getvalue().encode()[: -1 if cut else None]
    form = delimited.TextFormat("utf-8", ",", gzipped=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "STRETCH", stretch)
        found = [row for piece in delimited.pieces(opener(content), form) for row in piece.rows()]
    wanted = list(delimited.rows(opener(content), form))
    assert [(number, filled(cells)) for number, cells in found] == [(n, filled(cells)) for n, cells in wanted]


def filled(cells: list[str]) -> list[str]:
    """A row without the empty cells at its end, which a piece may have more of."""
    return cells if not cells or cells[-1] else filled(cells[:-1])


@pytest.mark.parametrize("quoted", [False, True])
def test_an_even_file_is_cut_by_arrow(quoted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_careful", None)
    cells = [[f'"{cell}"' for cell in row] for row in people(3)] if quoted else people(3)
    found = list(delimited.pieces(opener(csv(cells)), delimited.TextFormat("utf-8", ",", gzipped=False)))
    assert found[0].rows() == list(enumerate(people(3), 1))


@given(
    first=st.lists(
        st.text("合计总小共累数汇备注说明制表ab1王 tTotalsum客户", max_size=6)
        | st.sampled_from(
            [
                "客户",
                " 客户",
                "C001",
                "合 计",
                "SUM",
                "注:无",
                "王小明",
                "小计",
                "",
                "total",
                "t o t a l",
                "Page total",
            ]
        ),
        max_size=20,
    )
)
def test_whole_columns_tell_records_as_single_rows_do(first: list[str]) -> None:
    header = layout.Header(row=1, columns=(layout.Column(0, "客户"), layout.Column(1, "金额")))
    rows = [
        (number, [cell, "金额" if cell.strip() == "客户" else "5"]) for number, cell in enumerate(first, 2)
    ]
    kept, not_data = layout.records(of_some(rows), header) if rows else (None, [])
    why = {number: layout.not_data(cells, header) for number, cells in rows}
    assert (kept.numbers.to_pylist() if kept else []) == [number for number in why if why[number] is None]
    assert not_data == [(n, one) for n, one in why.items() if one not in {None, NotData.BLANK}]
