"""Tasks as a list, a calendar month and a board, and one task with its story."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from zhike.core.text import Text
from zhike.execution import queries, sheets
from zhike.execution.forms import AssignForm
from zhike.execution.models import Task
from zhike.execution.paging import Pager, counted, page_of
from zhike.execution.queries import TaskFilter
from zhike.execution.rows import RecordRow, TaskRow, record_rows, task_rows
from zhike.execution.timing import month_start, next_month, previous_month, weeks
from zhike.kernel import audit, clock, workbooks
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right
from zhike.strategies import queries as strategies
from zhike.tiers import queries as tiers
from zhike.tiers.facts import TierName

WHENS = ("open", "overdue", "today", "week", "postponed", "done", "cancelled", "")


YEARS_AROUND = 100  # a calendar further away than this is a slip of the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to narrow a list, with how many it would show."""

    value: str
    label: str
    url: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskList(Page):
    """The list of tasks."""

    template: ClassVar[str] = "execution/tasks.html"
    rows: list[TaskRow]
    pager: Pager
    total: str
    wanted: TaskFilter
    whens: list[Choice]
    people: list[tuple[str, str]]
    marks: list[TierName]
    measures: list[tuple[str, Text]]
    may_work: bool
    may_assign: bool
    assign: AssignForm
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of the month view."""

    day: date
    inside: bool
    today: bool
    rows: list[TaskRow]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage(Page):
    """Open tasks by day of a month."""

    template: ClassVar[str] = "execution/calendar.html"
    weeks: list[list[CalendarDay]]
    month: date
    before: str
    after: str
    who: str
    people: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One state of the board."""

    state: str
    label: str
    rows: list[TaskRow]
    count: int
    all_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(Page):
    """Tasks in columns by state."""

    template: ClassVar[str] = "execution/board.html"
    columns: list[Column]
    who: str
    people: list[tuple[str, str]]
    may_work: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage(Page):
    """One task: what, for whom, by when, how well, and what became of it."""

    template: ClassVar[str] = "execution/task.html"
    row: TaskRow
    record: RecordRow | None
    came_from: RecordRow | None
    customer_url: str
    may_work: bool
    may_assign: bool
    may_take: bool


@needs(Right.TASKS_VIEW)
@require_GET
def index(request: StaffRequest) -> HttpResponse:
    """The list of tasks."""
    user, today = request.user, clock.today()
    wanted = _wanted(request)
    found = queries.tasks(user, wanted, today)
    closed = wanted.when in ("done", "cancelled")
    tasks, pager = page_of(
        request, found, "closed_on" if closed else "act_on", newest=closed or wanted.when == ""
    )
    page = TaskList(
        title=_("Tasks"),
        pretitle=_("As of {day}").format(day=f"{today:%Y-%m-%d}"),
        rows=task_rows(user, tasks, today),
        pager=pager,
        total=counted(found),
        wanted=wanted,
        whens=_whens(user, wanted, today),
        people=people(user),
        marks=list(tiers.names().values()),
        measures=sorted(strategies.measure_names().items()),
        may_work=may(user, Right.TASKS_WORK),
        may_assign=may(user, Right.TASKS_ASSIGN),
        assign=AssignForm(people=queries.assignees(user)),
        query=_query(wanted),
    )
    return show(request, page, fragment="rows")


def _wanted(request: StaffRequest) -> TaskFilter:
    given = request.GET
    when = given.get("when", "open")
    return TaskFilter(
        q=given.get("q", "").strip()[:100],
        who=_whose(request),
        when=when if when in WHENS else "open",
        tier=given.get("tier", "")[:60],
        measure=given.get("measure", "")[:130],
        source=given.get("source", "")[:10],
    )


def _whose(request: StaffRequest) -> str:
    """Whose tasks are asked for: unless the address says it, one's own, or everybody's when one has none."""
    own = "mine" if "who" in request.GET or queries.has_open(request.user) else "all"
    return request.GET.get("who", own)[:40]


def _query(wanted: TaskFilter) -> str:
    return urlencode({name: getattr(wanted, name) for name in TaskFilter.__slots__})


