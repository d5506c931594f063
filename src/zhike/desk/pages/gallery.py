"""The gallery: every component and leaf with sample content, for whoever builds a page."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from zhike.core import charts, charts_portrait
from zhike.core.charts import Chart, Item, Series, Step
from zhike.core.text import Text
from zhike.kernel.pages import Page, StaffRequest, needs, show
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class SampleTier:
    """A tier as a badge needs it."""

    key: str
    label: Text
    color: str


@dataclass(frozen=True, slots=True)
class SampleTick:
    """One line of a reason."""

    text: Text
    holds: bool
    value: object


@dataclass(frozen=True, slots=True)
class SampleTab:
    """One tab."""

    key: str
    label: str
    url: str
    count: int | None = None


class SampleForm(forms.Form):
    """One field of each look; the first is wrong on purpose."""

    name = forms.CharField(label=lazy("Name"))
    tier = forms.ChoiceField(label=lazy("Tier"), choices=[("core", "core"), ("risk", "risk")])
    channels = forms.MultipleChoiceField(
        label=lazy("Channels"),
        choices=[("sms", "SMS"), ("mail", lazy("E-mail"))],
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.DateField(
        label=lazy("Since"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    note = forms.CharField(label=lazy("Note"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    agreed = forms.BooleanField(label=lazy("Agreed"), required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery(Page):
    """All parts at once."""

    template: ClassVar[str] = "desk/gallery.html"
    tiers: list[SampleTier]
    ticks: list[SampleTick]
    tabs: list[SampleTab]
    chips: list[dict[str, str]]
    form: forms.Form
    charts: dict[str, Chart]
    job: dict[str, Any]
    pager: dict[str, str]
    as_of: date


@needs(Right.DESK_VIEW)
@require_GET
def gallery(request: StaffRequest) -> HttpResponse:
    """Show every component."""
    page = Gallery(
        title=_("Components"), pretitle="/ui/", tiers=_tiers(), ticks=_ticks(), charts=_charts(),
        tabs=[SampleTab("a", _("Timeline"), "#a"), SampleTab("b", _("Orders"), "#b", 63)],
        chips=[{"label": _("Tier: core"), "without": "?"}], form=SampleForm({"tier": "core"}), as_of=date(2017, 12, 31),
        job={"state": "done", "done": 1204, "total": 1240, "heading": _("Import"), "key": ""},
        pager={"text": "1–50 / 1,204", "previous": "", "next": "?page=2"},
    )  # fmt: skip
    return show(request, page)


def _tiers() -> list[SampleTier]:
    names = {
        "strategic": Text("战略客户", "Strategic"), "core": Text("核心客户", "Core"), "potential": Text("潜力客户", "Potential"),
        "ordinary": Text("普通客户", "Ordinary"), "risk": Text("流失预警", "At risk"),
    }  # fmt: skip
    return [SampleTier(key, label, key) for key, label in names.items()]


def _ticks() -> list[SampleTick]:
    return [
        SampleTick(Text("累计消费 ≥ 500,000", "Spend ≥ 500,000"), True, 1_204_300),
        SampleTick(Text("推荐率 ≥ 90%", "Referral rate ≥ 90%"), False, 0.4),
    ]


def _axes() -> list[Text]:
    return [
        Text("近12个月消费额", "Spend in the last 12 months"),
        Text("距上次购买天数", "Days since last purchase"),
        Text("平均购买间隔", "Usual gap between orders"),
        Text("近90天互动次数", "Contacts in the last 90 days"),
    ]


def _charts() -> dict[str, Chart]:
    months = [f"2017-{month:02}" for month in range(1, 13)]
    month = Text("月", "Month")
    tier, customers = Text("层级", "Tier"), Text("客户数", "Customers")
    items = [
        Item(label=t.label, value=v, color=t.color, url="?tier=" + t.key)
        for t, v in zip(_tiers(), (182, 1638, 4005, 11283, 1096), strict=True)
    ]
    steps = [
        ("期初", "Opening", 36_870_000, True),
        ("新增", "New", 2_120_000, False),
        ("降级", "Down", -1_310_000, False),
    ]
    moves = [Step(label=Text(zh, en), value=value, level=level) for zh, en, value, level in steps]
    closing = Step(label=Text("期末", "Closing"), value=37_680_000, level=True)
    spend = Series(name=Text("消费", "Spend"), values=[42, 0, 38, 61, 44, 70, 66, 81, 58, 90, 112, 86])
    before = Series(
        name=Text("上年", "Year before"),
        values=[30, 20, 31, 44, 40, 52, 50, None, 61, 70, 80, 71],
        color="ordinary",
    )
    near = Series(name=Text("该客户", "This customer"), values=[0.8, 0.4, 0.6, 0.3])
    return {
        "bar": charts.bar(items, columns=(tier, customers)),
        "across": charts.bar(items, columns=(tier, customers), across=True),
        "line": charts.line(months, [spend, before], first=month, mark=Text("策略开始", "Strategy began"), mark_at="2017-06"),
        "stacked": charts.bars(months, [spend, before], first=month, stacked=True),
        "treemap": charts.treemap(items, columns=(tier, customers)),
        "waterfall": charts.waterfall([*moves, closing], columns=(Text("变动", "Change"), Text("金额", "Amount"))),
        "radar": charts_portrait.radar(_axes(), [near], first=month),
        "matrix": charts.matrix(["R5", "R4", "R3"], ["F1", "F2", "F3"], [[4, 18, 40], [9, 22, 13], [30, 11, 2]], first="R"),
    }  # fmt: skip
