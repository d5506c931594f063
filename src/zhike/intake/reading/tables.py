"""Opens a file as one table: type, encoding, sheet and header found; its rows come as a stream."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from zhike.intake.reading import delimited, filetypes, layout, limits, pieces, refusals, workbooks
from zhike.intake.reading.delimited import TextFormat
from zhike.intake.reading.filetypes import FileType, Opener
from zhike.intake.reading.layout import Header, Knows
from zhike.intake.reading.pieces import NumberedRow, Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet one can choose, with how much it looks like data."""

    name: str
    rows: int
    score: float
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a look at the beginning of a file told: enough to read all of it later."""

    file_type: FileType
    text: TextFormat | None
    sheet: str
    sheets: tuple[Sheet, ...]
    header: Header
    head: tuple[NumberedRow, ...]
    rows_estimate: int

    def as_json(self) -> dict[str, object]:
        """What reading needs, without any cell."""
        return {
            "file_type": self.file_type.value,
            "text": [self.text.encoding, self.text.delimiter, self.text.gzipped] if self.text else None,
            "sheet": self.sheet,
            "sheets": [[one.name, one.rows, one.score, one.hidden] for one in self.sheets],
            "header_row": self.header.row,
            "columns": [[one.index, one.name, one.group] for one in self.header.columns],
            "rows_estimate": self.rows_estimate,
        }


def look(open_file: Opener, knows: Knows, *, sheet: str = "", header_row: int | None = None) -> Table:
    """Look at the beginning of a file and find its table; raises `BadFile`."""
    file_type = filetypes.detect(open_file)
    if file_type in {FileType.TEXT, FileType.GZIPPED}:
        return _look_at_text(open_file, file_type, knows, header_row)
    return _look_at_workbook(open_file, file_type, knows, sheet, header_row)


def read(open_file: Opener, found: dict[str, object]) -> Iterator[NumberedRow]:
    """All rows of the table below its header, by what `Table.as_json` remembered."""
    text = found["text"]
    rows: Iterator[NumberedRow]
    if isinstance(text, list):
        rows = delimited.rows(open_file, TextFormat(*text))
    else:
        rows = workbooks.rows(open_file, str(found["sheet"]))
    header_row = int(str(found["header_row"]))
    for count, (number, cells) in enumerate(rows):
        if count > limits.MOST_ROWS:
            raise refusals.too_many_rows(limits.MOST_ROWS)
        if number > header_row:
            yield number, cells


def read_pieces(open_file: Opener, found: dict[str, object]) -> Iterator[Piece]:
    """The same rows as `read`, some thousand at a time as columns."""
    text = found["text"]
    if isinstance(text, list):
        every: Iterator[Piece] = delimited.pieces(open_file, TextFormat(*text))
    else:
        every = pieces.of_rows(workbooks.rows(open_file, str(found["sheet"])))
    header_row = int(str(found["header_row"]))
    count = 0
    for piece in every:
        count += len(piece)
        if count > limits.MOST_ROWS + 1:
            raise refusals.too_many_rows(limits.MOST_ROWS)
        yield (
            piece
            if piece.numbers[0].as_py() > header_row
            else piece.filter(pc.greater(piece.numbers, header_row))
        )


def header_of(found: dict[str, object]) -> Header:
    """The header that `Table.as_json` remembered."""
    columns = found["columns"]
    assert isinstance(columns, list)
    return Header(row=int(str(found["header_row"])), columns=tuple(layout.Column(*one) for one in columns))


def _look_at_text(open_file: Opener, file_type: FileType, knows: Knows, header_row: int | None) -> Table:
    text = delimited.inspect(open_file, file_type)
    rows = delimited.rows(open_file, text)
    head = tuple(itertools.islice(rows, max(limits.HEAD_ROWS, header_row or 0)))
    rows.close()
    header = layout.find_header(head, knows, row=header_row)
    _check_rows(head, header)
    estimate = _estimate(open_file, head, gzipped=text.gzipped)
    return Table(
        file_type=file_type, text=text, sheet="", sheets=(), header=header, head=head, rows_estimate=estimate
    )


def _look_at_workbook(
    open_file: Opener, file_type: FileType, knows: Knows, sheet: str, header_row: int | None
) -> Table:
    heads = [one for one in workbooks.heads(open_file) if one.rows]
    if not heads:
        raise refusals.empty()
    found = {one.name: _try_header(one, knows) for one in heads}
    sheets = tuple(
        Sheet(
            name=o.name,
            rows=o.rows,
            score=layout.sheet_score(o.name, found[o.name], o.rows),
            hidden=not o.visible,
        )
        for o in heads
    )
    chosen = sheet or max(sheets, key=lambda one: (not one.hidden, one.score)).name
    head = next((one for one in heads if one.name == chosen), None)
    if head is None:
        raise refusals.no_such_sheet(sheet)
    if head.columns > limits.MOST_COLUMNS:
        raise refusals.too_many_columns(head.columns, limits.MOST_COLUMNS)
    rows = tuple(enumerate(head.head, 1))
    header = layout.find_header(rows, knows, row=header_row)
    _check_rows(rows, header)
    return Table(
        file_type=file_type, text=None, sheet=chosen, sheets=sheets, header=header, head=rows,
        rows_estimate=max(head.rows - header.row, 0),
    )  # fmt: skip


def _try_header(head: workbooks.SheetHead, knows: Knows) -> Header | None:
    try:
        return layout.find_header(list(enumerate(head.head, 1)), knows)
    except refusals.BadFile:
        return None


def _check_rows(head: tuple[NumberedRow, ...], header: Header) -> None:
    if len(head) < limits.HEAD_ROWS and not any(
        layout.not_data(cells, header) is None for number, cells in head if number > header.row
    ):
        raise refusals.no_rows()


def _estimate(open_file: Opener, head: tuple[NumberedRow, ...], *, gzipped: bool) -> int:
    """Lines of a text file, counted; of a gzipped one, guessed from its first rows."""
    if len(head) < limits.HEAD_ROWS:
        return len(head)
    with open_file() as file:
        if not gzipped:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        packed = sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))
    each = sum(sum(len(cell) + 1 for cell in cells) for _, cells in head) / len(head)
    return max(int(packed * 4 / max(each, 1)), len(head))
