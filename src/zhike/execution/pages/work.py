"""Working on tasks: each form is a page of its own that a dialog may also show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.customers import queries as customers
from zhike.execution import actions, queries, reasons
from zhike.execution.forms import AssignForm, CancelForm, DoneForm, PostponeForm, TaskForm
from zhike.execution.models import Task
from zhike.execution.rows import TaskRow, task_rows
from zhike.kernel import clock
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage(Page):
    """One form about one task or customer."""

    template: ClassVar[str] = "execution/work.html"
    form: Form
    row: TaskRow | None
    submit: str
    action: str
    back: str
    danger: bool = False


@needs(Right.TASKS_WORK)
@require_http_methods(["GET", "POST"])
def complete(request: StaffRequest, key: UUID) -> HttpResponse:
    """Complete a task and record what was done."""
    task = queries.task_for(request.user, key)
    form = DoneForm(
        _sent(request),
        initial={"on": clock.today(), "action": str(task.name)},
        reasons=reasons.reasons_to_ask(task.customer_id),
    )

    def act() -> str:
        actions.complete(task=task, done=form.done(), by=request.user)
        return _("Recorded: {title}").format(title=task.name)

    return _answer(
        request, form, act, task=task, title=_("Complete and record"), submit=pgettext("action", "Done")
    )


@needs(Right.TASKS_WORK)
@require_http_methods(["GET", "POST"])
def postpone(request: StaffRequest, key: UUID) -> HttpResponse:
    """Move a task to a later day."""
    task = queries.task_for(request.user, key)
    form = PostponeForm(_sent(request))

    def act() -> str:
        to = form.cleaned_data["to"]
        actions.postpone(task=task, to=to, reason=form.cleaned_data["reason"], by=request.user)
        return _("Postponed to {day}").format(day=f"{to:%Y-%m-%d}")

    return _answer(request, form, act, task=task, title=_("Postpone the task"), submit=_("Postpone"))


@needs(Right.TASKS_WORK)
@require_http_methods(["GET", "POST"])
def cancel(request: StaffRequest, key: UUID) -> HttpResponse:
    """Close a task that will not be done."""
    task = queries.task_for(request.user, key)
    form = CancelForm(_sent(request))

    def act() -> str:
        actions.cancel(task=task, reason=form.cleaned_data["reason"], by=request.user)
        return _("Task cancelled")

    return _answer(
        request, form, act, task=task, title=_("Cancel the task"), submit=_("Cancel the task"), danger=True
    )


@needs(Right.TASKS_ASSIGN)
@require_http_methods(["GET", "POST"])
def assign(request: StaffRequest, key: UUID) -> HttpResponse:
    """Hand a task to somebody else."""
    task = queries.task_for(request.user, key)
    initial = {"to": str(task.assignee.key) if task.assignee else ""}
    form = AssignForm(_sent(request), people=queries.assignees(request.user), initial=initial)

    def act() -> str:
        person = form.person()
        actions.reassign(task=task, to=person, by=request.user)
        return _("Assigned to {name}").format(name=person.name) if person else _("Back in the queue")

    return _answer(request, form, act, task=task, title=_("Assign the task"), submit=_("Assign"))


@needs(Right.TASKS_WORK)
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Add a task for a customer by hand."""
    customer = _customer(request)
    form = TaskForm(
        _sent(request),
        people=queries.assignees(request.user),
        initial={"due_on": clock.today(), "to": str(request.user.key)},
    )

    def act() -> str:
        said = form.cleaned_data
        actions.add(
            customer=customer,
            title=said["title"],
            due_on=said["due_on"],
            note=said["note"],
            assignee=form.person(),
            by=request.user,
        )
        return _("Task added")

    who = customers.shown_name(request.user, customer)
    return _answer(request, form, act, title=_("New task"), submit=_("Add the task"), pretitle=who)


