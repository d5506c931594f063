"""The child process that opens workbooks, so that a hostile one can exhaust only its own memory and time.

Run as `python -m zhike.intake.reading.workbook_child heads|rows …` with the workbook on standard input; answers in lines
of JSON on standard output. It imports nothing but calamine and the standard library.
"""

import datetime as dt
import io
import json
import resource
import sys
from collections.abc import Iterator

import python_calamine as calamine

from zhike.intake.reading import workbook_cells
from zhike.intake.reading.limits import CHILD_MEMORY, CHILD_SECONDS, HEAD_ROWS, MOST_COLUMNS, MOST_SHEETS

BLOCK_ROWS = 1000
# Excel keeps fifteen digits: a longer number has already lost its end, which its cell text must show.
EXACT = 10**15

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def main(task: str, sheet: str = "") -> int:
    """Answer one question about the workbook on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_SECONDS, CHILD_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for answer in heads(workbook, content) if task == "heads" else rows(workbook, content, sheet):
                sys.stdout.write(json.dumps(answer) + "\n")
    except calamine.PasswordError:
        return _fail("encrypted")
    except MemoryError:
        return _fail("memory")
    except (calamine.CalamineError, OSError, ValueError):
        return _fail("corrupt")
    return 0


def heads(workbook: calamine.CalamineWorkbook, content: bytes) -> Iterator[dict[str, object]]:
    """Each worksheet's name, size and first rows."""
    sheets = [one for one in workbook.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(sheets) > MOST_SHEETS:
        yield {"error": "sheets", "found": len(sheets)}
        return
    for meta in sheets:
        sheet = workbook.get_sheet_by_name(meta.name)
        height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        head: list[list[str]] = []
        if width <= MOST_COLUMNS:
            for _, row in _numbered(sheet, workbook_cells.overlay(content, meta.name, rows=HEAD_ROWS)):
                head.append(row)
                if len(head) >= HEAD_ROWS:
                    break
        visible = meta.visible == calamine.SheetVisibleEnum.Visible
        yield {"name": meta.name, "visible": visible, "rows": height, "columns": width, "head": head}


def rows(workbook: calamine.CalamineWorkbook, content: bytes, name: str) -> Iterator[list[object]]:
    """All rows of a sheet in blocks: the number of the first, then the rows."""
    sheet = workbook.get_sheet_by_name(name)
    block: list[list[str]] = []
    first = 1
    for number, row in _numbered(sheet, workbook_cells.overlay(content, name)):
        block.append(row)
        if len(block) == BLOCK_ROWS:
            yield [first, block]
            first, block = number + 1, []
    if block:
        yield [first, block]


def _numbered(
    sheet: calamine.CalamineSheet, overlay: dict[int, dict[int, str]]
) -> Iterator[tuple[int, list[str]]]:
    """Rows from the first of the sheet as text, merged cells filled, errors and empty formulas made visible."""
    left = sheet.start[1] if sheet.start else 0
    fills = _fills(sheet)
    carried: dict[int, str] = {}
    for index, cells in enumerate(sheet.iter_rows()):
        row = [""] * left + [_text(cell) for cell in cells]
        for column, text in overlay.get(index, {}).items():
            if column < len(row):
                row[column] = text
        for column, source, begins in fills.get(index, ()):
            if begins:
                carried[column] = row[source]
            if column < len(row) and column in carried:
                row[column] = carried[column]
        yield index + 1, row


def _fills(sheet: calamine.CalamineSheet) -> dict[int, list[tuple[int, int, bool]]]:
    """Per row: the columns that belong to a merged cell, the column that holds its value, and whether it begins here."""
    fills: dict[int, list[tuple[int, int, bool]]] = {}
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:200_000]:
        if bottom - top > 5_000 or right - left > MOST_COLUMNS:
            continue
        for index in range(top, bottom + 1):
            # Sideways only in the first row of a merge: that is a heading above several columns.
            for column in range(left, right + 1):
                fills.setdefault(index, []).append((column, left, index == top))
    return fills


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < EXACT else f"{cell:.5E}"
        return repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def _fail(why: str) -> int:
    sys.stdout.write(json.dumps({"error": why}) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
