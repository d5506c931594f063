"""The forms of everything in a blueprint but fields and rules: its head, RFM, tiers, tags, strategies, KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.blueprint.forms.fields import halves, plain_decimal, words
from zhike.blueprint.known_metrics import METRICS
from zhike.core.blueprints import (
    ALL_TIERS,
    OWNER_ROLES,
    Aggregate,
    Better,
    BlueprintSpec,
    Every,
    KpiSpec,
    MeasureSpec,
    StrategySpec,
    TagSpec,
    TierColor,
    TierSpec,
)
from zhike.core.blueprints.editing import key_from
from zhike.core.rules import Rule
from zhike.core.text import Text

EVERY = [(one.value, one.label) for one in Every]
UNITS = [
    ("", "—"),
    ("money", _("money")),
    ("share", _("share")),
    ("count", _("number")),
    ("days", _("days")),
    ("rating", _("rating")),
]
COLORS = {
    TierColor.STRATEGIC: _("violet: strategic"),
    TierColor.CORE: _("teal: core"),
    TierColor.POTENTIAL: _("blue: potential"),
    TierColor.ORDINARY: _("grey: ordinary"),
    TierColor.RISK: _("cinnabar: at risk"),
}
AGGREGATES = {
    Aggregate.MEAN: _("mean of a metric"),
    Aggregate.SUM: _("sum of a metric"),
    Aggregate.MEDIAN: _("median of a metric"),
    Aggregate.SHARE: _("share of customers for whom the conditions hold"),
    Aggregate.COUNT: _("number of customers for whom the conditions hold"),
}


def offer(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    """Give a choice field its choices of this moment, in the reader's language."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(value, str(label)) for value, label in choices]


class InTwoColumns(forms.Form):
    """Shows its fields side by side under one heading."""

    heading: ClassVar[Promise | str] = _("Name and traits")

    @property
    def sections(self) -> list[tuple[Promise | str, list[forms.BoundField]]]:
        """All fields as one section, which the form's template lays out in two columns."""
        return [(self.heading, self.visible_fields())]


class Labelled(InTwoColumns):
    """The two halves of a label."""

    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    label_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)


