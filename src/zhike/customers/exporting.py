"""Customers as rows of a file: masked as on the page, or in clear for those who said why they need it."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import strip_tags
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from zhike.core import masks
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.spreadsheets import inert
from zhike.customers import queries, showing
from zhike.customers.models import Customer
from zhike.customers.reconcile import JSON
from zhike.customers.showing import Eye
from zhike.kernel import bulk, sealing, slots
from zhike.kernel.models import User

AT_ONCE = 2_000
REMEMBERED = 50_000


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
    return [*own, *(str(column.label) for column in slots.columns() if column.usual)]


def rows(
    customers: QuerySet[Customer], fields: Sequence[FieldSpec], user: User, *, clear: bool
) -> Iterator[list[str]]:
    """The rows of an export, read and unsealed some thousand at a time."""
    points: Points = {}
    readers = [_reader(spec, Eye.of(user), clear, points) for spec in fields]
    # Decoding JSON costs as much as all the rest of a row: what no field reads is left where it is.
    unread = () if any(spec.sealed and not spec.contact for spec in fields) else ("digests", "sealed")
    columns = [name for name in _Row._fields if name not in unread]
    contacts = any(spec.contact for spec in fields)
    found = customers.order_by("pk").values_list(*columns).iterator(chunk_size=AT_ONCE)
    while batch := [_Row(*row) for row in islice(found, AT_ONCE)]:
        points.clear()
        if contacts:
            points.update(_points([row.pk for row in batch]))
        more = [
            (column, column.values([row.pk for row in batch])) for column in slots.columns() if column.usual
        ]
        for row in batch:
            yield [
                row.code,
                *(read(row) for read in readers),
                row.manager__name or "",
                row.department__name or "",
                f"{localtime(row.created_at):%Y-%m-%d}",
                *(_plain(column, answers.get(row.pk)) for column, answers in more),
            ]


def _plain(column: slots.Column, value: object) -> str:
    """A value of another stage's column as a spreadsheet takes it: numbers and days bare, the rest in words."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal | date):
        return str(value)
    text = column.show(value)
    return strip_tags(text).strip() if "<" in text else text


class _Row(NamedTuple):
    """What an export needs of a customer; a model instance would cost as much as all the rest."""

    pk: int
    key: UUID
    kind: str
    code: str
    name: str
    values: JSON
    manager__name: str | None
    department__name: str | None
    created_at: datetime
    digests: Mapping[str, str] = MappingProxyType({})
    sealed: Mapping[str, str] = MappingProxyType({})


Points = dict[tuple[int, str], tuple[str, str]]
Reader = Callable[[_Row], str]


def _points(ids: list[int]) -> Points:
    """The seals of the preferred contact points, with the rows they are bound to."""
    found = bulk.rows(
        'SELECT customer_id, field, key::text, sealed FROM customers_contactpoint WHERE "primary" AND customer_id = ANY(%s)',
        [ids],
    )
    return {(customer, told): (key, token) for customer, told, key, token in found}


def _reader(spec: FieldSpec, eye: Eye, clear: bool, points: Points) -> Reader:
    """The function that writes one field of a row; what does not change from row to row is decided here."""
    if spec.key == "name":
        return _name_reader(spec, clear or eye.names)
    written: Callable[[Any], str] = spec.show if clear or eye.sees(spec) else spec.mask
    if spec.type == "long_text" and not clear:
        written = _without_numbers(written)
    if spec.contact:
        return _contact_reader(spec.key, written, points)
    if spec.sealed:
        return _sealed_reader(spec.key, written)
    return _plain_reader(spec, written)


def _name_reader(spec: FieldSpec, seen: bool) -> Reader:
    open_to_all = spec.sensitivity is not Sensitivity.PERSONAL

    def read(row: _Row) -> str:
        company = open_to_all and row.kind == Customer.Kind.COMPANY
        return row.name if seen or company or not row.name else spec.mask(row.name)

    return read


def _contact_reader(key: str, written: Callable[[str], str], points: Points) -> Reader:
    def read(row: _Row) -> str:
        point = points.get((row.pk, key))
        if point is None:
            return ""
        return written(
            sealing.unseal(point[1], table="customers_contactpoint", column="sealed", row=point[0])
        )

    return read


def _sealed_reader(key: str, written: Callable[[str], str]) -> Reader:
    def read(row: _Row) -> str:
        token = row.sealed.get(row.digests.get(key, ""))
        if token is None:
            return ""
        return written(sealing.unseal(token, table="customers_customer", column="sealed", row=str(row.key)))

    return read


def _without_numbers(written: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: masks.numbers(written(value))


def _plain_reader(spec: FieldSpec, written: Callable[[Any], str]) -> Reader:
    known: dict[str, str] = {}

    def read(row: _Row) -> str:
        raw = row.values.get(spec.key)
        if raw is None:
            return ""
        word = str(raw)
        if word not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[word] = written(showing.value_of(spec, raw))
        return known[word]

    return read


def lines(header: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """The export as CSV that Excel reads: a byte order mark, and nothing a spreadsheet would run."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(header))
    for row in rows:
        yield str(writer.writerow([inert(cell) for cell in row]))


def fields_for_export() -> list[FieldSpec]:
    """All fields of the blueprint, in its order."""
    return list(queries.fields().values())
