"""From the blueprint's RFM settings to the frozen method that judges customers, and back into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from zhike.core import figures
from zhike.core.blueprints.specs import RfmMethod, RfmSpec
from zhike.core.rules import Relative
from zhike.core.text import Text, speaking
from zhike.engine.metrics import metric
from zhike.engine.rfm import v1

METHOD = f"{v1.METHOD}/v{v1.VERSION}"


def method_of(spec: RfmSpec) -> v1.Method:
    """The method with the parameters that the blueprint sets."""
    if spec.method is RfmMethod.QUANTILES:
        # High is strictly above the middle: scores 4 and 5 of five, 3 and 4 of four.
        return v1.Quantiles(
            buckets=spec.bins,
            high_from=(spec.bins + 3) // 2,
            frequency_days=spec.frequency_days,
            monetary_metric=spec.monetary_metric,
        )
    return v1.Thresholds(
        recency_days=spec.recency_days,
        frequency_days=spec.frequency_days,
        frequency=spec.frequency,
        monetary=spec.monetary,
        relative="mean" if spec.monetary_relative is Relative.MEAN else None,
        monetary_metric=spec.monetary_metric,
    )


def params_of(method: v1.Method, cuts: v1.Cuts) -> dict[str, Any]:
    """Everything needed to judge again: kind, parameters, metrics and the cut points in use, as JSON keeps it."""
    kind = RfmMethod.QUANTILES if isinstance(method, v1.Quantiles) else RfmMethod.THRESHOLDS
    chosen = {name: _plain(value) for name, value in asdict(method).items()}
    points = {name: [_plain(value) for value in values] for name, values in asdict(cuts).items()}
    return {"kind": kind.value, **chosen, "metrics": list(v1.inputs(method)), "cuts": points}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def in_words(params: Mapping[str, Any]) -> list[Text]:
    """What a run's parameters say, one sentence each for recency, frequency and money."""
    if not params:
        return []
    cuts = params["cuts"]
    if params["kind"] == RfmMethod.QUANTILES:
        return [_quantile(letter, key, cuts[name]) for letter, key, name in _dimensions(params)]
    return [
        Text(
            f"R 高:距上次购买不超过 {params['recency_days']} 天",
            f"R high: bought in the last {params['recency_days']} days",
        ),
        _frequency(params),
        _money(params),
    ]


def _dimensions(params: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return list(zip("RFM", params["metrics"], ("recency", "frequency", "monetary"), strict=True))


def _frequency(params: Mapping[str, Any]) -> Text:
    label = metric(params["metrics"][1]).label
    number = params["frequency"]
    return Text(f"F 高:{label.zh} ≥ {number}", f"F high: {label.en.lower()} ≥ {number}")


def _money(params: Mapping[str, Any]) -> Text:
    label = metric(params["metrics"][2]).label
    cut = params["cuts"]["monetary"][0]
    times = figures.plain(params["monetary"])
    if params.get("relative") == "mean":
        return Text(
            f"M 高:{label.zh} ≥ 平均的 {times} 倍(即 {_money_in('zh', cut)})",
            f"M high: {label.en.lower()} ≥ {times} × the mean (that is {_money_in('en', cut)})",
        )
    return Text(
        f"M 高:{label.zh} ≥ {_money_in('zh', cut)}", f"M high: {label.en.lower()} ≥ {_money_in('en', cut)}"
    )


def _quantile(letter: str, key: str, cuts: list[object]) -> Text:
    label = metric(key).label
    said = {lang: ", ".join(_value_in(lang, key, cut) for cut in cuts) for lang in ("zh", "en")}
    return Text(
        f"{letter}:{label.zh},分点 {said['zh'] or '—'}",
        f"{letter}: {label.en.lower()}, cut at {said['en'] or '—'}",
    )


def _value_in(lang: str, key: str, value: object) -> str:
    return _money_in(lang, value) if metric(key).unit == "money" else figures.plain(value)


def _money_in(lang: str, value: object) -> str:
    with speaking(lang):
        return figures.money_short(value)
