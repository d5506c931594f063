"""Writing a blueprint as YAML that reads back as the same blueprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

import yaml

from zhike.core.blueprints.specs import (
    BlueprintSpec,
    ForecastSpec,
    KpiSpec,
    MeasureSpec,
    Module,
    RfmSpec,
    StrategySpec,
    TierSpec,
)
from zhike.core.fields import Choice, FieldSpec
from zhike.core.rules import to_json
from zhike.core.text import Text

Json = dict[str, Any]


class _Short(dict[str, Any]):
    """A mapping written on one line."""


class _ShortList(list[Any]):
    """A list written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes Decimals as numbers, texts and rules on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _short(dumper: yaml.SafeDumper, data: _Short) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _short_list(dumper: yaml.SafeDumper, data: _ShortList) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


def _decimal(dumper: yaml.SafeDumper, data: Decimal) -> yaml.Node:
    whole = data == data.to_integral_value()
    tag = "tag:yaml.org,2002:int" if whole else "tag:yaml.org,2002:float"
    return dumper.represent_scalar(tag, f"{data.to_integral_value() if whole else data:f}")


_Dumper.add_representer(_Short, _short)
_Dumper.add_representer(_ShortList, _short_list)
_Dumper.add_representer(Decimal, _decimal)


def write(spec: BlueprintSpec) -> str:
    """Write a blueprint as YAML, in the order people read it."""
    data = {
        "blueprint": spec.key,
        "name": _text(spec.name),
        "kind": spec.kind.value,
        "currency": spec.currency,
        "solves": [_text(one) for one in spec.solves],
        "modules": [_module(one) for one in spec.modules],
        "rfm": _rfm(spec.rfm),
        "forecast": _forecast(spec.forecast),
        "tiers": [_tier(one) for one in spec.tiers],
        "tags": [
            {"key": one.key, "label": _text(one.label), "rule": _rule(to_json(one.rule))} for one in spec.tags
        ],
        "strategies": [_strategy(one) for one in spec.strategies],
        "kpis": [_kpi(one) for one in spec.kpis],
    }
    written: str = yaml.dump(_kept(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return written


def _kept(data: Mapping[str, Any]) -> Json:
    """Leave out what is not set."""
    return {key: value for key, value in data.items() if value not in (None, "", [], (), False)}


def _text(text: Text) -> _Short | str | None:
    if text.zh == text.en:
        return text.zh or None
    return _Short(zh=text.zh, en=text.en)


def _module(module: Module) -> Json:
    written = _kept({"key": module.key, "label": _text(module.label), "help": _text(module.help)})
    written["fields"] = [_field(one) for one in module.fields]
    return written


def _field(spec: FieldSpec) -> Json:
    return _kept(
        {
            "key": spec.key,
            "type": spec.type,
            "label": _text(spec.label),
            "required": spec.required,
            "unique": spec.unique,
            "sensitivity": spec.sensitivity.value,
            "purpose": _text(spec.purpose),
            "help": _text(spec.help),
            "minimum": spec.minimum,
            "maximum": spec.maximum,
            "pattern": spec.pattern,
            "past": spec.past,
            "aliases": _ShortList(spec.aliases),
            "choices": [_choice(one) for one in spec.choices],
        }
    ) | {
        key: value
        for key, value in (("minimum", spec.minimum), ("maximum", spec.maximum))
        if value is not None
    }


def _choice(choice: Choice) -> _Short:
    return _Short(
        _kept({"value": choice.value, "label": _text(choice.label), "aliases": _ShortList(choice.aliases)})
    )


def _rfm(rfm: RfmSpec) -> Json:
    relative = rfm.monetary_relative.value if rfm.monetary_relative else None
    return {
        "method": rfm.method.value,
        "recency_days": rfm.recency_days,
        "frequency": _Short(orders=rfm.frequency, days=rfm.frequency_days),
        "monetary": _Short(
            _kept({"metric": rfm.monetary_metric, "relative": relative}) | {"value": rfm.monetary}
        ),
        "bins": rfm.bins,
    }


def _forecast(forecast: ForecastSpec) -> Json:
    """Only what differs from the usual: most companies never say it."""
    usual = ForecastSpec()
    names = [one.name for one in fields(forecast)]
    said = {
        name: getattr(forecast, name) for name in names if getattr(forecast, name) != getattr(usual, name)
    }
    if "churn_reasons" in said:
        said["churn_reasons"] = [_choice(one) for one in forecast.churn_reasons]
    return said


def _rule(raw: Any) -> Any:
    """Write tests on one line and groups over several."""
    if isinstance(raw, dict) and ("all" in raw or "any" in raw):
        return {word: [_rule(part) for part in parts] for word, parts in raw.items()}
    if isinstance(raw, dict) and "not" in raw:
        return {"not": _rule(raw["not"])}
    return _Short(raw)


def _tier(tier: TierSpec) -> Json:
    written = {
        "key": tier.key,
        "label": _text(tier.label),
        "color": tier.color.value,
        "traits": _text(tier.traits),
    }
    return _kept(written | {"rule": _rule(to_json(tier.rule)) if tier.rule is not None else None})


def _strategy(strategy: StrategySpec) -> Json:
    return _kept(
        {
            "tier": strategy.tier,
            "traits": _text(strategy.traits),
            "owner_role": strategy.owner_role,
            "cycle": strategy.cycle.value,
            "measures": [_measure(one) for one in strategy.measures],
        }
    )


def _measure(measure: MeasureSpec) -> Json:
    return {
        "key": measure.key,
        "title": _text(measure.title),
        "action": _text(measure.action),
        "days_due": measure.days_due,
        "every": measure.every.value,
    }


def _kpi(kpi: KpiSpec) -> Json:
    written = {
        "key": kpi.key,
        "label": _text(kpi.label),
        "aggregate": kpi.aggregate.value,
        "metric": kpi.metric,
        "rule": _rule(to_json(kpi.rule)) if kpi.rule is not None else None,
        "better": kpi.better.value,
        "unit": kpi.unit,
    }
    target = {"target": kpi.target} if kpi.target is not None else {}
    tiers = {"target_tiers": _ShortList(kpi.target_tiers)} if kpi.target_tiers else {}
    return _kept(written) | target | tiers
