"""Finds the table in a sheet: the header row below titles and notes, and the rows that are totals or remarks, not data."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from zhike.intake.reading import limits, refusals
from zhike.intake.reading.headings import bare
from zhike.intake.reading.pieces import Piece

Knows = Callable[[str], bool]

HEADER_WITHIN = 40
LONGEST_HEADING = 60

_TOTAL = re.compile(
    r"(?:本页|本月|本年|全部|各项)?(?:合计|总计|小计|共计|累计|总合计|合计数|总数)(?:金额|数量|\(.*\))?|"
    r".{0,20}(?:小计|合计|总计|汇总)|(?:grand|sub|page)?[ -]?totals?(?:amount)?|sum",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(?:注|备注|说明|注意|注释|附注|制表|制表人|填表人|填表|审核|审核人|数据来源|来源|打印时间|导出时间|统计时间|notes?|remarks?)"
    r"\s*[0-9一二三]?\s*[::..、].*",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS_A_CODE = r"^(?:[0-9A-Za-z]{3}|[0-9A-Za-z]{1,2}$)"
# Every total and remark in Chinese holds one of these, wherever blanks stand in it.
_MAY_TELL = "^[注备说附制填审数来打导统]|[计数汇]"
_TELLING = frozenset({"tot", "sub", "gra", "pag", "sum", "not", "rem"})
_SPACING = re.compile(r"[\s::]+")
_FORMULA = re.compile(r"=.+", re.DOTALL)
_NUMBER = re.compile(r"[-+(]?[¥$]?\s*\d[\d,]*(?:\.\d+)?%?(?:[eE][+-]?\d+)?\)?\s*[元件个笔单次人户位张]?")
_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*", re.DOTALL)
_NOTE_SHEETS = re.compile(
    r"说明|须知|注意|备注|字典|选项|参数|目录|封面|readme|instruction|notes?|help|lists?|options?", re.I
)


class NotData(StrEnum):
    """Why a row below the header is not a record."""

    BLANK = "blank"
    TOTAL = "total"
    REMARK = "remark"
    REPEATED_HEADER = "header"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its place in the row and its name."""

    index: int
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The row that names the columns (numbered from 1) and those columns."""

    row: int
    columns: tuple[Column, ...]
    score: float = 0.0

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return [column.name for column in self.columns]


def find_header(head: Sequence[tuple[int, list[str]]], knows: Knows, *, row: int | None = None) -> Header:
    """The header among the first rows; `knows` tells whether a plain heading is a field's name; `row` forces one."""
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in head]
    filled = [(number, cells) for number, cells in filled if any(cells)]
    if not filled:
        raise refusals.empty()
    width = max(_width(cells) for _, cells in filled)
    if width > limits.MOST_COLUMNS:
        raise refusals.too_many_columns(width, limits.MOST_COLUMNS)
    if row is not None:
        return _header(filled, next((i for i, (number, _) in enumerate(filled) if number >= row), 0))
    scores = [_score(filled, index, knows) for index in range(min(len(filled), HEADER_WITHIN))]
    best = max(range(len(scores)), key=lambda index: scores[index])
    if scores[best] <= 0:
        raise refusals.no_header()
    return _header(filled, best, scores[best])


def not_data(cells: Sequence[str], header: Header) -> NotData | None:
    """Why a row below the header is no record, or None when it is one."""
    start = header.columns[0].index
    first = cells[start] if start < len(cells) else ""
    # Nearly every row ends here: its first cell is a value that begins no total, no remark and no header.
    begins = first[:3]
    if (
        begins.isalnum()
        and begins.isascii()
        and begins.lower() not in _TELLING
        and first != header.columns[0].name
    ):
        return None
    filled = [
        cell for cell in (cells[c.index].strip() for c in header.columns if c.index < len(cells)) if cell
    ]
    if not filled and not any(cell.strip() for cell in cells):
        return NotData.BLANK
    if not filled:
        return None
    first = filled[0]
    if len(first) <= 24 and _TOTAL.fullmatch(_SPACING.sub("", first)):
        others = filled[1:]
        if all(_adds_up(cell) for cell in others):
            return NotData.TOTAL
    if len(header.columns) >= 3 and len(set(filled)) == 1 and _REMARK.fullmatch(first):
        return NotData.REMARK
    if len(filled) == len(header.columns) > 1 and filled == header.names:
        return NotData.REPEATED_HEADER
    return None


