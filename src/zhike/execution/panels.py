"""What execution adds to other pages: strategy and tasks of a customer, timeline moments, the workbench card, the badge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.execution import queries, reasons
from zhike.execution.models import ExecutionRecord
from zhike.execution.rows import record_rows, task_rows
from zhike.kernel import clock, prose, slots
from zhike.kernel.facts import Moment
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.tiers.models import Segment

ON_THE_DESK = 8


def customer_tab(request: HttpRequest, customer: Customer) -> str:
    """The tab 策略与任务: the strategy of the customer's tier, open tasks and what was done."""
    user = _user(request)
    tasks, records = queries.of_customer(user, customer)
    context = {
        "customer": customer,
        "panels": [panel.render(request, customer) for panel in slots.panels("customer.work", user)],
        "tasks": task_rows(user, tasks, clock.today()),
        "records": record_rows(user, records),
        "may_work": may(user, Right.TASKS_WORK),
        "back": request.get_full_path(),
    }
    return render_to_string("execution/customer_tab.html", context, request)


def customer_buttons(request: HttpRequest, customer: Customer) -> str:
    """The button "new task" of a customer's page; recording work without a task is offered where the work stands."""
    if not may(_user(request), Right.TASKS_WORK):
        return ""
    context = {"customer": customer, "back": request.get_full_path()}
    return render_to_string("execution/customer_buttons.html", context, request)


def segment_card(request: HttpRequest, segment: Segment) -> str:
    """On a segment's page: a task for each of its customers."""
    if segment.archived_at:
        return ""
    return render_to_string("execution/segment_card.html", {"segment": segment}, request)


def moments(user: User, customer: Customer, before: datetime) -> Iterator[Moment]:
    """The newest execution records before a moment, for the customer's timeline."""
    if not user.has(Right.TASKS_VIEW):
        return
    for one in queries.records_until(user, customer, timezone.localtime(before).date()):
        if _moment(one) >= before:
            continue
        follow_up = one.result == ExecutionRecord.Result.FOLLOW_UP
        said = prose.about(user, one.feedback)
        yield Moment(
            at=_moment(one),
            icon="checks",
            color="green",
            title=f"{_('Execution record')} {prose.said(user, one.action)}",
            detail=" · ".join(part for part in (said, one.executor.name) if part),
            badge=str(one.get_result_display()) if follow_up else "",
            aside=_("Next step by {day}: {step}").format(
                day=f"{one.next_on:%Y-%m-%d}", step=prose.said(user, one.next_step)
            )
            if one.next_on
            else "",
        )


def _moment(one: ExecutionRecord) -> datetime:
    """The moment it was written, or noon of the day it was done when that is another day."""
    if timezone.localtime(one.created_at).date() == one.on_date:
        return one.created_at
    return timezone.make_aware(datetime.combine(one.on_date, time(12)))


def my_tasks(request: HttpRequest, _nothing: Any = None) -> str:
    """The workbench card: the asker's most urgent tasks; nothing when there are none."""
    user, today = _user(request), clock.today()
    rows = task_rows(user, queries.next_tasks(user, ON_THE_DESK), today)
    if not rows:
        return ""
    counts = queries.timing_counts(user, "mine", today)
    context = {
        "counts": counts,
        "rows": rows,
        "may_work": may(user, Right.TASKS_WORK),
        "back": reverse("desk:home"),
    }
    return render_to_string("execution/my_tasks.html", context, request)


def overdue(user: User) -> int:
    """The number beside the navigation entry."""
    return queries.overdue_count(user, clock.today())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def churn_reasons(request: HttpRequest, _subject: object) -> str:
    """On the page of churn: what customers said in the last year when they were asked why."""
    assert isinstance(request.user, User)
    found, known = reasons.summary(request.user, clock.today() - timedelta(days=365)), reasons.churn_reasons()
    rows = [(known.get(key, key), number) for key, number in found.every.most_common(6)]
    return render_to_string("execution/reasons_card.html", {"rows": rows}, request)
