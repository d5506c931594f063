"""What runs of value and churn keep, in words: method, parameters, warnings and the reasons of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from zhike.core.blueprints import ForecastSpec
from zhike.core.text import Text
from zhike.engine.churn.words import ALL
from zhike.insight.facts import SINCE_PURCHASE

_METHODS = {
    "clv/v1": Text("BG/NBD 与 Gamma-Gamma 模型", "the models BG/NBD and Gamma-Gamma"),
    "churn/v1": Text("逻辑回归", "logistic regression"),
    "empirical/v1": Text("经验估计", "an empirical estimate"),
}


def method(key: str) -> Text:
    """A method by name."""
    return _METHODS.get(key, Text.same(key))


def reasons(kept: Sequence[Sequence[Any]], params: Mapping[str, Any], silent: int | None) -> tuple[Text, ...]:
    """The reasons of one customer; `silent`: days since the last purchase."""
    model = params.get("model")
    if model is None:
        return ()
    usual = dict(zip(ALL, model["usual"], strict=True))
    found = []
    for key, value in kept:
        shown = silent if key == SINCE_PURCHASE else value
        if key in ALL and shown is not None:
            found.append(ALL[key].sentence(float(shown), float(usual[key]), model["horizon"]))
    return tuple(found)


def value(params: Mapping[str, Any]) -> list[Text]:
    """How value is told: what is expected, from which parameters, and what to know before using it."""
    days, fit, spend = params["horizon_days"], params["fit"], params["spend"]
    said = [
        _terms(days, terms_of(params)),
        _purchases(params),
        Text(
            f"单次消费:Gamma-Gamma,p = {spend['p']:.3g},q = {_number(spend['q'])},v = {_number(spend['v'])};"
            f"依据 {spend['customers']:,} 位有复购的客户。",
            f"Spend per purchase: Gamma-Gamma, p = {spend['p']:.3g}, q = {_number(spend['q'])}, v = {_number(spend['v'])}; "
            f"from {spend['customers']:,} customers who came back.",
        ),
        Text(
            f"参数学习于 {params['learnt_on']},每 7 天或客户增加一成时重新学习;依据 {fit['customers']:,} 位客户,"
            f"其中 {fit['repeaters']:,} 位有复购。",
            f"Parameters learnt on {params['learnt_on']}, and anew every 7 days or when the base has grown by a tenth; from "
            f"{fit['customers']:,} customers, {fit['repeaters']:,} of whom came back.",
        ),
    ]
    return said


def terms_of(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """By which margin, discount and levels a run told its figures; the usual ones where it says nothing."""
    usual: dict[str, Any] = {one.name: getattr(ForecastSpec(), one.name) for one in fields(ForecastSpec)}
    said: dict[str, Any] = params.get("terms", {})
    return usual | said


def _terms(days: int, terms: Mapping[str, Any]) -> Text:
    margin, discount = terms["margin"], terms["discount"]
    profit = (
        Text(f"按毛利率 {margin:.0%} 计利润", f"profit at a margin of {margin:.0%}")
        if margin < 1
        else Text("按收入计,不扣成本", "revenue, costs not deducted")
    )
    later = (
        Text(f"每年折现 {discount:.1%}", f"discounted by {discount:.1%} a year")
        if discount
        else Text("不折现", "not discounted")
    )
    return Text(
        f"未来 {days} 天每位客户的预计购买次数 × 预计单次消费额,{profit.zh},{later.zh}。",
        f"Expected purchases of each customer within {days} days, times expected spend per purchase: {profit.en}, "
        f"{later.en}.",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _purchases(params: Mapping[str, Any]) -> Text:
    fit, counted = params["fit"], params["counted"]
    if fit["too_small"]:
        return Text("购买次数:经验估计(数据太少)。", "Purchases: an empirical estimate (too little data).")
    if counted:
        return Text(
            f"购买次数:经验估计,即同类客户在过去 {counted['horizon']:.0f} 天里的购买。",
            f"Purchases: an empirical estimate, what similar customers bought within {counted['horizon']:.0f} days.",
        )
    four = ("r", "alpha", "a", "b")
    written = ", ".join(f"{name} = {fit[name]:.4g}" for name in four)
    return Text(f"购买次数:BG/NBD,{written}(时间单位:天)。", f"Purchases: BG/NBD, {written} (time in days).")


def value_warnings(params: Mapping[str, Any]) -> list[Text]:
    """Why the figures need care, if they do."""
    fit, spend = params["fit"], params["spend"]
    kept = (fit["too_small"], fit["degenerate"], spend["too_small"], spend["degenerate"])
    said = [Text.from_json(one) for one in kept if one]
    related = spend["correlation"] or 0.0
    if not spend["too_small"] and abs(related) > 0.3:
        said.append(
            Text(
                f"购买次数与单次消费额相关系数为 {related:.2f},模型假定两者无关,价值可能有偏。",
                f"Frequency and spend per purchase correlate at {related:.2f}; the model takes them as unrelated, values "
                "may be biased.",
            )
        )
    return said


def churn(run_method: str, params: Mapping[str, Any]) -> list[Text]:
    """How churn is told: the question, the method, and when it was learnt."""
    days = params["horizon_days"]
    terms = terms_of(params)
    watch, warning, critical = (f"{terms[name]:.0%}" for name in ("watch", "warning", "critical"))
    question = Text(
        f"问题:未来 {days} 天内没有任何购买的概率。级别:≥ {watch} 关注,≥ {warning} 预警,≥ {critical} 紧急。",
        f"The question: how likely is no purchase at all within {days} days? Levels: from {watch} watch, from {warning} "
        f"warning, from {critical} critical.",
    )
    return [question, _churn_method(run_method, params)]


def _churn_method(run_method: str, params: Mapping[str, Any]) -> Text:
    model = params["model"]
    if model:
        return Text(
            f"方法:逻辑回归,依据 {model['trained_on']} 的 {model['customers']:,} 位客户及其后 {model['horizon']} 天"
            f"({model['base_rate']:.1%} 没有再买);每 7 天重新学习。",
            f"Method: logistic regression, from {model['customers']:,} customers on {model['trained_on']} and the "
            f"{model['horizon']} days after ({model['base_rate']:.1%} bought nothing); learnt anew every 7 days.",
        )
    why = Text.from_json(params["why"])
    if run_method == "empirical/v1":
        return Text(
            f"方法:经验估计(同类客户过去的购买)。{why.zh}",
            f"Method: an empirical estimate (what similar customers bought). {why.en}",
        )
    return Text(f"方法:由 BG/NBD 推算。{why.zh}", f"Method: derived from BG/NBD. {why.en}")
