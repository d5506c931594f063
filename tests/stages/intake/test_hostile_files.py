"""Files that cannot or must not be read are refused in both languages, with what to do, and without harm."""

import io
import os
import zipfile

import pytest
from tests.stages.intake.making import HEADINGS, KNOWN, csv, opener, people, workbook

from zhike.intake.reading import filetypes, limits, tables
from zhike.intake.reading.refusals import BadFile


def refusal(content: bytes) -> BadFile:
    with pytest.raises(BadFile) as caught:
        table = tables.look(opener(content), KNOWN.__contains__)
        list(tables.read(opener(content), table.as_json()))
    told = caught.value
    assert told.reason.zh != told.reason.en
    assert told.remedy.zh
    assert told.remedy.en
    return told


def test_nothing() -> None:
    assert "空" in refusal(b"").reason.zh
    assert "空" in refusal(b"\xef\xbb\xbf \r\n").reason.zh
    assert "空" in refusal(workbook({"a": []})).reason.zh


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
        b"%PDF-1.7\n" + os.urandom(4096),
        b"\x7fELF" + os.urandom(4096),
    ],
    ids=["png", "pdf", "program"],
)
def test_a_picture_or_program(content: bytes) -> None:
    assert "不是表格" in refusal(content).reason.zh


def test_an_archive_that_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    assert "不是表格" in refusal(target.getvalue()).reason.zh


def test_a_web_page_named_xls() -> None:
    assert "网页" in refusal(b"<html><body><table><tr><td>1</td></tr></table></body></html>").reason.zh


def test_an_encrypted_workbook() -> None:
    container = filetypes.OLE + b"\0" * 1024 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1024
    assert "密码" in refusal(container).reason.zh


def test_a_word_document() -> None:
    container = filetypes.OLE + b"\0" * 1024 + "WordDocument".encode("utf-16-le") + b"\0" * 1024
    assert "不是表格" in refusal(container).reason.zh


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_workbook_that_breaks_off(kept: float) -> None:
    whole = workbook({"客户": [HEADINGS, *people(200)]})
    assert "损坏" in refusal(whole[: int(len(whole) * kept)]).reason.zh


def test_a_workbook_with_broken_xml() -> None:
    source, target = zipfile.ZipFile(io.BytesIO(workbook({"客户": [HEADINGS, *people(5)]}))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            archive.writestr(entry, content[:200] if "sheet1" in entry.filename else content)
    assert refusal(target.getvalue())


def test_a_broken_gzip_file() -> None:
    import gzip

    whole = gzip.compress(csv([HEADINGS, *people(500)]))
    assert "损坏" in refusal(whole[: len(whole) // 2]).reason.zh


def test_a_zip_bomb_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (100 << 20))
    monkeypatch.setattr(tables.workbooks, "heads", lambda *_: pytest.fail("it was opened"))
    assert "解压后" in refusal(target.getvalue()).reason.zh


def test_a_cell_in_the_far_corner() -> None:
    """One stray cell would make a dense sheet of 400 GB; the child that reads it may take no such memory."""
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(1_048_575, 16_383, "x")
    assert "过大" in refusal(target.getvalue()).reason.zh


def test_a_million_columns() -> None:
    line = ",".join(f"c{n}" for n in range(1_000_000))
    assert "1,000,000 列" in refusal(f"{line}\n1,2\n".encode()).reason.zh


def test_a_wide_workbook() -> None:
    wide = [[f"列{n}" for n in range(limits.MOST_COLUMNS + 1)], ["x"]]
    assert "列" in refusal(workbook({"a": wide})).reason.zh


def test_too_many_sheets() -> None:
    sheets = {f"s{n}": [["a"], ["b"]] for n in range(limits.MOST_SHEETS + 1)}
    assert "工作表" in refusal(workbook(sheets)).reason.zh


def test_a_quotation_mark_that_never_ends() -> None:
    content = csv([HEADINGS]) + '"C1,王,1\n'.encode() + csv(people(20_000))
    told = refusal(content)
    assert "引号" in told.reason.zh
    assert "第 2 行" in told.reason.zh


def test_no_header() -> None:
    assert "表头" in refusal(csv([["王小明", "13800138000"], ["李强", "13900139000"]])).reason.zh


def test_a_header_and_nothing_else() -> None:
    assert "没有数据行" in refusal(csv([HEADINGS])).reason.zh
    assert "没有数据行" in refusal(workbook({"客户": [HEADINGS, ["合计", "", "", ""]]})).reason.zh


def test_text_in_no_known_encoding() -> None:
    content = csv([HEADINGS]) + b"\xff\xfe\x81\x20\x80\xff" * 400
    assert "编码" in refusal(content).reason.zh


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ROWS", 10)
    assert "超过 10 行" in refusal(csv([HEADINGS, *people(30)])).reason.zh
