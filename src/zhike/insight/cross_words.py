"""A finding of the cross analysis in words, and the filters of the customer list that describe whom it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from zhike.core import figures
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.rules.classes import CATEGORY, CHANNEL, CLASSES, PAYMENT, RFM, RISK, STORE
from zhike.core.text import Text, inside, speaking
from zhike.engine.churn.words import LEVELS
from zhike.engine.cross.bands import HIGH
from zhike.engine.cross.base import CODES, FIELD, METRIC, TIER
from zhike.engine.metrics import metric
from zhike.insight.dimensions import GAP, band_label, spelled, value_label
from zhike.insight.facts import RFM_CLASSES

HABIT = "habit"
HABITS: Mapping[str, tuple[Text, Text]] = {
    CHANNEL: (Text("最常通过「", "buy mostly through “"), Text("」购买", "”")),
    STORE: (Text("最常在「", "buy mostly at “"), Text("」购买", "”")),
    PAYMENT: (Text("最常用「", "pay mostly by “"), Text("」付款", "”")),
    CATEGORY: (Text("消费最多的品类是「", "spend most on “"), Text("」", "”")),
}  # fmt: skip
KINDS: Mapping[str, Text] = {
    TIER: Text("层级", "Tier"),
    RFM: CLASSES[RFM].label,
    RISK: CLASSES[RISK].label,
    METRIC: Text("指标", "Metric"),
    FIELD: Text("资料", "Profile"),
}


@dataclass(frozen=True)
class Named:
    """One value of a dimension: `key` such as tier, field.region or metric.spend_12m, and the stored value."""

    spec: BlueprintSpec
    bands: Mapping[str, Any]
    key: str
    value: str

    @property
    def kind(self) -> str:
        """Of which kind the dimension is, a key of KINDS or HABITS."""
        return self.key.partition(".")[0]

    @cached_property
    def label(self) -> Text:
        """The dimension."""
        if self.kind == FIELD:
            field = self.spec.fields.get(self._name)
            return field.label if field else Text(self._name, self._name)
        if self.kind == METRIC:
            return metric(self._name).label
        return CLASSES[self.kind].label if self.kind in CLASSES else KINDS[self.kind]

    @cached_property
    def said(self) -> Text:
        """The value."""
        return Text(self._said("zh"), self._said("en"))

    def group(self) -> Text:
        """The customers under the value, as the subject of a sentence."""
        label, said = self.label, self.said
        if self.kind == TIER:
            return Text(f"「{said.zh}」层级的客户", f"customers of tier “{said.en}”")
        if self.kind == RFM:
            return Text(f"RFM「{said.zh}」客户", f"“{said.en}” customers (RFM)")
        if self.kind == RISK:
            return Text(f"流失风险级别为「{said.zh}」的客户", f"customers with churn risk level “{said.en}”")
        if self.kind == METRIC:
            return Text(f"{label.zh} {said.zh} 的客户", f"customers with {inside(label.en)} {said.en}")
        return Text(f"{label.zh}为「{said.zh}」的客户", f"customers with {inside(label.en)} “{said.en}”")

    def trait(self) -> Text:
        """The value as what is said of customers."""
        label, said = self.label, self.said
        if self.kind in HABITS:
            before, after = HABITS[self.kind]
            return Text(before.zh + said.zh + after.zh, before.en + said.en + after.en)
        if self.kind == METRIC:
            return Text(f"{label.zh} {said.zh}", f"have {inside(label.en)} {said.en}")
        return Text(f"{label.zh}为「{said.zh}」", f"have {inside(label.en)} “{said.en}”")

    def narrowed(self) -> dict[str, str]:
        """The filter of the customer list that gives these customers."""
        if self.kind == METRIC:
            low, high = self._ends
            return {METRIC: spelled(self._name, low or "", high or "")}
        if self.kind == FIELD:
            field = self.spec.fields.get(self._name)
            padded = self.value.ljust(6, "0") if field and field.type == "region" else self.value
            return {self._name: self._answer or padded}
        return {HABIT: GAP.join((self.kind, self.value))} if self.kind in HABITS else {self.kind: self.value}

    def rule(self) -> dict[str, Any] | None:
        """The condition that these customers meet, as a rule is written; None where no rule says it."""
        if self.kind == TIER:
            return {TIER: self.value} if any(one.key == self.value for one in self.spec.tiers) else None
        if self.kind in CLASSES:
            return {"class": self.kind, "is": self.value}
        if self.kind == METRIC:
            low, high = self._ends
            op, end = (">=", low) if low else ("<", high)
            return {METRIC: self._name, "op": op, "value": end} if end else None
        field = self.spec.fields.get(self._name) if self.kind == FIELD else None
        if field is None or field.sealed:
            return None
        if field.type in CODES:
            return {FIELD: field.key, "op": "within", "value": self.narrowed()[field.key]}
        if self._answer:
            return {FIELD: field.key, "op": "in", "value": [self._answer]}
        if field.type == "boolean":
            return {FIELD: field.key, "op": "=", "value": self.value == "true"}
        return {FIELD: field.key, "op": "in", "value": [self.value]}

    def unruled(self) -> Text | None:
        """Why no rule says who these customers are; None where one does."""
        if self.rule() is not None:
            return None
        label, said = self.label, self.said
        if self.kind == TIER:
            return Text(
                f"现行模板中已没有层级「{said.zh}」",
                f"the blueprint in force has no tier “{said.en}” any more",
            )
        if self.kind == METRIC:
            return Text(f"没有保存「{label.zh}」的分界值", f"the limit of {inside(label.en)} was not kept")
        if self._name not in self.spec.fields:
            return Text(
                f"现行模板中已没有字段「{label.zh}」",
                f"the blueprint in force has no field “{label.en}” any more",
            )
        return Text(
            f"字段「{label.zh}」加密保存,规则不读取它",
            f"the field “{label.en}” is sealed, and rules do not read it",
        )

    @property
    def _name(self) -> str:
        return self.key.split(".")[1]

    @property
    def _answer(self) -> str:
        """The answer of a question with several, each of which is a dimension."""
        return ".".join(self.key.split(".")[2:])

    @property
    def _ends(self) -> tuple[str | None, str | None]:
        high, low = self.bands[self._name]
        return (high, None) if self.value == HIGH else (None, low)

    def _said(self, lang: str) -> str:
        with speaking(lang):
            return self._spoken()

    def _spoken(self) -> str:
        if self.kind == TIER:
            found = next((one for one in self.spec.tiers if one.key == self.value), None)
            return str(found.label) if found else self.value
        if self.kind == RFM:
            return str(RFM_CLASSES[self.value].label)
        if self.kind == RISK:
            return str(LEVELS[self.value])
        if self.kind == METRIC:
            return _band(self._name, *self._ends)
        field = self.spec.fields.get(self._name) if self.kind == FIELD else None
        return value_label(field, self._answer or self.value) if field else self.value


def _band(key: str, low: str | None, high: str | None) -> str:
    """High or low in words: whole numbers without a value between are said from the value on."""
    ends = [Decimal(end) if end else None for end in (low, high)]
    if metric(key).unit == "share":
        return f"≥ {figures.share(ends[0])}" if ends[0] is not None else f"< {figures.share(ends[1])}"
    written = {"count": figures.plain, "days": _days}.get(metric(key).unit)
    if written is not None:
        return f"< {written(ends[1])}" if ends[0] is None else f"≥ {written(ends[0])}"
    return band_label(key, *ends)


def _days(value: Decimal | None) -> str:
    """Days as the limit has them: a mean gap is not always a whole number, and rounding would move the limit."""
    if value is None or value == value.to_integral_value():
        return figures.days(value)
    number = figures.plain(value)
    return str(Text(f"{number} 天", f"{number} days"))


def method(params: Mapping[str, Any]) -> list[Text]:
    """What a reader of the statements has to know, sentence by sentence."""
    tests, clear, group = (figures.count(params[key]) for key in ("tests", "clear", "group"))
    rate, lift = figures.share_whole(params["rate"]), figures.plain(params["least_lift"])
    return [
        Text(
            f"共检验 {tests} 对「人群 × 特征」;按 Benjamini–Hochberg 校正多重检验后有 {clear} 对明确,其中错误的预计不超过 {rate}。",
            f"{tests} pairs of a group and a trait were tested; {clear} are clear after correction for so many tests "
            f"(Benjamini–Hochberg), with at most {rate} false ones to be expected among them.",
        ),
        Text(
            f"人群至少 {group} 位客户,人群之外也至少这么多;倍数的下限至少为 {lift}。",
            f"A group has at least {group} customers, and as many are outside it; the lower end of the lift is at least {lift}.",
        ),
        Text(
            "占比只计两项都已知的客户,点开的人群名单则是全部,可能更多;区间为 95% 置信区间(占比用 Wilson 法,倍数用对数比法)。",
            "Shares are of customers of whom both are known; the list of a group that opens is of all, and may be longer; "
            "intervals are of 95% (Wilson for shares, log ratio for lifts).",
        ),
        Text(
            "由定义推出的不作比较(如消费额与按消费额划分的层级);意思相近的只保留最有用的一条。",
            "What follows from a definition, such as spend and a tier by spend, is not crossed; of statements that say nearly the "
            "same, the most useful is kept.",
        ),
    ]
