"""Keyset pages of a list: the last page is as fast as the first, and rows that appear meanwhile shift nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import (
    DateField,
    DateTimeField,
    DecimalField,
    F,
    FloatField,
    IntegerField,
    Model,
    Q,
    QuerySet,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.core import figures

Row = TypeVar("Row", bound=Model)
SIZE = 20
COUNTED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a list is sorted by: a column or annotation (the id settles ties), which way, and whether it may be empty."""

    by: str = "pk"
    falling: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where the reader stands, and the links before and after (empty: there is nothing)."""

    text: str
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row at the edge of the page before: its value and its id."""

    value: Any
    pk: int


def page_of(
    request: HttpRequest, rows: QuerySet[Row], order: Order, *, size: int = SIZE
) -> tuple[list[Row], Pager]:
    """One page of rows as `?after=` or `?before=` says, with the links to its neighbours."""
    after, before = (_read(request.GET.get(word), rows, order) for word in ("after", "before"))
    backwards = before is not None and after is None
    cursor = before if backwards else after
    if cursor:
        rows = rows.filter(_beyond(cursor, order, backwards))
    found = list(rows.order_by(*_sorting(order, backwards))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    previous = bool(found) and (more if backwards else bool(cursor))
    following = bool(found) and (bool(cursor) if backwards else more)
    pager = Pager(
        text=_("{count} shown").format(count=len(found)),
        previous=_link(request, "before", found[0], order) if previous else "",
        next=_link(request, "after", found[-1], order) if following else "",
    )
    return found, pager


def counted(rows: QuerySet[Any]) -> str:
    """How many there are: exact up to a million, beyond that nobody waits for the rest to be counted."""
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    return f"{figures.count(COUNTED)}+" if number > COUNTED else figures.count(number)


def _sorting(order: Order, backwards: bool) -> list[Any]:
    falling = order.falling is not backwards
    ties = "-pk" if falling else "pk"
    if order.by == "pk":
        return [ties]
    column = F(order.by)
    if not order.nullable:
        return [column.desc() if falling else column.asc(), ties]
    # Rows without a value stand last, so read backwards they come first.
    last = {"nulls_first": True} if backwards else {"nulls_last": True}
    return [column.desc(**last) if falling else column.asc(**last), ties]


def _beyond(cursor: Cursor, order: Order, backwards: bool) -> Q:
    falling = order.falling is not backwards
    word = "lt" if falling else "gt"
    tie = Q(**{f"pk__{word}": cursor.pk})
    if order.by == "pk":
        return tie
    if cursor.value is None:
        without = Q(**{f"{order.by}__isnull": True}) & tie
        return without | Q(**{f"{order.by}__isnull": False}) if backwards else without
    # The first condition is implied by the second; it is what lets the index be entered at the right place.
    near = Q(**{f"{order.by}__{word}e": cursor.value})
    within = near & (Q(**{f"{order.by}__{word}": cursor.value}) | tie)
    return within | Q(**{f"{order.by}__isnull": True}) if order.nullable and not backwards else within


_READERS: dict[str, Callable[[str], Any]] = {
    "s": str,
    "i": int,
    "n": Decimal,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "0": lambda text: None,
}


def _read(raw: str | None, rows: QuerySet[Any], order: Order) -> Cursor | None:
    """The place in the list; None for none, and for one that this list never gave: it then begins at its beginning."""
    if not raw:
        return None
    pk, kind, text = ([*raw.split("_", 2), "", ""])[:3]
    try:
        found = Cursor(_READERS[kind](text) if kind else None, int(pk))
    except (ValueError, ArithmeticError, KeyError):
        return None
    return found if _fits(found.value, rows, order) else None


def _fits(value: Any, rows: QuerySet[Any], order: Order) -> bool:
    """Whether a list may be sorted by such a value."""
    if order.by == "pk" or value is None:
        return value is None
    annotated = rows.query.annotations.get(order.by)
    column = annotated.output_field if annotated is not None else rows.model._meta.get_field(order.by)
    match column:
        case DateTimeField():
            return isinstance(value, datetime) and value.tzinfo is not None
        case DateField():
            return isinstance(value, date) and not isinstance(value, datetime)
        case IntegerField():
            return isinstance(value, int)
        case DecimalField() | FloatField():
            return isinstance(value, Decimal | int) and Decimal(value).is_finite()
        case _:
            return isinstance(value, str) and "\x00" not in value


def _written(value: Any) -> str:
    match value:
        case None:
            return "0_"
        case datetime():
            return f"t_{value.isoformat()}"
        case date():
            return f"d_{value.isoformat()}"
        case int():
            return f"i_{value}"
        case Decimal() | float():
            return f"n_{value}"
        case _:
            return f"s_{value}"


def _link(request: HttpRequest, word: str, row: Model, order: Order) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[word] = str(row.pk) if order.by == "pk" else f"{row.pk}_{_written(getattr(row, order.by))}"
    return f"{request.path}?{query.urlencode()}"
