"""Forms for what makes a customer recent, frequent, valuable, or likely to leave."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.blueprint.forms.fields import plain_decimal
from zhike.blueprint.forms.parts import InTwoColumns, offer
from zhike.blueprint.known_metrics import METRICS
from zhike.core.blueprints import BlueprintSpec, ForecastSpec, RfmMethod, RfmSpec
from zhike.core.rules import Relative

LEVELS = ("watch", "warning", "critical")


class Percent(forms.DecimalField):
    """A share, typed and shown in percent."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, min_value=0, max_value=100, max_digits=6, decimal_places=2)
        self.help_text = "%"

    def clean(self, value: Any) -> Decimal:
        """The share as a number from 0 to 1."""
        said: Decimal = super().clean(value)
        return (said / 100).normalize()


class RfmForm(InTwoColumns):
    """Where recency, frequency and money become high."""

    heading = _("Thresholds")

    method = forms.ChoiceField(label=_("Method"))
    recency_days = forms.IntegerField(label=_("R: bought within so many days"), min_value=1, max_value=3650)
    frequency = forms.IntegerField(label=_("F: at least so many orders"), min_value=1, max_value=100_000)
    frequency_days = forms.IntegerField(label=_("F: counted over so many days"), min_value=1, max_value=3650)
    monetary_metric = forms.ChoiceField(label=_("M: metric"))
    monetary = forms.DecimalField(label=_("M: at least"), min_value=0, max_digits=15, decimal_places=4)
    monetary_relative = forms.ChoiceField(label=_("M: measured in"), required=False)
    bins = forms.IntegerField(label=_("Quantiles: number of equal shares"), min_value=2, max_value=20)

    def __init__(self, data: Any = None, *, spec: BlueprintSpec) -> None:
        rfm = spec.rfm
        names = ("method", "recency_days", "frequency", "frequency_days", "monetary_metric", "bins")
        initial = {name: getattr(rfm, name) for name in names} | {
            "monetary": plain_decimal(rfm.monetary),
            "monetary_relative": rfm.monetary_relative or "",
        }
        super().__init__(data, initial=initial)
        money = [(key, one.label) for key, one in METRICS.items() if one.unit == "money"]
        offer(
            self, "method", [("thresholds", _("thresholds in plain numbers")), ("quantiles", _("quantiles"))]
        )
        offer(self, "monetary_metric", money)
        offer(self, "monetary_relative", [("", _("yuan")), ("mean", _("× the mean"))])

    def answer(self) -> RfmSpec:
        """The thresholds that were set."""
        given = self.cleaned_data
        relative = Relative(given["monetary_relative"]) if given["monetary_relative"] else None
        return RfmSpec(**given | {"method": RfmMethod(given["method"]), "monetary_relative": relative})


class ForecastForm(InTwoColumns):
    """How the value to come is counted, and from which chance of churn customers are warned of."""

    heading = _("Value and churn")

    margin = Percent(label=_("Margin: share of spend that is profit"))
    discount = Percent(label=_("Discount per year"))
    silence_days = forms.IntegerField(
        label=_("Days without a purchase that count as churn"), min_value=7, max_value=730, required=False
    )
    watch = Percent(label=_("Watch from"))
    warning = Percent(label=_("Warn from"))
    critical = Percent(label=_("Critical from"))

    def __init__(self, data: Any = None, *, spec: BlueprintSpec) -> None:
        shares = ("margin", "discount", "watch", "warning", "critical")
        initial = {name: plain_decimal(getattr(spec.forecast, name) * 100) for name in shares}
        super().__init__(data, initial=initial | {"silence_days": spec.forecast.silence(spec.kind)})
        self.kind, self.before = spec.kind, spec.forecast

    def clean_margin(self) -> Decimal:
        """With no margin every value would be nothing."""
        margin: Decimal = self.cleaned_data["margin"]
        if not margin:
            raise forms.ValidationError(
                _("With a margin of 0% every customer is worth 0. Type more than 0; 100% counts revenue.")
            )
        return margin

    def clean(self) -> dict[str, Any]:
        """The levels must rise."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        levels = [level for name in LEVELS if (level := given.get(name)) is not None]
        if levels != sorted({*levels} - {0}):
            self.add_error("warning", _("Each level must be higher than the one before it."))
        return given

    def answer(self) -> ForecastSpec:
        """The terms that were set; the usual days of silence are not written down."""
        given = self.cleaned_data
        days = given["silence_days"]
        usual = days is None or days == ForecastSpec().silence(self.kind)
        return replace(self.before, **given | {"silence_days": None if usual else days})