def _whens(user: User, wanted: TaskFilter, today: date) -> list[Choice]:
    labels = {
        "open": pgettext("task", "Open"),
        "overdue": _("Overdue"),
        "today": _("Due today"),
        "week": _("Due this week"),
        "postponed": _("Postponed"),
        "done": _("Done"),
        "cancelled": _("Cancelled"),
        "": _("All"),
    }
    counts = queries.timing_counts(user, wanted.who, today)
    return [
        Choice(
            value=when,
            label=labels[when],
            url=f"{reverse('execution:tasks')}?{_query(replace(wanted, when=when))}",
            chosen=when == wanted.when,
            count=counts.get(when),
        )
        for when in WHENS
    ]


def people(user: User) -> list[tuple[str, str]]:
    """Whose tasks one may ask for: mine, everybody's, nobody's, or one person's."""
    named = [(str(one.key), one.name) for one in queries.assignees(user) if one != user]
    return [("mine", _("My tasks")), ("all", _("Everybody's")), ("none", _("Nobody's yet")), *named]


@needs(Right.TASKS_VIEW)
@require_GET
def calendar(request: StaffRequest) -> HttpResponse:
    """Open tasks by day of a month."""
    user, today = request.user, clock.today()
    month, who = _month(request.GET.get("month", ""), today), _whose(request)
    grid = weeks(month)
    tasks, counts = queries.calendar(user, who, grid[0][0], grid[-1][-1])
    rows = {
        row.task.pk: row for row in task_rows(user, [one for day in tasks.values() for one in day], today)
    }

    def cell(day: date) -> CalendarDay:
        shown = [rows[one.pk] for one in tasks.get(day, [])]
        more = counts.get(day, 0) - len(shown)
        return CalendarDay(
            day=day, inside=day.month == month.month, today=day == today, rows=shown, more=more
        )

    page = CalendarPage(
        title=_("Task calendar"),
        pretitle=f"{month:%Y-%m}",
        weeks=[[cell(day) for day in week] for week in grid],
        month=month,
        before=f"?{urlencode({'month': f'{previous_month(month):%Y-%m}', 'who': who})}",
        after=f"?{urlencode({'month': f'{next_month(month):%Y-%m}', 'who': who})}",
        who=who,
        people=people(user),
    )
    return show(request, page, fragment="month")


def _month(raw: str, today: date) -> date:
    try:
        month = date.fromisoformat(f"{raw}-01")
    except ValueError:
        return month_start(today)
    return month if abs(month.year - today.year) <= YEARS_AROUND else month_start(today)


@needs(Right.TASKS_VIEW)
@require_GET
def board(request: StaffRequest) -> HttpResponse:
    """Tasks in columns by state."""
    user, today = request.user, clock.today()
    who = _whose(request)
    columns = []
    for state, (tasks, count) in queries.board(user, who, today).items():
        when = "open" if state == Task.State.OPEN else state
        columns.append(
            Column(
                state=state,
                label=_("To do") if state == Task.State.OPEN else str(Task.State(state).label),
                rows=task_rows(user, tasks, today),
                count=count,
                all_url=f"{reverse('execution:tasks')}?{urlencode({'when': when, 'who': who})}",
            )
        )
    page = BoardPage(
        title=_("Task board"),
        columns=columns,
        who=who,
        people=people(user),
        may_work=may(user, Right.TASKS_WORK),
    )
    return show(request, page, fragment="columns")


@needs(Right.TASKS_VIEW)
@require_GET
def export(request: StaffRequest) -> HttpResponse:
    """The tasks a filter shows, as an Excel workbook."""
    today = clock.today()
    found = queries.tasks(request.user, _wanted(request), today).order_by("act_on", "pk")
    audit.record("execution.tasks_exported", None, by=request.user)
    return workbooks.answer(f"tasks-{today:%Y%m%d}", [sheets.tasks(request.user, found)])


@needs(Right.TASKS_VIEW)
@require_GET
def task(request: StaffRequest, key: UUID) -> HttpResponse:
    """One task with its story."""
    user = request.user
    found = queries.task_for(user, key)
    written = queries.record_of(found)
    source = queries.record_by_id(user, found.from_record_id)
    [row] = task_rows(user, [found], clock.today())
    page = TaskPage(
        title=str(row.title),
        pretitle=f"{row.customer} · {found.customer.code}",
        row=row,
        record=record_rows(user, [written])[0] if written else None,
        came_from=record_rows(user, [source])[0] if source else None,
        customer_url=reverse("customers:customer", args=[found.customer.key]),
        may_work=may(user, Right.TASKS_WORK),
        may_assign=may(user, Right.TASKS_ASSIGN),
        may_take=may(user, Right.TASKS_WORK) and found.assignee is None,
    )
    return show(request, page)
