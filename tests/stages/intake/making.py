"""Makes the files of these tests: small, odd or hostile."""

import gzip
import io
from collections.abc import Sequence

import xlsxwriter
import xlwt

from zhike.intake.reading.filetypes import Opener

Cells = Sequence[Sequence[object]]

HEADINGS = ["客户编号", "姓名", "手机", "邮箱"]
KNOWN = frozenset({"客户编号", "姓名", "手机", "邮箱", "订单编号", "金额", "数量", "下单日期"})


def opener(content: bytes) -> Opener:
    return lambda: io.BytesIO(content)


def csv(rows: Cells, *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def zipped(content: bytes) -> bytes:
    return gzip.compress(content)


def people(count: int, start: int = 0) -> list[list[object]]:
    return [[f"C{n:04d}", "王小明", f"138{n:08d}", f"a{n}@example.com"] for n in range(start, start + count)]


def workbook(sheets: dict[str, Cells], *, merge: Sequence[str] = ()) -> bytes:
    """Sheets of cells; `merge` names ranges of the last sheet, which keep the value of their first cell."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(line, place, cell)
        for place in merge:
            sheet.merge_range(place, _at(rows, place))
    return target.getvalue()


def _at(rows: Cells, place: str) -> object:
    line, column = xlsxwriter.utility.xl_cell_to_rowcol(place.partition(":")[0])
    return rows[line][column]


def old_workbook(rows: Cells) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("客户")
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(line, place, cell)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
