"""Portraits of groups: what sets the customers that a filter describes apart from all others, in picture and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.blueprint import queries as blueprints
from zhike.core.charts import Chart, Series
from zhike.core.charts_portrait import SMALLEST, radar
from zhike.core.text import Text
from zhike.engine.metrics import metric
from zhike.insight import answering, portrait_words, queries
from zhike.insight.answering import Question
from zhike.insight.pages.asking import Asking, asking
from zhike.insight.pages.tabs import Tab, as_of, tabs
from zhike.insight.pages.whom import Whom, whom
from zhike.insight.queries.portraits import Leaning, Middle, Portrait, from_json, portrait, telling
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right

LIVE = 100_000  # customers, up to which a portrait is drawn while the page waits: a second at most
FEW = 10  # customers, below which nothing is said of what sets them apart


@dataclass(frozen=True, slots=True)
class LeanRow:
    """One trait and the customers of the group that have it."""

    one: Leaning
    url: str


@dataclass(frozen=True, slots=True)
class MiddleRow:
    """One metric in words: the middle of the group and of all."""

    label: Text
    here: str
    overall: str
    position: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitPage(Page):
    """A group against all customers of the asker."""

    template: ClassVar[str] = "insight/portrait.html"
    tabs: list[Tab]
    whom: Whom
    portrait: Portrait | None
    share: Decimal
    spend_share: Decimal
    words: list[Text]
    radar: Chart | None
    leanings: list[LeanRow]
    middles: list[MiddleRow]
    customers_url: str
    few: bool
    asking: Asking | None


@needs(Right.INSIGHT_VIEW)
@require_GET
def group(request: StaffRequest) -> HttpResponse:
    """The portrait of the customers left by the filters in the address; of everybody, only how they are spread."""
    asked = whom(request)
    found, waiting = _found(request.user, asked)
    few = found is not None and found.customers < FEW
    page = PortraitPage(
        title=_title(asked),
        pretitle=as_of(queries.latest(), request.user),
        tabs=tabs(),
        whom=asked,
        portrait=found,
        share=portrait_words.part(found.customers, found.everybody) if found else Decimal(0),
        spend_share=portrait_words.part(found.spend, found.all_spend) if found else Decimal(0),
        words=portrait_words.of_group(found) if found and asked.chosen and not few else [],
        radar=_radar(found.middles, asked) if found and not few else None,
        leanings=[_lean(one, asked) for one in found.leanings] if found and not few else [],
        middles=[_middle(one) for one in found.middles if telling(one.here, one.overall)] if found else [],
        customers_url=asked.listed(reverse("customers:list")),
        few=few,
        asking=waiting,
    )
    return show(request, page)


@needs(Right.INSIGHT_VIEW)
@require_POST
def draw(request: StaffRequest) -> HttpResponse:
    """Let a job draw the portrait that the address describes."""
    asked = whom(request)
    question = _question(request.user, asked)
    if question is not None:
        title = Text(f"画像:{asked.words or '全体客户'}", f"Portrait: {asked.words or 'all customers'}")
        answering.ask(question, by=request.user, title=title)
    return saved(request, asked.listed(reverse("insight:portrait")))


def _found(user: User, asked: Whom) -> tuple[Portrait | None, Asking | None]:
    """The portrait, at once while the base is small; of a large one that of a job, or its progress."""
    question = _question(user, asked) if queries.customers_seen(user) > LIVE else None
    if question is None:
        return portrait(user, asked.customers, asked.chosen), None
    told, spec = answering.answer(question), blueprints.current_or_none()
    if told is not None and spec is not None:
        return from_json(told, spec), None
    hint = _("It takes up to a minute for so many customers; you may leave and come back.")
    where = asked.listed(reverse("insight:portrait_draw"))
    return None, asking(question, where, title=_("Drawing the portrait …"), hint=hint)


def _question(user: User, asked: Whom) -> Question | None:
    """Everything the portrait depends on; None before the first run."""
    run = queries.latest()
    about = {
        "asker": user.pk, "scope": user.scope, "department": user.department_id, "chosen": asked.chosen,
        "run": run.pk if run else 0, "customers": asked.customers.count(),
    }  # fmt: skip
    return Question(kind=answering.PORTRAIT, about=about) if run else None


def _title(asked: Whom) -> str:
    """The filters in words."""
    return _("Portrait: %(whom)s") % {"whom": asked.words} if asked.chosen else _("Portrait of all customers")


def _lean(one: Leaning, asked: Whom) -> LeanRow:
    return LeanRow(one, asked.listed(reverse("customers:list"), **one.named.narrowed()))


def _middle(one: Middle) -> MiddleRow:
    here, overall = (portrait_words.value(one.metric, given) for given in (one.here, one.overall))
    return MiddleRow(metric(one.metric).label, here, overall, one.position)


def _radar(middles: Sequence[Middle], asked: Whom) -> Chart | None:
    """Where the group's middle lies among all: half of all lie below the middle of all."""
    known = [one for one in middles if one.position is not None and telling(one.here, one.overall)]
    if len(known) < SMALLEST or not asked.chosen:
        return None
    series = [
        Series(name=_("This group"), values=[one.position for one in known], color="core"),
        Series(name=_("Middle of all"), values=[0.5 for _one in known], color="ordinary"),
    ]
    return radar([metric(one.metric).label for one in known], series, first=_("Metric"))
