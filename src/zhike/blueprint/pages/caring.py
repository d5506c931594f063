"""Editing by forms: strategies with their measures, KPIs, and taking things out."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.blueprint.forms.parts import KpiForm, StrategyForm, measure_set
from zhike.blueprint.forms.rules import with_more_rows
from zhike.blueprint.pages.rows import rule_of, rule_rows, rule_sentence
from zhike.blueprint.pages.sheet import keep, open_sheet, sent, show_form, wants_to_save
from zhike.core.blueprints import BlueprintSpec, editing
from zhike.kernel.pages import StaffRequest, needs
from zhike.kernel.rights import Right


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(["GET", "POST"])
def strategy(request: StaffRequest, key: str) -> HttpResponse:
    """The strategy of one tier with its measures."""
    sheet = open_sheet()
    tier, found = sheet.spec.tier(key), sheet.spec.strategy_for(key)
    if tier is None:
        raise Http404
    form = StrategyForm(sent(request), tier=tier, strategy=found)
    data = with_more_rows(request.POST, "measures", 1) if "more" in request.POST else sent(request)
    measures = measure_set(found, data)
    if wants_to_save(request) and form.is_valid() and measures.is_valid():
        taken = {one.key for other in sheet.spec.strategies if other.tier != key for one in other.measures}
        changed = editing.put_strategy(sheet.spec, form.answer(measures.answer(taken)))
        if done := keep(request, changed, form, part="strategies"):
            return done
    title = _("Strategy for {tier}").format(tier=tier.label)
    return show_form(request, sheet, form, title=title, part="strategies", measures=measures)


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(["GET", "POST"])
def kpi(request: StaffRequest, key: str = "") -> HttpResponse:
    """One KPI, or a new one."""
    sheet = open_sheet()
    found = next((one for one in sheet.spec.kpis if one.key == key), None)
    if key and found is None:
        raise Http404
    form = KpiForm(sent(request), spec=sheet.spec, kpi=found)
    rows = rule_rows(request, sheet, found.rule if found else None)
    if wants_to_save(request) and form.is_valid():
        good, rule = rule_of(form, rows, found.rule if found else None, needed=form.by_rule)
        changed = editing.put_kpi(sheet.spec, form.answer(rule)) if good else None
        if changed and (done := keep(request, changed, form, part="kpis")):
            return done
    title = str(found.label) if found else _("New effect figure")
    remove = reverse("blueprint:remove", args=["kpi", key]) if found else ""
    said = "" if rows is not None or found is None else rule_sentence(sheet.spec, found.rule)
    return show_form(
        request, sheet, form, title=title, part="kpis", conditions=rows, sentence=said, remove=remove
    )


REMOVALS: dict[str, tuple[Callable[[BlueprintSpec, str], BlueprintSpec], str]] = {
    "field": (editing.drop_field, "fields"),
    "tier": (editing.drop_tier, "tiers"),
    "tag": (editing.drop_tag, "tiers"),
    "kpi": (editing.drop_kpi, "kpis"),
}


@needs(Right.BLUEPRINT_EDIT)
@require_POST
def remove(request: StaffRequest, what: str, key: str) -> HttpResponse:
    """Take a field, tier, tag or KPI out of the draft; values already kept stay where they are."""
    if what not in REMOVALS:
        raise Http404
    drop, part = REMOVALS[what]
    return _changed(request, lambda spec: drop(spec, key), part, title=_("Not removed"))


@needs(Right.BLUEPRINT_EDIT)
@require_POST
def move(request: StaffRequest, key: str) -> HttpResponse:
    """Try a tier earlier or later."""
    up = request.POST.get("to") == "up"
    return _changed(request, lambda spec: editing.move_tier(spec, key, up=up), "tiers", title=_("Not moved"))


def _changed(
    request: StaffRequest, change: Callable[[BlueprintSpec], BlueprintSpec], part: str, *, title: str
) -> HttpResponse:
    """Keep a change that needs no form; when it cannot be kept, say why."""
    sheet = open_sheet()
    form = Form({})
    form.is_valid()
    done = keep(request, change(sheet.spec), form, part=part)
    return done or show_form(request, sheet, form, title=title, part=part)
