"""An empty workbook of a kind to fill in: headings, examples, lists to choose from, and a sheet that explains the columns."""

import io
from datetime import date
from typing import Any

import xlsxwriter

from zhike.core.fields import FieldSpec
from zhike.core.text import Text, language
from zhike.intake.facts import Kind

LAST_ROW = 5000
LONGEST_LIST = 255
EARLIEST = date(1900, 1, 1)

_NOTES = Text(zh="填写说明", en="Notes")
_LISTS = Text(zh="选项", en="Lists")
_HEADS = (
    Text(zh="列", en="Column"),
    Text(zh="必填", en="Required"),
    Text(zh="类型", en="Type"),
    Text(zh="说明", en="What it is"),
)
_REQUIRED = Text(zh="必填", en="yes")
_INTRO = Text(
    zh="列的顺序可以改变,不需要的列可以删除;一行一条。带 * 的列必须填写。",
    en="Columns may change places, and those not needed may go; one record per row. Columns with * must be filled in.",
)
_PICK = Text(zh="请从列表中选择。", en="Choose one of the list.")
_DAY = Text(zh="请写成 2024-03-05 这样的日期。", en="Write a date like 2024-03-05.")
_WIDTHS = {"address": 36, "long_text": 40, "name": 16, "email": 26, "datetime": 19, "date": 13, "phone": 16}
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "money": "#,##0.00"}


def blank_workbook(kind: Kind) -> bytes:
    """The workbook as bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet(str(kind.label))
        notes = book.add_worksheet(str(_NOTES))
        lists = _Lists(book)
        looks = _Looks(book)
        for place, field in enumerate(kind.fields()):
            _column(sheet, place, field, looks, lists)
        sheet.freeze_panes(1, 0)
        _notes(notes, kind, looks)
    return target.getvalue()


class _Looks:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format(
            {"bold": True, "bg_color": "#E7F1F0", "border": 1, "border_color": "#D0D7DD"}
        )
        self.needed = book.add_format(
            {
                "bold": True,
                "bg_color": "#E7F1F0",
                "border": 1,
                "border_color": "#D0D7DD",
                "font_color": "#C4472F",
            }
        )
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._book = book
        self._cells: dict[str, Any] = {}

    def cell(self, field: FieldSpec) -> Any:
        """Codes and phones as text, so that no digit is lost; dates and money as such."""
        number_format = _FORMATS.get(field.type, "General" if field.type in {"number", "integer"} else "@")
        if number_format not in self._cells:
            self._cells[number_format] = self._book.add_format({"num_format": number_format})
        return self._cells[number_format]


class _Lists:
    """Lists too long for a cell's own validation stand on a hidden sheet."""

    def __init__(self, book: Any) -> None:
        self._sheet = book.add_worksheet(str(_LISTS))
        self._sheet.hide()
        self._count = 0

    def source(self, choices: list[str]) -> list[str] | str:
        """What a validation refers to."""
        if len(",".join(choices)) <= LONGEST_LIST:
            return choices
        column = self._count
        self._count += 1
        self._sheet.write_column(0, column, choices)
        letter = xlsxwriter.utility.xl_col_to_name(column)
        return f"='{_LISTS}'!${letter}$1:${letter}${len(choices)}"


def _column(sheet: Any, place: int, field: FieldSpec, looks: _Looks, lists: _Lists) -> None:
    label = f"{field.label}{'*' if field.required else ''}"
    sheet.write_string(0, place, label, looks.needed if field.required else looks.head)
    width = _WIDTHS.get(field.type, max(12, min(2 * len(label) + 4, 24)))
    sheet.set_column(place, place, width, looks.cell(field))
    if choices := _choices(field):
        sheet.data_validation(
            1, place, LAST_ROW, place,
            {"validate": "list", "source": lists.source(choices), "error_type": "warning",
             "error_title": str(field.label)[:32], "error_message": str(_PICK)},
        )  # fmt: skip
    if field.type in {"date", "datetime"}:
        sheet.data_validation(
            1, place, LAST_ROW, place,
            {"validate": "date", "criteria": ">=", "value": EARLIEST, "error_type": "warning",
             "error_title": str(field.label)[:32], "error_message": str(_DAY)},
        )  # fmt: skip


def _choices(field: FieldSpec) -> list[str]:
    if field.type == "boolean":
        return ["是", "否"] if language() == "zh" else ["Yes", "No"]
    return [str(one.label) for one in field.choices] if field.type == "choice" else []


def _notes(sheet: Any, kind: Kind, looks: _Looks) -> None:
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 2, 10)
    sheet.set_column(3, 3, 60, looks.wrap)
    sheet.write_string(0, 0, f"{kind.label}: {kind.hint}")
    sheet.write_string(1, 0, str(_INTRO))
    for place, head in enumerate(_HEADS):
        sheet.write_string(3, place, str(head), looks.head)
    for line, field in enumerate(kind.fields(), 4):
        told = " ".join(str(text) for text in (field.purpose, field.help) if str(text))
        if field.choices:
            told = f"{told} {' / '.join(str(one.label) for one in field.choices)}".strip()
        sheet.write_string(line, 0, str(field.label))
        sheet.write_string(line, 1, str(_REQUIRED) if field.required else "")
        sheet.write_string(line, 2, str(field.kind.label))
        sheet.write_string(line, 3, told)
    _examples(sheet, kind, looks, 6 + len(kind.fields()))


def _examples(sheet: Any, kind: Kind, looks: _Looks, line: int) -> None:
    """Examples stand beside the table to fill in, so that nobody imports them."""
    for example in kind.examples:
        for place, (key, value) in enumerate(example.items()):
            field = kind.field(key)
            sheet.write_string(line, place, str(field.label) if field else key, looks.head)
            sheet.write_string(line + 1, place, value)
