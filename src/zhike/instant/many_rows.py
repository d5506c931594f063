"""Puts many rows into a sheet of a finished workbook: a row is one line of XML, ten times faster than cell by cell.

XlsxWriter writes the sheet with its first row; that row tells the style of each column, and the others are written like it.
"""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from zhike.core.spreadsheets import inert

BLOCK = 2_000
_ZERO = date(1899, 12, 30)
_END = b"</sheetData>"
_STYLE = re.compile(r'<c r="([A-Z]+)2"(?: s="(\d+)")?')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
Cells = Sequence[object]


def insert(workbook: Path, sheet: int, rows: Iterable[Cells], *, letters: Sequence[str]) -> None:
    """Add rows from the third line on to a sheet (numbered from 1) that has a header and one row; `letters` name the columns."""
    name = f"xl/worksheets/sheet{sheet}.xml"
    fresh = workbook.with_suffix(".part")
    with (
        zipfile.ZipFile(workbook) as old,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename != name:
                new.writestr(entry, content)
                continue
            head, tail = content.split(_END, 1)
            with new.open(entry.filename, "w", force_zip64=True) as target:
                target.write(head)
                for block in _blocks(rows, _writer(head.decode(), letters)):
                    target.write(block)
                target.write(_END + tail)
    shutil.move(fresh, workbook)


def _writer(head: str, letters: Sequence[str]) -> Callable[[int, Cells], str]:
    """What writes a row in the styles of the second line."""
    styles = {letter: f' s="{style}"' if style else "" for letter, style in _STYLE.findall(head)}
    places = [(letter, styles.get(letter, "")) for letter in letters]

    def written(number: int, cells: Cells) -> str:
        said = [
            _cell(f'<c r="{letter}{number}"{style}', one)
            for (letter, style), one in zip(places, cells, strict=True)
        ]
        return f'<row r="{number}">{"".join(said)}</row>'

    return written


def _cell(opening: str, value: object) -> str:
    if value is None or value == "":
        return f"{opening}/>"
    if isinstance(value, date):
        return f"{opening}><v>{(value - _ZERO).days}</v></c>"
    if isinstance(value, str):
        return f'{opening} t="inlineStr"><is><t xml:space="preserve">{text(value)}</t></is></c>'
    return f"{opening}><v>{value}</v></c>"


def text(value: str) -> str:
    """A text that is safe in XML and inert in a spreadsheet."""
    return escape(_CONTROL.sub("", inert(value)))


def _blocks(rows: Iterable[Cells], written: Callable[[int, Cells], str]) -> Iterator[bytes]:
    held: list[str] = []
    for number, cells in enumerate(rows, 3):
        held.append(written(number, cells))
        if len(held) >= BLOCK:
            yield "".join(held).encode()
            held = []
    yield "".join(held).encode()
