"""Writes a report as an Excel workbook: a sheet per table, real numbers and days, headings that stay, filters."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from zhike.core.spreadsheets import inert
from zhike.core.text import Text
from zhike.instant import many_rows
from zhike.instant.report import Badge, Column, Report, Table

_FORMATS = {
    "money": "#,##0.00", "money_whole": "#,##0", "count": "#,##0", "share": "0.0%", "share_whole": "0%", "days": "#,##0",
    "plain": "#,##0.##", "date": "yyyy-mm-dd",
}  # fmt: skip
_WIDTHS = {"text": 16, "date": 12, "share": 10, "share_whole": 10, "count": 10}
_SUMMARY = Text("摘要", "Summary")
_LEFT_OUT = Text(
    "“客户”表列出价值最高的 {shown:,} 位(共 {all:,} 位);全部见同目录的 CSV。",
    "The sheet “Customers” lists the {shown:,} of highest value (of {all:,}); all are in the CSV beside it.",
)
_INK = "#0f6e64"
CUSTOMERS = 2  # the sheet's number, behind the summary


def write(report: Report, target: Path) -> None:
    """The workbook in the language of the context, at a path."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(target, options) as book:
        formats = {
            unit: book.add_format({"num_format": code, "valign": "top"}) for unit, code in _FORMATS.items()
        }
        formats["text"] = book.add_format({"valign": "top"})
        formats["wide"] = book.add_format({"valign": "top", "text_wrap": True})
        formats["head"] = book.add_format(
            {"bold": True, "bg_color": "#eef3f2", "bottom": 1, "bottom_color": "#c9d3d1"}
        )
        _summary(book, report)
        for table in (report.customers, *report.sheets()):
            _sheet(book, table, formats)
    _rest(target, report.customers)


def _rest(target: Path, table: Table) -> None:
    """The rows of the customers' sheet behind the first: they may be a hundred thousand."""
    letters = [xl_col_to_name(place) for place in range(len(table.columns))]
    rest = ([str(one) if isinstance(one, Badge) else one for one in row] for row in table.rows[1:])
    many_rows.insert(target, CUSTOMERS, rest, letters=letters)


def _summary(book: Any, report: Report) -> None:
    """The first sheet: file, day, key figures and the sentences that matter."""
    page = book.add_worksheet(str(_SUMMARY))
    title = book.add_format({"bold": True, "font_size": 16, "font_color": _INK})
    quiet = book.add_format({"font_color": "#66727f"})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 22)
    page.set_column(2, 2, 70)
    page.hide_gridlines(2)
    page.write_string(0, 0, str(Text("知客 · 客户资产速览", "Zhike · Customer report")), title)
    page.write_string(1, 0, f"{inert(report.file)} · {Text('统计日', 'as of')} {report.as_of}", quiet)
    row = 3
    for card in report.cards:
        page.write_string(row, 0, str(card.label))
        page.write_string(row, 1, card.value, bold)
        page.write_string(row, 2, card.hint, quiet)
        row += 1
    lines = ["", *map(str, report.headline)]
    if report.everybody > len(report.customers.rows):
        lines.append(str(_LEFT_OUT).format(shown=len(report.customers.rows), all=report.everybody))
    for line in lines:
        page.merge_range(row, 0, row, 2, line, wrap)
        row += 1


def _sheet(book: Any, table: Table, formats: dict[str, Any]) -> None:
    """A table with all its rows, that of the customers with its first only."""
    first_only = book.worksheets() and len(book.worksheets()) == CUSTOMERS - 1
    page = book.add_worksheet(str(table.sheet or table.title)[:31])
    page.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        page.set_column(place, place, _width(column))
        page.write_string(0, place, str(column.label), formats["head"])
    units = [("wide" if column.wide else column.unit, formats) for column in table.columns]
    for number, row in enumerate(table.rows[:1] if first_only else table.rows, 1):
        _row(page, number, row, [kept[unit] for unit, kept in units])
    if table.rows:
        page.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _width(column: Column) -> int:
    if column.wide:
        return 60
    said = sum(2 if ord(char) > 255 else 1 for char in str(column.label)) + 4
    return max(said, _WIDTHS.get(column.unit, 14))


def _row(page: Any, number: int, row: Sequence[object], formats: Sequence[Any]) -> None:
    for place, value in enumerate(row):
        if value is None or value == "":
            page.write_blank(number, place, None, formats[place])
            continue
        match value:
            case bool() | Badge():
                page.write_string(number, place, str(value), formats[place])
            case int() | float() | Decimal():
                page.write_number(number, place, value, formats[place])
            case datetime() | date():
                page.write_datetime(number, place, value, formats[place])
            case _:
                page.write_string(number, place, inert(str(value)), formats[place])
