"""The columns of the customer list, and its rows as the user may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.core.fields import FieldSpec
from zhike.customers import queries, showing
from zhike.customers.listing import Wanted
from zhike.customers.models import Customer
from zhike.customers.showing import Eye
from zhike.kernel import slots
from zhike.kernel.models import User

FIRST_FIELDS = ("phone", "region")
NUMERIC = frozenset({"money", "number", "integer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column that the list can show."""

    key: str
    label: str
    spec: FieldSpec | None = None
    slot: slots.Column | None = None
    sort: str = ""
    align_end: bool = False
    usual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column's head: its label, the address that sorts by it, and how it is sorted now."""

    label: str
    url: str = ""
    sorted: str = ""
    align_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCell:
    """One cell, as safe text."""

    label: str
    text: SafeString
    align_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One customer of the list."""

    key: UUID
    code: str
    name: str
    cells: list[ListCell] = field(default_factory=list)


def all_columns(fields: Mapping[str, FieldSpec]) -> list[ListColumn]:
    """Every column there is, in the order in which they stand."""
    from_slots = [
        ListColumn(
            key=one.key,
            label=str(one.label),
            slot=one,
            sort=one.key if one.sort_by else "",
            align_end=one.align_end,
            usual=one.usual,
        )
        for one in slots.columns()
    ]
    from_fields = [
        ListColumn(
            key=spec.key,
            label=str(spec.label),
            spec=spec,
            align_end=spec.type in NUMERIC,
            usual=spec.key in FIRST_FIELDS,
        )
        for spec in fields.values()
        if spec.key != "name"
    ]
    manager = ListColumn(key="manager", label=_("Manager"), usual=True)
    updated = ListColumn(key="updated", label=_("Last changed"), sort="updated")
    return [*from_slots, *from_fields, manager, updated]


def chosen(wanted: Wanted, columns: Sequence[ListColumn]) -> list[ListColumn]:
    """The columns asked for, or the usual ones."""
    return [one for one in columns if one.key in wanted.columns] or usual(columns)


def usual(columns: Sequence[ListColumn]) -> list[ListColumn]:
    """The columns of a list that nobody arranged."""
    return [one for one in columns if one.usual]


def headings(wanted: Wanted, columns: Sequence[ListColumn]) -> list[Heading]:
    """The heads of name, code and the chosen columns."""
    own = [
        ListColumn(key="name", label=_("Customer"), sort="name"),
        ListColumn(key="code", label=_("Customer code"), sort="code"),
    ]
    return [_heading(wanted, one) for one in [*own, *columns]]


def _heading(wanted: Wanted, column: ListColumn) -> Heading:
    if not column.sort:
        return Heading(label=column.label, align_end=column.align_end)
    now = wanted.sort.removeprefix("-") == column.sort
    falling = wanted.sort.startswith("-")
    # Figures are first wanted from the top, words from the beginning of the alphabet.
    first = f"-{column.sort}" if column.slot or column.sort == "updated" else column.sort
    turned = column.sort if falling else f"-{column.sort}"
    return Heading(
        label=column.label,
        url=f"?{wanted.query(sort=turned if now else first)}",
        sorted=("descending" if falling else "ascending") if now else "",
        align_end=column.align_end,
    )


def rows(customers: Sequence[Customer], columns: Sequence[ListColumn], user: User) -> list[ListRow]:
    """The rows of one page; every column answers for all of them at once."""
    eye = Eye.of(user)
    ids = [one.pk for one in customers]
    points = showing.points_for(customers, [column.spec for column in columns if column.spec])
    answers = {column.key: column.slot.values(ids) for column in columns if column.slot}
    return [
        ListRow(
            key=one.key,
            code=one.code,
            name=queries.shown_name(user, one),
            cells=[_cell(one, column, eye, points, answers) for column in columns],
        )
        for one in customers
    ]


def _cell(
    customer: Customer,
    column: ListColumn,
    eye: Eye,
    points: showing.Points,
    answers: Mapping[str, Mapping[int, Any]],
) -> ListCell:
    text: str
    if column.slot is not None:
        value = answers[column.key].get(customer.pk)
        text = "" if value is None else column.slot.show(value)
    elif column.spec is not None:
        text = showing.shown(column.spec, customer, eye, points).text
    elif column.key == "manager":
        text = customer.manager.name if customer.manager else ""
    else:
        text = figures.day(localtime(customer.updated_at))
    return ListCell(label=column.label, text=conditional_escape(text), align_end=column.align_end)
