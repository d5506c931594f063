"""What a report is made of, before it becomes a page and a workbook: sections of figures, charts, tables and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from zhike.core import figures
from zhike.core.text import Text

Unit = Literal["text", "count", "money", "money_whole", "share", "share_whole", "days", "plain", "date"]
GREY = "#7b8794"
FEWEST = 10  # customers; of fewer neither fifths nor medians say anything


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with its colour: a tier, a class, a level."""

    text: Text
    color: str

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, and how its values are written."""

    label: Text
    unit: Unit = "text"
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number on a card."""

    label: Text
    value: str
    hint: str = ""
    tone: Literal["", "risk"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Cards in a row."""

    kind: ClassVar[str] = "figures"
    cards: Sequence[Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Sentences; `tone` warns."""

    kind: ClassVar[str] = "say"
    lines: Sequence[Text]
    tone: Literal["", "note", "warning"] = ""
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table for the page, and for a sheet of its own when `sheet` names one; `shown`: rows on the page."""

    kind: ClassVar[str] = "table"
    title: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    sheet: Text | None = None
    shown: int = 50
    folded: bool = False
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its label, value, the words above it, and what a second bar beside it is."""

    label: str
    value: float
    said: str = ""
    other: float | None = None
    other_said: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Upright bars over labels, one or two per label; `across`: lying beside them, for long ones."""

    kind: ClassVar[str] = "bars"
    title: Text
    bars: Sequence[Bar]
    unit: Unit = "count"
    names: Sequence[Text] = ()
    note: Text | None = None
    across: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a whole: a tile or a stretch of a band."""

    label: Text
    value: float
    said: str
    color: str
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """Areas in proportion to their values."""

    kind: ClassVar[str] = "tiles"
    title: Text
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The same parts as shares of several wholes, one band each: of the customers, of the sales."""

    kind: ClassVar[str] = "bands"
    title: Text
    bands: Sequence[tuple[Text, Sequence[Part]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A heat map: labels down, labels across, shares inside; None leaves a gap."""

    kind: ClassVar[str] = "heat"
    title: Text
    first: Text
    columns: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[float | None]]]
    note: Text | None = None


Block = Figures | Say | Table | Bars | Tiles | Bands | Heat


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report with its heading and one sentence that says the most important of it."""

    key: str
    title: Text
    lead: Text
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report; `customers` goes into the workbook only, `every` is the file of all of them if they are too many."""

    file: str
    as_of: date
    made_on: date
    period: tuple[date, date]
    currency: str
    names: bool
    everybody: int
    headline: Sequence[Text]
    cards: Sequence[Figure]
    sections: Sequence[Section]
    customers: Table
    every: Path | None = None

    def sheets(self) -> list[Table]:
        """The tables that become sheets, in order."""
        return [
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Table) and block.sheet is not None
        ]


def written(value: object, unit: Unit) -> str:
    """A value as people read it; without a currency there is no sign before it."""
    if value is None or value == "":
        return figures.NOTHING
    if unit == "date":
        return figures.day(value)
    if unit == "text":
        return str(value)
    if unit == "money_whole":
        return figures.money_whole(value).strip()
    if unit == "share_whole":
        return figures.share_whole(value)
    return figures.written(value, unit).strip()


def money_short(value: object) -> str:
    """An amount for cards."""
    return figures.money_short(value).strip()


def share(part: object, whole: object) -> float:
    """A share, 0 of nothing."""
    below = float(str(whole or 0))
    return float(str(part or 0)) / below if below else 0.0
