"""What calamine leaves blank in an XLSX sheet: error values and formulas without a result, found in the sheet's XML."""

import html
import io
import re
import zipfile
from collections.abc import Iterator

BLOCK = 4 << 20
LARGEST_INDEX = 8 << 20

CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)</")
VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)</")


def overlay(content: bytes, sheet: str, rows: int = 0) -> dict[int, dict[int, str]]:
    """Row → column → text of the cells that show an error, or hold a formula nobody has computed.

    Rows and columns count from 0. With `rows` only the first so many rows are looked at.
    """
    found: dict[int, dict[int, str]] = {}
    if not content.startswith(b"PK"):
        return found
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        path = _path_of(archive, sheet)
        if path not in archive.namelist():
            return found
        for block in _blocks(archive, path):
            for row, column, text in _silent_cells(block):
                found.setdefault(row, {})[column] = text
            if rows:
                break
    return found


def _silent_cells(block: bytes) -> Iterator[tuple[int, int, str]]:
    if b"<f" not in block and b":f" not in block and b't="e"' not in block:
        return
    for attributes, inner in CELL.findall(block):
        error = b't="e"' in attributes
        if not error and b"f" not in inner:
            continue
        formula, value, place = FORMULA.search(inner), VALUE.search(inner), PLACE.search(attributes)
        if not place or not (error or formula) or (value and not error):
            continue
        # A formula whose result is the empty text has a <v></v> of its own.
        if not error and b"<v></v>" in inner:
            continue
        text = value[1] if value else b"=" + (formula[1] if formula else b"")
        yield int(place[2]) - 1, _column(place[1]), text.decode("utf-8", "replace")


def _blocks(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """The sheet's XML in blocks that end after a whole cell."""
    with archive.open(path) as file:
        rest = b""
        while block := file.read(BLOCK):
            block = rest + block
            cut = max(block.rfind(b"</c>"), block.rfind(b":c>"))
            cut = cut + 4 if cut >= 0 else len(block)
            yield block[:cut]
            rest = block[cut:]
        yield rest


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Where in the archive a sheet lies: workbook.xml names its relation, the relations name the file."""
    relations = {
        one.get("Id"): one.get("Target", "")
        for one in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    for one in _elements(archive, "xl/workbook.xml", "sheet"):
        if one.get("name") == sheet:
            target = relations.get(next((one[key] for key in one if key.endswith(":id")), ""), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def _elements(archive: zipfile.ZipFile, path: str, tag: str) -> Iterator[dict[str, str]]:
    """The attributes of each element of this name; by pattern, since an XML parser could be made to multiply entities."""
    try:
        with archive.open(path) as file:
            text = file.read(LARGEST_INDEX).decode("utf-8", "replace")
    except KeyError:
        return
    for inner in re.findall(rf"<(?:\w+:)?{tag}\b([^>]*)>", text):
        yield {key: html.unescape(value) for key, value in re.findall(r'([\w:]+)="([^"]*)"', inner)}


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
