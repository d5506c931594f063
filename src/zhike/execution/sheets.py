"""The three working tables of customer care as sheets: customers, strategies, execution records; and the task list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.blueprint import queries as blueprint
from zhike.core import masks
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.execution import queries, reasons
from zhike.execution.models import ExecutionRecord, Task
from zhike.kernel import clock, prose
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.kernel.workbooks import Cell, Sheet
from zhike.strategies import queries as strategies
from zhike.strategies.facts import cycle_text
from zhike.tiers import queries as tiers

if TYPE_CHECKING:
    from zhike.core.fields import FieldSpec
    from zhike.customers.models import ContactPoint, Customer

CHUNK = 1000
One = TypeVar("One")


def records(user: User, found: QuerySet[ExecutionRecord] | None = None) -> Sheet:
    """维护执行记录表: date, customer, executor, action, feedback, result and what comes next."""
    rows = queries.records_visible_to(user).order_by("-on_date", "-pk") if found is None else found
    header = [
        _("Date"), _("Customer code"), _("Customer"), _("Executor"), _("Action"), pgettext("execution", "Feedback"), _("Outcome"),
        _("Next step"), _("Next step by"), _("Reason for churn"),
    ]  # fmt: skip
    known = reasons.churn_reasons()
    return Sheet(
        name=_("Execution records"),
        header=header,
        rows=(record_cells(user, one, known) for one in rows.iterator(CHUNK)),
    )


def record_cells(user: User, one: ExecutionRecord, known: Mapping[str, Text]) -> list[Cell]:
    """One line of the execution records."""
    return [
        one.on_date,
        one.customer.code,
        customers.shown_name(user, one.customer),
        one.executor.name,
        prose.said(user, one.action, leaves=True),
        prose.about(user, one.feedback, leaves=True),
        str(ExecutionRecord.Result(one.result).label),
        prose.said(user, one.next_step, leaves=True),
        one.next_on,
        str(known.get(one.churn_reason, one.churn_reason)),
    ]


def tasks(user: User, found: QuerySet[Task] | None = None) -> Sheet:
    """The task list: what, for whom, by whom, by when and what became of it."""
    rows = queries.visible_to(user).order_by("act_on", "pk") if found is None else found
    header = [
        _("Task"), _("Customer code"), _("Customer"), _("Tier"), _("Cycle"), _("Owner"), _("Due"), _("Postponed to"),
        _("State"), _("Closed on"), _("Reason"),
    ]  # fmt: skip
    marks = {key: str(mark.label) for key, mark in tiers.names().items()}
    return Sheet(
        name=_("Tasks"), header=header, rows=(task_cells(user, one, marks) for one in rows.iterator(CHUNK))
    )


def task_cells(user: User, one: Task, marks: dict[str, str]) -> list[Cell]:
    """One line of the task list."""
    closing = str(Task.Closing(one.closing).label) if one.closing else ""
    return [
        prose.said(user, str(one.name), leaves=True),
        one.customer.code,
        customers.shown_name(user, one.customer),
        marks.get(one.tier, ""),
        cycle_text(one.cycle),
        one.assignee.name if one.assignee else "",
        one.due_on,
        one.postponed_to,
        str(Task.State(one.state).label),
        one.closed_on,
        ": ".join(part for part in (closing, prose.said(user, one.reason, leaves=True)) if part),
    ]


def strategy_table(user: User) -> Sheet:
    """客户分层维护策略表: one line per measure of each tier."""
    header = [
        _("Tier"), _("Customers"), _("Traits"), _("Measure"), _("Action standard"), _("Within working days"),
        _("How often"), _("Owner"), _("In force since"),
    ]  # fmt: skip
    lines: list[list[Cell]] = [
        [
            str(row.mark.label), row.customers, str(row.traits), str(one.title), str(one.standard), one.days_due,
            str(one.every), row.owner, row.since,
        ]
        for row in strategies.table(user, clock.today())
        for one in row.measures
    ]  # fmt: skip
    return Sheet(name=_("Strategies by tier"), header=header, rows=lines)


def customer_table(user: User, found: QuerySet[Customer] | None = None) -> Sheet:
    """客户基础信息表: code, name, tier, manager and every field of the blueprint, masked as the asker's rights say."""
    rows = customers.visible_to(user).order_by("pk") if found is None else found
    fields = _fields()
    header = [
        _("Customer code"),
        _("Customer"),
        _("Tier"),
        _("Manager"),
        *(str(spec.label) for spec in fields),
    ]
    return Sheet(name=_("Customer base data"), header=header, rows=customer_cells(user, rows))


def customer_cells(user: User, found: QuerySet[Customer]) -> Iterator[list[Cell]]:
    """The lines of the customer table, asked for in chunks so that a million fit in memory."""
    fields = _fields()
    for chunk in chunks(found.select_related("manager").iterator(CHUNK), CHUNK):
        ids = [one.pk for one in chunk]
        placed = dict(
            tiers.placed_on(clock.today())
            .filter(customer_id__in=ids)
            .values_list("customer_id", "tier__label")
        )
        contacts = customers.contact_points(ids)
        for one in chunk:
            cells: list[Cell] = [
                one.code,
                customers.shown_name(user, one),
                str(Text.from_json(placed.get(one.pk, ""))),
            ]
            cells.append(one.manager.name if one.manager else "")
            yield [*cells, *(_shown(user, one, spec, contacts.get(one.pk, [])) for spec in fields)]


def _fields() -> list[FieldSpec]:
    spec = blueprint.current_or_none()
    return [field for key, field in spec.fields.items() if key not in ("code", "name")] if spec else []


def _shown(user: User, one: Customer, spec: FieldSpec, contacts: list[ContactPoint]) -> str:
    if spec.contact:
        point = next((point for point in contacts if point.field == spec.key), None)
        return spec.mask(customers.unseal_contact(point)) if point else ""
    if spec.sealed:
        return masks.hidden(one.sealed.get(spec.key))
    value = spec.from_json(one.values.get(spec.key))
    hide = spec.sensitivity.is_about_a_person and not user.has(Right.NAMES_VIEW)
    return spec.mask(value) if hide else spec.show(value)


def chunks(rows: Iterable[One], size: int) -> Iterator[list[One]]:
    """Rows in lists of at most `size`."""
    rows = iter(rows)
    while found := list(islice(rows, size)):
        yield found


def lines(sheet: Sheet) -> tuple[list[str], Iterator[list[Any]]]:
    """A sheet as header and rows, for whoever writes files."""
    return list(sheet.header), (list(row) for row in sheet.rows)
