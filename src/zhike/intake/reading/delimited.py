"""Reads CSV and TSV as a stream, so that two million rows need no more memory than two thousand.

Text in which every line is a row of the same width is cut by Arrow a megabyte at a time (`pieces`); a stretch with an
uneven row, an odd line end, or a quotation mark that does more than enclose a cell is read the careful way, row by row.
Both give the same rows.
"""

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from zhike.intake.reading import encodings, limits, refusals
from zhike.intake.reading.filetypes import HEAD, FileType, Opener, check_is_text
from zhike.intake.reading.pieces import NumberedRow, Piece, of_some

LONGEST_CELL = 128 << 10
LONGEST_LINE = 16 << 20
MOST_UNPACKED = 8 << 30
STRETCH = 1 << 20

csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is to be read."""

    encoding: str
    delimiter: str
    gzipped: bool


def inspect(open_file: Opener, file_type: FileType) -> TextFormat:
    """Find encoding and delimiter of a text file."""
    gzipped = file_type is FileType.GZIPPED
    try:
        with _bytes(open_file, gzipped=gzipped) as file:
            head = file.read(HEAD)
            check_is_text(head)
        with _bytes(open_file, gzipped=gzipped) as file:
            codec = encodings.encoding(file)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refusals.corrupt() from error
    text = io.TextIOWrapper(io.BytesIO(head), encoding=codec, errors="replace").read()
    return TextFormat(encoding=codec, delimiter=encodings.delimiter(text), gzipped=gzipped)


def rows(open_file: Opener, form: TextFormat) -> Generator[NumberedRow, None, None]:
    """Every line with its number in the file (from 1), blank ones included."""
    with _bytes(open_file, gzipped=form.gzipped) as file:
        text = io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="")
        yield from _parse(text, form.delimiter)


def _parse(text: TextIO, delimiter: str) -> Iterator[NumberedRow]:
    reader = csv.reader(_lines(text), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise refusals.runaway_quote(line) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refusals.corrupt() from error


def pieces(open_file: Opener, form: TextFormat) -> Generator[Piece, None, None]:
    """The same rows as `rows`, some thousand at a time as columns."""
    with _bytes(open_file, gzipped=form.gzipped) as file:
        text = io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="")
        line = 1
        try:
            while stretch := _stretch(text, line):
                piece, line = _plain(stretch, form.delimiter, line) or _careful(
                    stretch, text, form.delimiter, line
                )
                yield piece
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise refusals.corrupt() from error


def _stretch(text: TextIO, line: int) -> str:
    """The next megabyte of text, up to the end of a line."""
    stretch = text.read(STRETCH)
    if not stretch or stretch.endswith("\n"):
        return stretch
    rest = text.readline(LONGEST_LINE)
    if len(rest) >= LONGEST_LINE:
        raise _endless_line(rest, line + stretch.count("\n"))
    return stretch + rest


def _plain(stretch: str, delimiter: str, line: int) -> tuple[Piece, int] | None:
    """A stretch cut by Arrow, and the number of the line behind it; None when it must be read the careful way."""
    if "\0" in stretch or stretch.count("\r") != stretch.count("\r\n"):
        return None
    data = stretch.encode()
    names = [f"c{place}" for place in range(stretch[: stretch.find("\n")].count(delimiter) + 1)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
            arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [
        _unquoted(column.combine_chunks()) if '"' in stretch else column.combine_chunks()
        for column in table.columns
    ]
    lines = stretch.count("\n") + (not stretch.endswith("\n"))
    if table.num_rows != lines or any(column is None or _has_long_cell(column) for column in columns):
        return None
    return Piece(pa.array(range(line, line + lines), pa.int64()), columns), line + lines


def _unquoted(cells: pa.Array) -> pa.Array | None:
    """Cells without the marks around them; None when a mark stands elsewhere, so that the cells were cut wrongly."""
    quoted = pc.match_substring(cells, '"')
    if not pc.any(quoted).as_py():
        return cells
    if pc.any(pc.and_not(quoted, pc.match_substring_regex(cells, r'^"[^"]*"$'))).as_py():
        return None
    return pc.utf8_trim(cells, characters='"')


def _has_long_cell(column: pa.Array) -> bool:
    return bool(pc.max(pc.binary_length(column)).as_py() > LONGEST_CELL)


def _careful(stretch: str, text: TextIO, delimiter: str, line: int) -> tuple[Piece, int]:
    """A stretch read row by row, and the number of the line behind it; its last row may go on in the text behind."""
    lines = list(_lines(io.StringIO(stretch, newline=""), line))
    reader = csv.reader(itertools.chain(lines, _lines(text, line + len(lines))), delimiter=delimiter)
    rows: list[NumberedRow] = []
    first = line
    try:
        for row in reader:
            rows.append((line, row))
            line = first + reader.line_num
            if reader.line_num >= len(lines):
                break
    except csv.Error as error:
        raise refusals.runaway_quote(line) from error
    return of_some(rows), line


def _lines(text: TextIO, first: int = 1) -> Iterator[str]:
    """Lines, none so long that it would fill the memory."""
    for number in itertools.count(first):
        line = text.readline(LONGEST_LINE)
        if not line:
            return
        if len(line) >= LONGEST_LINE:
            raise _endless_line(line, number)
        yield line.replace("\0", "") if "\0" in line else line


def _endless_line(line: str, number: int) -> refusals.BadFile:
    columns = max(line.count(mark) for mark in encodings.DELIMITERS) + 1
    if columns > limits.MOST_COLUMNS:
        return refusals.too_many_columns(columns, limits.MOST_COLUMNS)
    return refusals.runaway_quote(number)


def _bytes(open_file: Opener, *, gzipped: bool) -> BinaryIO:
    file = open_file()
    if not gzipped:
        return file
    return cast(BinaryIO, io.BufferedReader(_Unpacked(file), HEAD))


class _Unpacked(io.RawIOBase):
    """A gzip stream that stops when it grows beyond what any table needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._packed, self._file, self._taken = file, gzip.GzipFile(fileobj=file), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: object) -> int:
        count = self._file.readinto(cast(bytearray, buffer))
        self._taken += count
        if self._taken > MOST_UNPACKED:
            raise refusals.zip_bomb(self._taken >> 20)
        return count

    def close(self) -> None:
        self._packed.close()
        super().close()
