"""The numbers of a chart as a table: what stands beside every picture, for access, print, CSV and tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zhike.core import figures
from zhike.core.figures import Unit
from zhike.core.text import Text

Label = str | Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a chart's table: the value for CSV, the words for people, and where a click leads."""

    value: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The numbers of a chart, row by row; `unit` says how all but the first column are written."""

    columns: Sequence[Label]
    rows: Sequence[Sequence[object]]
    unit: Unit = "plain"
    urls: Sequence[str] = ()

    @property
    def shown(self) -> list[list[Cell]]:
        """The rows as a page prints them; a row's link hangs on its first cell."""
        links = [*self.urls, *[""] * (len(self.rows) - len(self.urls))]
        return [self._cells(row, url) for row, url in zip(self.rows, links, strict=True)]

    def _cells(self, row: Sequence[object], url: str) -> list[Cell]:
        first, *rest = row
        return [Cell(str(first), str(first), url), *(self._cell(value) for value in rest)]

    def _cell(self, value: object) -> Cell:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return Cell(str(value), figures.written(value, self.unit))
        return Cell("" if value is None else str(value), figures.figure(value))
