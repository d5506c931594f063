"""Excel workbooks written row by row: a heading that stays, widths that fit, and nothing a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse
from django.utils import timezone

from zhike.core.spreadsheets import inert

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 1_048_576
Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its name, header and rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Write sheets into a temporary file, in constant memory."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 — the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True, "bg_color": "#f6f8f9", "text_wrap": False})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.header) - 1, 18, wrapped)
        for column, title in enumerate(sheet.header):
            page.write_string(0, column, title, bold)
        for number, row in enumerate(sheet.rows, start=1):
            if number >= ROWS:
                break
            for column, value in enumerate(row):
                _write(page, number, column, value, day)
    book.close()
    file.seek(0)
    return file


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Cell, day: object) -> None:
    match value:
        case None | "":
            return
        case datetime():
            page.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), day)
        case date():
            page.write_datetime(row, column, value, day)
        case int() | Decimal():
            page.write_number(row, column, value)
        case _:
            page.write_string(row, column, inert(str(value)))


def answer(name: str, sheets: Iterable[Sheet]) -> HttpResponse:
    """A workbook as a download."""
    sent = FileResponse(write(sheets), as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL)
    return cast(HttpResponse, sent)  # a page answers with either; Django's types keep them apart
