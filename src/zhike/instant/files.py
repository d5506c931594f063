"""Opens whatever file a person has: packed or not, any encoding and delimiter, columns set apart by blanks, without a header."""

import gzip
import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from zhike.core.text import Text
from zhike.instant import refusals
from zhike.intake.reading import delimited, encodings, filetypes, layout, tables
from zhike.intake.reading import refusals as unreadable
from zhike.intake.reading.filetypes import FileType
from zhike.intake.reading.pieces import Piece

PACKED_TWICE = 2
MOST_UNPACKED = 8 << 30
SAMPLE = 256 << 10
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
Knows = Callable[[str], bool]

_VALUE = re.compile(
    r"[-+]?\d+\.\d+|\d{8}|\d{10,}|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*"
)
_NO_TABLE = (unreadable.no_header().reason, unreadable.no_rows().reason)
_NOISE = ("__MACOSX/", ".DS_Store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that can be read as a table; `shift`: by how much its row numbers are ahead of those of the file."""

    name: str
    path: Path
    table: tables.Table
    shift: int
    notes: tuple[Text, ...]

    def opener(self) -> BinaryIO:
        """The bytes from the beginning."""
        return self.path.open("rb")

    @property
    def header(self) -> layout.Header:
        """The row that names the columns."""
        return self.table.header

    def sample(self) -> list[list[str]]:
        """Cells of the first records."""
        return [
            cells
            for number, cells in self.table.head
            if number > self.header.row and layout.not_data(cells, self.header) is None
        ]

    def pieces(self) -> Iterator[tuple[Piece, int]]:
        """All records, some thousand at a time, with how many rows beside them are none (totals, remarks)."""
        for piece in tables.read_pieces(self.opener, self.table.as_json()):
            records, others = layout.records(piece, self.header)
            yield records, len(others)


def opened(path: Path, folder: Path, knows: Knows) -> Source:
    """Find the table of a file; `folder` takes what must be unpacked. Raises `Refusal`."""
    if not path.exists():
        raise refusals.missing(path)
    if path.is_dir():
        raise refusals.folder(path)
    plain = _unpacked(path, folder)
    notes: list[Text] = []
    if filetypes.detect(lambda: plain.open("rb")) is FileType.TEXT and _set_apart_by_blanks(plain):
        plain = _tabbed(plain, folder)
        notes.append(Text("各列以空格分隔。", "Columns are set apart by blanks."))
    table = _found(plain, knows, path.suffix.lower())
    if table is not None:
        return Source(name=path.name, path=plain, table=table, shift=0, notes=tuple(notes))
    plain = _with_header(plain, folder)
    table = tables.look(lambda: plain.open("rb"), knows, header_row=1)
    notes.append(
        Text("文件没有表头,各列按内容辨认。", "The file has no header; columns are told by what they hold.")
    )
    return Source(name=path.name, path=plain, table=table, shift=1, notes=tuple(notes))


def _found(path: Path, knows: Knows, called: str) -> tables.Table | None:
    """The table with its header; None when text has none, or what looked like one is a record; `called`: its ending."""
    text = filetypes.detect(lambda: path.open("rb")) is FileType.TEXT
    try:
        table = tables.look(lambda: path.open("rb"), knows)
    except unreadable.BadFile as refusal:
        if text and called in WORKBOOKS and refusal.reason in _NO_TABLE:
            raise refusals.no_workbook(called) from refusal
        if text and refusal.reason == unreadable.no_header().reason:
            return None
        raise
    names = [column.name for column in table.header.columns]
    return None if text and any(_VALUE.fullmatch(name) for name in names) else table


# ── packed files


def _unpacked(path: Path, folder: Path) -> Path:
    """The file itself, out of gzip or out of an archive that holds only this one."""
    for _ in range(PACKED_TWICE):
        with path.open("rb") as file:
            head = file.read(4)
        if head.startswith(filetypes.GZIP):
            path = _gunzipped(path, folder)
        elif head == filetypes.ZIP and not _is_workbook(path):
            path = _unzipped(path, folder)
    return path


def _gunzipped(path: Path, folder: Path) -> Path:
    target = folder / f"{path.name}.plain"
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            _copied(packed, plain)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise unreadable.corrupt() from error
    return target


def _unzipped(path: Path, folder: Path) -> Path:
    target = folder / f"{path.name}.inside"
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [
                one
                for one in archive.infolist()
                if not one.is_dir() and not any(n in one.filename for n in _NOISE)
            ]
            if len(inside) != 1:
                raise refusals.several_inside([one.filename for one in inside])
            if inside[0].flag_bits & 1:
                raise unreadable.encrypted()
            with archive.open(inside[0]) as packed, target.open("wb") as plain:
                _copied(packed, plain)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise unreadable.corrupt() from error
    return target


def _copied(packed: IO[bytes] | gzip.GzipFile, plain: IO[bytes]) -> None:
    taken = 0
    while block := packed.read(1 << 20):
        taken += len(block)
        if taken > MOST_UNPACKED:
            raise unreadable.zip_bomb(taken >> 20)
        plain.write(block)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile as error:
        raise unreadable.corrupt() from error


# ── text without delimiters, text without a header


def _set_apart_by_blanks(path: Path) -> bool:
    """Whether no usual delimiter occurs, and every line has the same number of words, at least three."""
    with path.open("rb") as file:
        lines = file.read(SAMPLE).decode("utf-8", "replace").splitlines()[:-1] or [""]
    some = [line for line in lines if line.strip()][:200]
    if not some or any(mark in line.strip() for line in some for mark in encodings.DELIMITERS):
        return False
    widths = [len(line.split()) for line in some]
    return widths[0] >= 3 and widths.count(widths[0]) >= 0.95 * len(widths)


def _tabbed(path: Path, folder: Path) -> Path:
    target = folder / f"{path.name}.tabbed"
    with path.open("rb") as file:
        codec = encodings.encoding(file)
    with path.open(encoding=codec, errors="replace") as blanks, target.open("w", encoding="utf-8") as tabs:
        for line in blanks:
            tabs.write("\t".join(line.split()) + "\n")
    return target


def _with_header(path: Path, folder: Path) -> Path:
    """A copy with a row of made-up names above."""
    form = delimited.inspect(lambda: path.open("rb"), FileType.TEXT)
    _, first = next(delimited.rows(lambda: path.open("rb"), form))
    names = form.delimiter.join(f"列{place + 1}" for place in range(len(first)))
    target = folder / f"{path.name}.headed"
    with path.open("rb") as file, target.open("wb") as headed:
        text = io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline="")
        headed.write(f"{names}\n".encode())
        shutil.copyfileobj(io.BufferedReader(_Encoded(text)), headed, 1 << 20)
    return target


class _Encoded(io.RawIOBase):
    """Text read as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text, self._rest = text, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self._rest:
            self._rest = self._text.read(1 << 16).encode()
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