@needs(Right.TASKS_WORK)
@require_http_methods(["GET", "POST"])
def record(request: StaffRequest) -> HttpResponse:
    """Record something done for a customer without a task."""
    customer = _customer(request)
    form = DoneForm(
        _sent(request), initial={"on": clock.today()}, reasons=reasons.reasons_to_ask(customer.pk)
    )

    def act() -> str:
        actions.record(customer=customer, done=form.done(), by=request.user)
        return _("Recorded")

    who = customers.shown_name(request.user, customer)
    return _answer(request, form, act, title=_("Record what was done"), submit=_("Record"), pretitle=who)


def _answer(
    request: StaffRequest,
    form: Form,
    act: Callable[[], str],
    *,
    title: str,
    submit: str,
    task: Task | None = None,
    pretitle: str = "",
    danger: bool = False,
) -> HttpResponse:
    """Act when the form is valid; show it again with the reason when it, or the action, says no."""
    if request.method == "POST" and form.is_valid():
        try:
            return saved(request, back_to(request), toast=act())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    rows = task_rows(request.user, [task], clock.today()) if task else []
    page = WorkPage(
        title=title,
        pretitle=pretitle or (f"{rows[0].customer} · {rows[0].task.customer.code}" if rows else ""),
        form=form,
        row=rows[0] if rows else None,
        submit=submit,
        action=request.get_full_path(),
        back=back_to(request),
        danger=danger,
    )
    return show(request, page, fragment="dialog", status=422 if form.is_bound else 200)


def _customer(request: StaffRequest) -> Customer:
    try:
        return customers.customer_for(request.user, UUID(request.GET.get("customer", "")))
    except ValueError as error:
        raise Http404 from error


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def back_to(request: HttpRequest) -> str:
    """Where the reader came from, if that is a page of ours; else the list of tasks."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    here = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if here and wanted.startswith("/") else reverse("execution:tasks")


@needs(Right.TASKS_WORK)
@require_POST
def take(request: StaffRequest, key: UUID) -> HttpResponse:
    """Take a task nobody has."""
    task = queries.task_for(request.user, key)
    return _at_once(
        request, lambda: actions.reassign(task=task, to=request.user, by=request.user), _("It is yours")
    )


@needs(Right.TASKS_WORK)
@require_POST
def undo(request: StaffRequest, key: UUID) -> HttpResponse:
    """Take a completion back."""
    task = queries.task_for(request.user, key)
    return _at_once(
        request, lambda: actions.undo(task=task, by=request.user), _("Open again; the record is withdrawn")
    )


@needs(Right.TASKS_WORK)
@require_POST
def reopen(request: StaffRequest, key: UUID) -> HttpResponse:
    """Open a cancelled task again."""
    task = queries.task_for(request.user, key)
    return _at_once(request, lambda: actions.reopen(task=task, by=request.user), _("Open again"))


def _at_once(request: StaffRequest, act: Callable[[], object], toast: str) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        toast = ""
    return saved(request, back_to(request), toast=toast)


@needs(Right.TASKS_WORK)
@require_POST
def bulk_postpone(request: StaffRequest) -> HttpResponse:
    """Postpone the ticked tasks."""
    form = PostponeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a day and a reason; nothing was postponed."))
        return saved(request, back_to(request))
    tasks = queries.by_keys(request.user, request.POST.getlist("keys"))
    to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
    return _tell(request, *actions.postpone_many(tasks=tasks, to=to, reason=reason, by=request.user))


@needs(Right.TASKS_ASSIGN)
@require_POST
def bulk_assign(request: StaffRequest) -> HttpResponse:
    """Hand the ticked tasks to one person."""
    form = AssignForm(request.POST, people=queries.assignees(request.user))
    if not form.is_valid():
        messages.error(request, _("Choose a person; nothing was assigned."))
        return saved(request, back_to(request))
    tasks = queries.by_keys(request.user, request.POST.getlist("keys"))
    return _tell(request, *actions.assign_many(tasks=tasks, to=form.person(), by=request.user))


def _tell(request: StaffRequest, done: int, refused: list[tuple[Task, Refusal]]) -> HttpResponse:
    for _task, refusal in refused[:3]:
        messages.error(request, str(refusal))
    toast = (
        ngettext("%(count)d task changed", "%(count)d tasks changed", done) % {"count": done} if done else ""
    )
    return saved(request, back_to(request), toast=toast)
