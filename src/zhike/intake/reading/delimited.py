"""Reads CSV and TSV as a stream, so that two million rows need no more memory than two thousand."""

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from zhike.intake.reading import encodings, limits, refusals
from zhike.intake.reading.filetypes import HEAD, FileType, Opener, check_is_text

LONGEST_CELL = 128 << 10
LONGEST_LINE = 16 << 20
MOST_UNPACKED = 8 << 30

csv.field_size_limit(LONGEST_CELL)

NumberedRow = tuple[int, list[str]]


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


def _lines(text: TextIO) -> Iterator[str]:
    """Lines, none so long that it would fill the memory."""
    for number in itertools.count(1):
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
