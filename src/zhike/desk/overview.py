"""The figures at the top of the workbench: a few counts within the asker's scope, each leading to what it counts.

Counting stops at a million, so that the first page of the morning does not wait for the rest.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.customers import queries as customers
from zhike.execution import queries as execution
from zhike.execution.queries import RecordFilter, TaskFilter
from zhike.kernel import clock
from zhike.kernel.models import Scope, User
from zhike.kernel.rights import Right
from zhike.tiers import queries as tiers

MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One count: what, how many, a word beside it, and the page behind it."""

    label: str
    value: str
    hint: str = ""
    worse: bool = False
    url: str


def overview(user: User) -> list[Figure]:
    """The figures the user may see; none at all before the first customer."""
    known = customers.visible_to(user)
    if not known.exists():
        return []
    all_of_them = _number(known)
    scope = str(Scope(user.scope).label)
    found = [
        Figure(label=_("Customers"), value=_said(all_of_them), hint=scope, url=reverse("customers:list"))
    ]
    if user.has(Right.TIERS_VIEW):
        found += _at_risk(user, all_of_them)
    if user.has(Right.TASKS_VIEW):
        found += [_to_do(user), _done(user)]
    return found


def _number(rows: QuerySet[Any, Any]) -> int:
    return rows.order_by().values("pk")[: MOST + 1].count()


def _said(number: int) -> str:
    return figures.count(number) if number <= MOST else f"{figures.count(MOST)}+"


def _at_risk(user: User, all_of_them: int) -> list[Figure]:
    tier = next((one for one in tiers.tiers() if one.color == "risk"), None)
    if tier is None:
        return []
    here = _number(tiers.placements(user).filter(tier=tier))
    # Beyond what is counted a share would be a guess.
    hint = figures.share(here / all_of_them) if all_of_them <= MOST else ""
    url = _to("customers:list", tier=tier.key)
    return [Figure(label=str(tier.name), value=_said(here), hint=hint, url=url)]


def _to_do(user: User) -> Figure:
    who = "mine" if user.scope == Scope.OWN else "all"
    late = execution.tasks(user, TaskFilter(who=who, when="overdue"), clock.today())
    waiting = execution.tasks(user, TaskFilter(who=who, when="open"), clock.today())
    hint = _("%(count)s overdue") % {"count": _said(_number(late))} if late.exists() else _("none overdue")
    return Figure(
        label=_("Open tasks"), value=_said(_number(waiting)), hint=hint, worse=late.exists(),
        url=_to("execution:tasks", who=who, when="open"),
    )  # fmt: skip


def _done(user: User) -> Figure:
    first = clock.today().replace(day=1)
    written = execution.records(
        user, RecordFilter(who="mine" if user.scope == Scope.OWN else "all", since=first)
    )
    return Figure(
        label=_("Done this month"), value=_said(_number(written)), hint=_("execution records"),
        url=_to("execution:records", since=first.isoformat()),
    )  # fmt: skip


def _to(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
