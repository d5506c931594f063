"""Keyset pages of a list: as fast on the last page as on the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.core import figures

Row = TypeVar("Row", bound=Model)
SIZE = 50
COUNTED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where the reader stands, and the links before and after (empty: there is nothing)."""

    text: str
    previous: str
    next: str


def page_of(
    request: HttpRequest, found: QuerySet[Row], by: str, *, newest: bool = False
) -> tuple[list[Row], Pager]:
    """One page of rows ordered by the day `by` and id, newest first if asked, as `?after=` or `?before=` says."""
    after, before = _cursor(request.GET.get("after")), _cursor(request.GET.get("before"))
    backwards = before is not None and after is None
    cursor = before if backwards else after
    falling = newest is not backwards
    if cursor:
        found = found.filter(_beyond(by, cursor, falling))
    sign = "-" if falling else ""
    rows = list(found.order_by(f"{sign}{by}", f"{sign}pk")[: SIZE + 1])
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if backwards:
        rows.reverse()
    return rows, Pager(
        text=_("{count} shown").format(count=len(rows)),
        previous=_link(request, "before", by, rows[0]) if rows and (more if backwards else cursor) else "",
        next=_link(request, "after", by, rows[-1]) if rows and (cursor if backwards else more) else "",
    )


def counted(found: QuerySet[Any]) -> str:
    """How many there are, up to a limit beyond which nobody counts."""
    number = found.order_by().values("pk")[: COUNTED + 1].count()
    return f"{figures.count(COUNTED)}+" if number > COUNTED else figures.count(number)


def _beyond(by: str, cursor: tuple[date, int], falling: bool) -> Q:
    day, pk = cursor
    word = "lt" if falling else "gt"
    return Q(**{f"{by}__{word}": day}) | Q(**{by: day, f"pk__{word}": pk})


def _cursor(raw: str | None) -> tuple[date, int] | None:
    day, _separator, pk = (raw or "").partition("_")
    try:
        return date.fromisoformat(day), int(pk)
    except ValueError:
        return None


def _link(request: HttpRequest, word: str, by: str, row: Model) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[word] = f"{getattr(row, by).isoformat()}_{row.pk}"
    return f"{request.path}?{query.urlencode()}"
