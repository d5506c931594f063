"""The rows of conditions on an editing page, and the rule they make."""

from __future__ import annotations

from django.forms import Form
from django.utils.translation import gettext as _

from zhike.blueprint import queries
from zhike.blueprint.forms.rules import ConditionSet, condition_set, rows_of, with_more_rows
from zhike.blueprint.pages.sheet import Sheet
from zhike.core.blueprints import BlueprintSpec
from zhike.core.rules import Rule, sentence
from zhike.kernel.pages import StaffRequest


def rule_rows(request: StaffRequest, sheet: Sheet, rule: Rule | None) -> ConditionSet | None:
    """The rows for a rule; None when its shape is only for YAML."""
    if rows_of(rule, sheet.spec) is None:
        return None
    if request.method != "POST":
        return condition_set(sheet.spec, rule)
    data = with_more_rows(request.POST, "rule") if "more" in request.POST else request.POST
    return condition_set(sheet.spec, rule, data)


def rule_of(
    form: Form, rows: ConditionSet | None, before: Rule | None, *, needed: bool
) -> tuple[bool, Rule | None]:
    """Whether the rows are fine, and the rule they make; without rows the rule stays as it was."""
    if rows is None:
        return True, before if needed else None
    if not rows.is_valid():
        form.add_error(None, _("A condition below needs mending."))
        return False, None
    rule = rows.rule()
    if rule is None and needed:
        form.add_error(None, _("Give at least one condition."))
        return False, None
    return True, rule


def rule_sentence(spec: BlueprintSpec, rule: Rule | None) -> str:
    """A rule in words."""
    return sentence(rule, None, queries.labels_of(spec)) if rule is not None else ""
