"""A rule as rows of conditions: rows are joined by "and", or by "or" with the row above."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from zhike.blueprint.known_metrics import METRICS
from zhike.core.blueprints import BlueprintSpec
from zhike.core.rules import (
    BadRule,
    FieldTest,
    Leaf,
    MetricTest,
    Op,
    Rule,
    Span,
    as_groups,
    from_groups,
    parse,
    value_to_json,
)

JOINS = [("and", _("and")), ("or", _("or"))]
OPS = [
    (Op.GE.value, "≥"),
    (Op.GT.value, ">"),
    (Op.LE.value, "≤"),
    (Op.LT.value, "<"),
    (Op.EQ.value, "="),
    (Op.NE.value, "≠"),
    (Op.IN.value, _("is one of")),
    (Op.NOT_IN.value, _("is none of")),
    (Op.CONTAINS.value, _("contains")),
    (Op.WITHIN.value, _("lies in")),
    (Op.EMPTY.value, _("is empty")),
    (Op.FILLED.value, _("is filled")),
]
RELATIVES = [("", _("value")), ("mean", _("× the mean")), ("percentile", _("percentile"))]
MAX_ROWS = 30


class ConditionForm(forms.Form):
    """One condition; a row without a subject is left out."""

    join = forms.ChoiceField(choices=JOINS, required=False, label=_("Joined by"))
    what = forms.ChoiceField(required=False, label=_("Subject"))
    op = forms.ChoiceField(choices=OPS, required=False, label=_("Compared"))
    value = forms.CharField(required=False, max_length=500, label=_("With"))
    relative = forms.ChoiceField(choices=RELATIVES, required=False, label=_("Measured in"))

    def __init__(self, *args: Any, spec: BlueprintSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec = spec
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = subjects(
            spec, str(self.data.get(self.add_prefix("what"), "") or self.initial.get("what", ""))
        )
        for name in self.fields:
            self.fields[name].widget.attrs["aria-label"] = str(self.fields[name].label)

    def clean(self) -> dict[str, Any]:
        """Read the row as a test, telling at the cell what is wrong."""
        given = super().clean() or {}
        if not given.get("what") or self.errors:
            return given
        try:
            rule = parse(
                _as_json(given), fields=self.spec.fields, metrics=METRICS, tiers=_tier_keys(self.spec)
            )
        except BadRule as bad:
            place = next((str(step) for step in bad.path if step in self.fields), "value")
            self.add_error(place, str(bad.reason) + " " + str(bad.remedy))
        else:
            given["leaf"] = rule
        return given


def subjects(spec: BlueprintSpec, chosen: str = "") -> list[tuple[str, Any]]:
    """What a condition may look at: metrics, then the fields that are kept in clear."""
    metrics = [(f"metric:{key}", str(metric.label)) for key, metric in METRICS.items()]
    kind, _colon, key = chosen.partition(":")
    if kind == "metric" and chosen not in dict(metrics) and key in METRICS:
        metrics.append((chosen, str(METRICS[key].label)))
    fields = [
        (f"field:{one.key}", str(one.label))
        for one in spec.fields.values()
        if not one.sealed and one.type != "name"
    ]
    return [("", "—"), (str(_("Metrics")), metrics), (str(_("Fields")), fields)]


def _tier_keys(spec: BlueprintSpec) -> list[str]:
    return [tier.key for tier in spec.tiers]


def _as_json(given: Mapping[str, Any]) -> dict[str, Any]:
    kind, _colon, key = given["what"].partition(":")
    op = Op(given["op"] or Op.GE.value)
    said: dict[str, Any] = {kind: key, "op": op.value}
    if op.takes_many:
        said["value"] = [
            part.strip()
            for part in given["value"].replace("、", ",").replace("，", ",").split(",")
            if part.strip()
        ]
    elif op.takes_value:
        said["value"] = given["value"]
    if kind == "metric" and given["relative"]:
        said["relative"] = given["relative"]
    return said


if TYPE_CHECKING:
    _ConditionForms = BaseFormSet[ConditionForm]
else:  # Django's formsets are generic only for the type checker
    _ConditionForms = BaseFormSet


class ConditionSet(_ConditionForms):
    """The rows of one rule."""

    def rule(self) -> Rule | None:
        """The rule the valid rows make; None when all are blank."""
        groups: list[list[Leaf]] = []
        for row in self.cleaned_data:
            if "leaf" not in row:
                continue
            if row.get("join") == "or" and groups:
                groups[-1].append(row["leaf"])
            else:
                groups.append([row["leaf"]])
        return from_groups(groups) if groups else None


def rows_of(rule: Rule | None, spec: BlueprintSpec) -> list[dict[str, str]] | None:
    """A rule as the initial rows of a form; None when its shape does not fit into rows."""
    if rule is None:
        return []
    groups = as_groups(rule)
    if groups is None or not all(_fits(leaf) for group in groups for leaf in group):
        return None
    return [_row(leaf, spec, joined=number > 0) for group in groups for number, leaf in enumerate(group)]


def _fits(leaf: Leaf) -> bool:
    """Whether a row has a cell for everything the test says."""
    if not isinstance(leaf, (FieldTest, MetricTest)) or isinstance(leaf.value, Span):
        return False
    return not (isinstance(leaf, MetricTest) and leaf.by)


def _row(leaf: Leaf, spec: BlueprintSpec, *, joined: bool) -> dict[str, str]:
    assert isinstance(leaf, (FieldTest, MetricTest))
    what = f"metric:{leaf.metric}" if isinstance(leaf, MetricTest) else f"field:{leaf.field}"
    relative = leaf.relative.value if isinstance(leaf, MetricTest) and leaf.relative else ""
    value = _typed(leaf.value) if isinstance(leaf, MetricTest) else _shown(leaf, spec)
    return {
        "join": "or" if joined else "and",
        "what": what,
        "op": leaf.op.value,
        "value": value,
        "relative": relative,
    }


def _typed(value: object) -> str:
    written = value_to_json(value)  # type: ignore[arg-type]
    return "" if written is None else str(written)


def _shown(leaf: FieldTest, spec: BlueprintSpec) -> str:
    """Choices by their labels, everything else as people type it."""
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    field = spec.fields[leaf.field]
    if field.kind.takes_choices:
        labels = {one.value: str(one.label) for one in field.choices}
        return ", ".join(labels.get(str(value), str(value)) for value in values)
    if field.type == "boolean" and isinstance(leaf.value, bool):
        return field.show(leaf.value)
    return ", ".join(_typed(value) if isinstance(value, Decimal) else str(value or "") for value in values)


def condition_set(
    spec: BlueprintSpec, rule: Rule | None, data: Mapping[str, Any] | None = None
) -> ConditionSet:
    """The rows for a rule: what it says now, or what was sent, with some blank rows below."""
    blank = 2 if data is None else 0
    factory = formset_factory(
        ConditionForm, formset=ConditionSet, extra=blank, max_num=MAX_ROWS, absolute_max=MAX_ROWS
    )
    rows = rows_of(rule, spec) if data is None else None
    made = factory(data, prefix="rule", initial=rows, form_kwargs={"spec": spec})
    assert isinstance(made, ConditionSet)
    return made


def with_more_rows(data: Any, prefix: str, extra: int = 2) -> Any:
    """What was sent, with room for more rows."""
    roomy = data.copy()
    name = f"{prefix}-TOTAL_FORMS"
    try:
        roomy[name] = str(min(int(roomy.get(name) or 0) + extra, MAX_ROWS))
    except ValueError:
        roomy[name] = str(extra)
    return roomy