def _adds_up(cell: str) -> bool:
    """Whether a cell may stand beside a total: a figure, a formula that was never computed, a dash."""
    return cell in "-—/" or any(form.fullmatch(cell) for form in (_NUMBER, _FORMULA, _TOTAL))


def records(piece: Piece, header: Header) -> tuple[Piece, list[tuple[int, NotData]]]:
    """The rows below the header that are records, and of the others which are none, without blank ones."""
    sure = _surely_records(piece.column(header.columns[0].index), header.columns[0].name)
    if pc.all(sure).as_py():
        return piece, []
    unsure = piece.filter(pc.invert(sure)).rows()
    found = [(number, why) for number, cells in unsure if (why := not_data(cells, header)) is not None]
    none = pa.array([number for number, _ in found], pa.int64())
    kept = piece.filter(pc.invert(pc.is_in(piece.numbers, value_set=none))) if found else piece
    return kept, [(number, why) for number, why in found if why is not NotData.BLANK]


def _surely_records(first: pa.Array, name: str) -> pa.BooleanArray:
    """Rows whose first cell begins no total, no remark and no header: nearly all, and told by two patterns."""
    code = pc.and_not(
        pc.match_substring_regex(first, _BEGINS_A_CODE),
        pc.match_substring_regex(first, f"^(?i:{'|'.join(sorted(_TELLING))})"),
    )
    words = pc.and_not(
        pc.match_substring_regex(first, r"^\p{Han}+$"),
        pc.match_substring_regex(first, _MAY_TELL),
    )
    return pc.and_(pc.or_(code, words), pc.not_equal(first, name))


def sheet_score(name: str, header: Header | None, rows: int) -> float:
    """How much a sheet looks like the one with the data."""
    if header is None:
        return 0.0
    below = max(rows - header.row, 0)
    score = header.score * (1.0 if below else 0.2) + min(below, 1000) / 1000
    return score * (0.3 if _NOTE_SHEETS.search(name) else 1.0)


def _score(rows: list[tuple[int, list[str]]], index: int, knows: Knows) -> float:
    """Header rows are short distinct words, as wide as the rows below, and mostly names we know."""
    cells = rows[index][1]
    named = [cell for cell in cells if cell]
    below = [_count(later) for _, later in rows[index + 1 : index + 21]]
    typical = sorted(below)[len(below) // 2] if below else len(named)
    if len(named) < min(2, typical):
        return 0.0
    texts = sum(1 for cell in named if _is_heading(cell))
    distinct = len(set(named))
    if texts < len(named) * 0.6 or distinct < len(named) * 0.6:
        return 0.0
    known = sum(1 for cell in set(named) if knows(bare(cell)))
    cover = min(len(named) / max(typical, 1), 1.0)
    if not known and (cover < 0.6 or not _differs(named, rows[index + 1 : index + 21])):
        return 0.0
    return cover + texts / len(named) + distinct / len(named) + 3 * known / len(named) - index * 0.01


def _differs(named: list[str], below: list[tuple[int, list[str]]]) -> bool:
    """Without a known name, a header is believed only above cells of another nature: numbers, dates, or nothing."""
    if not below:
        return True
    columns = range(max(len(cells) for _, cells in below))
    numeric = sum(
        1
        for column in columns
        if sum(1 for _, cells in below if column < len(cells) and _is_value(cells[column])) > len(below) / 2
    )
    return numeric > 0 or not any(name in cells for name in named for _, cells in below)


def _is_heading(cell: str) -> bool:
    return len(cell) <= LONGEST_HEADING and not _is_value(cell) and not cell.startswith("=")


def _is_value(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell) or "@" in cell)


def _count(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell)


def _width(cells: list[str]) -> int:
    return max((index + 1 for index, cell in enumerate(cells) if cell), default=0)


def _header(rows: list[tuple[int, list[str]]], index: int, score: float = 1.0) -> Header:
    number, cells = rows[index]
    named = [(place, " ".join(cell.split())) for place, cell in enumerate(cells) if cell]
    above = rows[index - 1][1] if index and rows[index - 1][0] == number - 1 else []
    # A row of group names, merged over the columns, is as wide as the header; a title or remark is not.
    above = above if len(set(above) - {""}) > 1 and 2 * _count(above) > len(named) else []
    columns = []
    seen: dict[str, int] = {}
    for place, name in named:
        seen[name] = seen.get(name, 0) + 1
        group = above[place] if place < len(above) and above[place] != name else ""
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        columns.append(Column(index=place, name=unique[:120], group=group[:60]))
    return Header(row=number, columns=tuple(columns), score=score)