class HeadForm(Labelled):
    """Name of the blueprint and the problems it solves."""

    heading = _("Name and purpose")

    solves = forms.CharField(
        label=_("Problems it solves"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One per line: Chinese | English."),
    )

    def __init__(self, data: Any = None, *, spec: BlueprintSpec) -> None:
        solves = "\n".join(f"{one.zh} | {one.en}" if one.zh != one.en else one.zh for one in spec.solves)
        super().__init__(data, initial={**halves("label", spec.name), "solves": solves})
        self.spec = spec

    def answer(self) -> BlueprintSpec:
        """The blueprint with its new head."""
        lines = [
            line.replace("｜", "|").partition("|")
            for line in self.cleaned_data["solves"].splitlines()
            if line.strip()
        ]
        solves = tuple(Text(zh.strip() or en.strip(), en.strip() or zh.strip()) for zh, _bar, en in lines)
        return replace(self.spec, name=words(self.cleaned_data, "label"), solves=solves)


class TierForm(Labelled):
    """A tier's name, colour and traits; its rule stands in the rows below."""

    color = forms.ChoiceField(label=_("Colour"))
    traits_zh = forms.CharField(label=_("Traits in Chinese"), max_length=200, required=False)
    traits_en = forms.CharField(label=_("Traits in English"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, spec: BlueprintSpec, tier: TierSpec | None) -> None:
        initial = {"color": "ordinary"}
        if tier is not None:
            initial = {
                **halves("label", tier.label),
                **halves("traits", tier.traits),
                "color": tier.color.value,
            }
        super().__init__(data, initial=initial)
        self.spec, self.tier = spec, tier
        offer(self, "color", [(color.value, label) for color, label in COLORS.items()])

    def answer(self, rule: Rule | None) -> TierSpec:
        """The tier that was described."""
        given, label = self.cleaned_data, words(self.cleaned_data, "label")
        taken = {one.key for one in self.spec.tiers}
        return TierSpec(
            key=self.tier.key if self.tier else key_from(given["label_en"] or label.zh, taken),
            label=label,
            color=TierColor(given["color"]),
            order=self.tier.order if self.tier else 0,
            traits=words(given, "traits"),
            rule=rule,
        )


class TagForm(Labelled):
    """A tag's name; its rule stands in the rows below."""

    def __init__(self, data: Any = None, *, spec: BlueprintSpec, tag: TagSpec | None) -> None:
        super().__init__(data, initial=halves("label", tag.label) if tag else {})
        self.spec, self.tag = spec, tag

    def answer(self, rule: Rule) -> TagSpec:
        """The tag that was described."""
        label = words(self.cleaned_data, "label")
        taken = {one.key for one in self.spec.tags}
        key = self.tag.key if self.tag else key_from(self.cleaned_data["label_en"] or label.zh, taken)
        return TagSpec(key=key, label=label, rule=rule)


class KpiForm(Labelled):
    """A KPI: how it is put together, and which way is good."""

    heading = _("Figure")

    aggregate = forms.ChoiceField(label=_("Is the"))
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    better = forms.ChoiceField(label=_("Good when it"), choices=[("up", _("rises")), ("down", _("falls"))])
    target = forms.DecimalField(label=_("Target"), required=False, max_digits=15, decimal_places=4)
    target_tiers = forms.MultipleChoiceField(
        label=_("The target holds for"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None chosen: every tier, and all of them together."),
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, required=False)

    def __init__(self, data: Any = None, *, spec: BlueprintSpec, kpi: KpiSpec | None) -> None:
        initial: dict[str, Any] = {}
        if kpi is not None:
            initial = {
                **halves("label", kpi.label),
                "aggregate": kpi.aggregate.value,
                "metric": kpi.metric or "",
            }
            initial |= {"better": kpi.better.value, "unit": kpi.unit, "target": plain_decimal(kpi.target)}
            initial["target_tiers"] = list(kpi.target_tiers)
        super().__init__(data, initial=initial)
        self.spec, self.kpi = spec, kpi
        numeric = [(key, one.label) for key, one in METRICS.items() if one.numeric]
        offer(self, "metric", [("", "—"), *numeric])
        keys = [*(tier.key for tier in spec.tiers), ALL_TIERS]
        offer(self, "target_tiers", [(key, spec.tier_label(key)) for key in keys])
        offer(self, "aggregate", [(one.value, label) for one, label in AGGREGATES.items()])

    @property
    def by_rule(self) -> bool:
        """Whether the figure counts customers for whom conditions hold."""
        return self.cleaned_data.get("aggregate") in {"share", "count"}

    def clean(self) -> dict[str, Any]:
        """A mean or sum needs its metric."""
        given = super().clean() or {}
        if given.get("aggregate") in {"mean", "sum", "median"} and not given.get("metric"):
            self.add_error("metric", _("Choose the metric."))
        return given

    def answer(self, rule: Rule | None) -> KpiSpec:
        """The KPI that was described."""
        given, label = self.cleaned_data, words(self.cleaned_data, "label")
        taken = {one.key for one in self.spec.kpis}
        return KpiSpec(
            key=self.kpi.key if self.kpi else key_from(given["label_en"] or label.zh, taken),
            label=label,
            aggregate=Aggregate(given["aggregate"]),
            better=Better(given["better"]),
            metric=None if self.by_rule else given["metric"],
            rule=rule if self.by_rule else None,
            target=given["target"],
            target_tiers=tuple(given["target_tiers"]),
            unit=given["unit"],
        )


class StrategyForm(InTwoColumns):
    """Who looks after a tier, and how often the strategy is looked at again; measures stand in the rows below."""

    traits_zh = forms.CharField(label=_("Traits in Chinese"), max_length=200, required=False)
    traits_en = forms.CharField(label=_("Traits in English"), max_length=200, required=False)
    owner_role = forms.ChoiceField(label=_("Owner"))
    cycle = forms.ChoiceField(label=_("Review cycle"))

    def __init__(self, data: Any = None, *, tier: TierSpec, strategy: StrategySpec | None) -> None:
        initial: dict[str, Any] = {"owner_role": "account_manager", "cycle": "quarterly"}
        if strategy is not None:
            initial = {**halves("traits", strategy.traits), "owner_role": strategy.owner_role}
            initial["cycle"] = strategy.cycle.value
        super().__init__(data, initial=initial)
        self.tier = tier
        offer(self, "owner_role", list(OWNER_ROLES.items()))
        offer(self, "cycle", [pair for pair in EVERY if pair[0] != Every.ONCE.value])

    def answer(self, measures: tuple[MeasureSpec, ...]) -> StrategySpec:
        """The strategy that was described."""
        given = self.cleaned_data
        return StrategySpec(
            tier=self.tier.key,
            owner_role=given["owner_role"],
            cycle=Every(given["cycle"]),
            traits=words(given, "traits"),
            measures=measures,
        )


class MeasureForm(forms.Form):
    """One measure; a row without a title is left out."""

    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=80, required=False)
    title_en = forms.CharField(label=_("Title in English"), max_length=80, required=False)
    action_zh = forms.CharField(label=_("Action standard in Chinese"), max_length=300, required=False)
    action_en = forms.CharField(label=_("Action standard in English"), max_length=300, required=False)
    days_due = forms.IntegerField(
        label=_("Within so many working days"), min_value=0, max_value=250, required=False
    )
    every = forms.ChoiceField(label=_("How often"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "every", EVERY)

    def clean(self) -> dict[str, Any]:
        """A measure that is named needs its standard and its deadline."""
        given = super().clean() or {}
        if given.get("title_zh") or given.get("title_en"):
            if not (given.get("action_zh") or given.get("action_en")):
                self.add_error("action_zh", _("Say when it counts as done."))
            if given.get("days_due") is None and "days_due" not in self.errors:
                self.add_error("days_due", _("Give a deadline in working days."))
        return given


if TYPE_CHECKING:
    _MeasureForms = BaseFormSet[MeasureForm]
else:  # Django's formsets are generic only for the type checker
    _MeasureForms = BaseFormSet


class MeasureSet(_MeasureForms):
    """The measures of one strategy."""

    def answer(self, taken: set[str]) -> tuple[MeasureSpec, ...]:
        """The measures that were described; `taken` are keys of other strategies' measures."""
        found: list[MeasureSpec] = []
        for given in self.cleaned_data:
            if not (given.get("title_zh") or given.get("title_en")):
                continue
            title = words(given, "title")
            used = taken | {one.key for one in found}
            key = given.get("key") or ""
            found.append(
                MeasureSpec(
                    key=key if key and key not in used else key_from(given["title_en"] or title.zh, used),
                    title=title,
                    action=words(given, "action"),
                    days_due=given["days_due"],
                    every=Every(given["every"] or Every.ONCE.value),
                )
            )
        return tuple(found)


def measure_set(strategy: StrategySpec | None, data: Mapping[str, Any] | None = None) -> MeasureSet:
    """The rows for a strategy's measures, with one blank row below."""
    factory = formset_factory(
        MeasureForm, formset=MeasureSet, extra=1 if data is None else 0, max_num=30, absolute_max=30
    )
    rows = [
        {
            **halves("title", one.title),
            **halves("action", one.action),
            "key": one.key,
            "days_due": one.days_due,
            "every": one.every.value,
        }
        for one in (strategy.measures if strategy else ())
    ]
    made = factory(data, prefix="measures", initial=rows if data is None else None)
    assert isinstance(made, MeasureSet)
    return made
