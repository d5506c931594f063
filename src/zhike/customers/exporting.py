"""Customers as rows of a file: masked as on the page, or in clear for those who said why they need it."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.core.fields import FieldSpec
from zhike.core.spreadsheets import inert
from zhike.customers import queries, showing
from zhike.customers.models import Customer
from zhike.customers.showing import Eye
from zhike.kernel import slots
from zhike.kernel.models import User

AT_ONCE = 2_000


class _Echo:
    """A file that hands back what is written."""

    def write(self, line: str) -> str:
        """Give the line back."""
        return line


def header(fields: Sequence[FieldSpec]) -> list[str]:
    """The column names of an export; the same that the import recognises."""
    own = [
        _("Customer code"),
        *(str(spec.label) for spec in fields),
        _("Manager"),
        _("Department"),
        _("Recorded on"),
    ]
    return [*own, *(str(column.label) for column in slots.columns())]


def rows(
    customers: QuerySet[Customer], fields: Sequence[FieldSpec], user: User, *, clear: bool
) -> Iterator[list[str]]:
    """The rows of an export, read and unsealed some thousand at a time."""
    eye = Eye.of(user)
    batch: list[Customer] = []
    found = customers.select_related("manager", "department").order_by("pk")
    for one in found.iterator(chunk_size=AT_ONCE):
        batch.append(one)
        if len(batch) == AT_ONCE:
            yield from _rows(batch, fields, eye, clear)
            batch = []
    yield from _rows(batch, fields, eye, clear)


def _rows(batch: list[Customer], fields: Sequence[FieldSpec], eye: Eye, clear: bool) -> Iterator[list[str]]:
    points = showing.points_for(batch, fields) if batch else {}
    ids = [one.pk for one in batch]
    more = [(column, column.values(ids)) for column in slots.columns()] if batch else []
    for one in batch:
        values = (
            showing.clear(spec, one, points) if clear else showing.shown(spec, one, eye, points).text
            for spec in fields
        )
        yield [
            one.code,
            *values,
            one.manager.name if one.manager else "",
            one.department.name if one.department else "",
            figures.day(localtime(one.created_at)),
            *(_plain(column, found.get(one.pk)) for column, found in more),
        ]


def _plain(column: slots.Column, value: object) -> str:
    """A value of another stage's column as a spreadsheet takes it: numbers and days bare, the rest in words."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | Decimal | date) else strip_tags(column.show(value)).strip()


def lines(header: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """The export as CSV that Excel reads: a byte order mark, and nothing a spreadsheet would run."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(header))
    for row in rows:
        yield str(writer.writerow([inert(cell) for cell in row]))


def fields_for_export() -> list[FieldSpec]:
    """All fields of the blueprint, in its order."""
    return list(queries.fields().values())
