"""Editing by forms: the head, fields, RFM thresholds, tiers and tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.blueprint.forms.fields import FieldForm
from zhike.blueprint.forms.parts import HeadForm, TagForm, TierForm
from zhike.blueprint.forms.thresholds import ForecastForm, RfmForm
from zhike.blueprint.pages.rows import rule_of, rule_rows, rule_sentence
from zhike.blueprint.pages.sheet import keep, open_sheet, sent, show_form, wants_to_save
from zhike.core.blueprints import editing
from zhike.kernel.pages import StaffRequest, needs
from zhike.kernel.rights import Right

FORM = ["GET", "POST"]
Thing = TypeVar("Thing")


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def head(request: StaffRequest) -> HttpResponse:
    """The name of the blueprint and what it solves."""
    sheet = open_sheet()
    form = HeadForm(sent(request), spec=sheet.spec)
    if (
        wants_to_save(request)
        and form.is_valid()
        and (done := keep(request, form.answer(), form, part="fields"))
    ):
        return done
    return show_form(request, sheet, form, title=_("Name and purpose"), part="fields")


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def field(request: StaffRequest, key: str = "") -> HttpResponse:
    """One field, or a new one."""
    sheet = open_sheet()
    found = _found(sheet.spec.fields.get(key), key)
    form = FieldForm(
        sent(request),
        spec=sheet.spec,
        field=found,
        initial={"module": request.GET.get("module", "")} if not found else {},
    )
    if wants_to_save(request) and form.is_valid():
        done = keep(request, editing.put_field(sheet.spec, form.answer()), form, part="fields")
        if done:
            return done
    title = str(found.label) if found else _("New field")
    removable = found is not None and key not in {"code", "name"}
    remove = reverse("blueprint:remove", args=["field", key]) if removable else ""
    return show_form(request, sheet, form, title=title, part="fields", remove=remove)


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def rfm(request: StaffRequest) -> HttpResponse:
    """The RFM thresholds."""
    sheet = open_sheet()
    form = RfmForm(sent(request), spec=sheet.spec)
    if wants_to_save(request) and form.is_valid():
        done = keep(request, replace(sheet.spec, rfm=form.answer()), form, part="tiers")
        if done:
            return done
    return show_form(request, sheet, form, title=_("RFM thresholds"), part="tiers")


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def forecast(request: StaffRequest) -> HttpResponse:
    """How value and churn are reckoned."""
    sheet = open_sheet()
    form = ForecastForm(sent(request), spec=sheet.spec)
    if wants_to_save(request) and form.is_valid():
        done = keep(request, replace(sheet.spec, forecast=form.answer()), form, part="tiers")
        if done:
            return done
    return show_form(request, sheet, form, title=_("Value and churn"), part="tiers")


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def tier(request: StaffRequest, key: str = "") -> HttpResponse:
    """One tier with its rule, or a new one."""
    sheet = open_sheet()
    found = _found(sheet.spec.tier(key), key)
    last = found is not None and found == sheet.spec.default_tier
    form = TierForm(sent(request), spec=sheet.spec, tier=found)
    rows = None if last else rule_rows(request, sheet, found.rule if found else None)
    if wants_to_save(request) and form.is_valid():
        good, rule = rule_of(form, rows, found.rule if found else None, needed=not last)
        done = (
            keep(request, editing.put_tier(sheet.spec, form.answer(rule)), form, part="tiers")
            if good
            else None
        )
        if done:
            return done
    title = str(found.label) if found else _("New tier")
    remove = reverse("blueprint:remove", args=["tier", key]) if found and not last else ""
    said = "" if rows is not None or found is None else rule_sentence(sheet.spec, found.rule)
    return show_form(
        request, sheet, form, title=title, part="tiers", conditions=rows, sentence=said, remove=remove
    )


@needs(Right.BLUEPRINT_EDIT)
@require_http_methods(FORM)
def tag(request: StaffRequest, key: str = "") -> HttpResponse:
    """One rule tag, or a new one."""
    sheet = open_sheet()
    found = _found(next((one for one in sheet.spec.tags if one.key == key), None), key)
    form = TagForm(sent(request), spec=sheet.spec, tag=found)
    rows = rule_rows(request, sheet, found.rule if found else None)
    if wants_to_save(request) and form.is_valid():
        good, rule = rule_of(form, rows, found.rule if found else None, needed=True)
        changed = editing.put_tag(sheet.spec, form.answer(rule)) if good and rule is not None else None
        if changed and (done := keep(request, changed, form, part="tiers")):
            return done
    title = str(found.label) if found else _("New tag")
    remove = reverse("blueprint:remove", args=["tag", key]) if found else ""
    said = "" if rows is not None or found is None else rule_sentence(sheet.spec, found.rule)
    return show_form(
        request, sheet, form, title=title, part="tiers", conditions=rows, sentence=said, remove=remove
    )


def _found(thing: Thing | None, key: str) -> Thing | None:
    """The thing a key names; no key means a new one, an unknown key does not exist."""
    if key and thing is None:
        raise Http404
    return thing
