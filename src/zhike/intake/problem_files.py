"""Problem rows as a file to correct and send again: the columns of the original, then what is wrong and what to do."""

import csv
import io
from collections.abc import Iterator

import xlsxwriter

from zhike.core import spreadsheets
from zhike.core.text import Text, language
from zhike.intake import queries, sealed_rows
from zhike.intake.models import Batch
from zhike.intake.origin import ORIGIN, OURS, REASONS, REMEDIES, origin
from zhike.intake.reading import tables

Row = list[str]


def header(batch: Batch) -> Row:
    """The column names."""
    names = [one.name for one in tables.header_of(batch.found).columns if one.name not in OURS]
    return [*names, str(REASONS), str(REMEDIES), ORIGIN]


def rows(batch: Batch, state: str = "") -> Iterator[tuple[Row, set[int]]]:
    """Each open row as in the file with its problems, and the places of the cells that are wrong."""
    columns = [one for one in tables.header_of(batch.found).columns if one.name not in OURS]
    lang = language()
    found = queries.problems(batch, state=state).filter(queries.OPEN)
    for problem in found.iterator(chunk_size=2000):
        row = sealed_rows.open_row(problem.sealed, batch.key, problem.row)
        cells = [row.cells[one.index] if one.index < len(row.cells) else "" for one in columns]
        bad = {one.column for one in row.wrong}
        reasons = " ".join(
            f"{w.column}:{w.reason.in_(lang)}" if w.column else w.reason.in_(lang) for w in row.wrong
        )
        remedies = " ".join(dict.fromkeys(one.remedy.in_(lang) for one in row.wrong))
        places = {place for place, one in enumerate(columns) if one.name in bad}
        yield [*cells, reasons, remedies, origin(batch.key, problem.row)], places


def as_csv(batch: Batch) -> Iterator[bytes]:
    """The problem rows as CSV that Excel opens with the right encoding."""
    buffer = io.StringIO()
    write = csv.writer(buffer).writerow
    buffer.write("\ufeff")
    write(header(batch))
    for count, (cells, _) in enumerate(rows(batch)):
        write([spreadsheets.inert(cell) for cell in cells])
        if count % 500 == 499:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def as_workbook(batch: Batch) -> bytes:
    """The problem rows as a workbook, wrong cells marked."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(str(Text(zh="问题行", en="Problem rows")))
        bold, wrong = book.add_format({"bold": True}), book.add_format({"bg_color": "#FBE3DF"})
        text = book.add_format({"num_format": "@"})
        names = header(batch)
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, bold)
        for line, (cells, bad) in enumerate(rows(batch), 1):
            for place, cell in enumerate(cells):
                sheet.write_string(line, place, cell, wrong if place in bad else text)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(names) - 4, 16)
        sheet.set_column(len(names) - 3, len(names) - 1, 40)
    return target.getvalue()
