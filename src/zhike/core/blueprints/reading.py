"""Reading a blueprint from YAML: the whole of it is checked, and every problem is told at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import TypeVar

from zhike.core.blueprints.loading import load
from zhike.core.blueprints.places import Place, Report, built, check_unique
from zhike.core.blueprints.problems import BadBlueprint
from zhike.core.blueprints.reading_fields import choices, field
from zhike.core.blueprints.specs import (
    ALL_TIERS,
    OWNER_ROLES,
    Aggregate,
    Better,
    BlueprintSpec,
    Every,
    ForecastSpec,
    Kind,
    KpiSpec,
    MeasureSpec,
    Module,
    RfmMethod,
    RfmSpec,
    StrategySpec,
    TagSpec,
    TierColor,
    TierSpec,
)
from zhike.core.fields import FieldSpec
from zhike.core.rules import BadRule, Relative, Rule, parse
from zhike.core.rules.values import MOST_TIMES_MEAN
from zhike.core.text import Text

T = TypeVar("T")
LEVELS = ("watch", "warning", "critical")
RESERVED = frozenset({"tier", "tags", "id", "key", "kind", "manager", "department", "version"})
TOP = (
    "blueprint",
    "name",
    "kind",
    "currency",
    "solves",
    "modules",
    "rfm",
    "forecast",
    "tiers",
    "tags",
    "strategies",
    "kpis",
)


def read(text: str, *, metrics: Collection[str], kept: bool = False) -> BlueprintSpec:
    """Read a blueprint; `metrics` are the keys rules and KPIs may name. Raises `BadBlueprint` with all problems.

    `kept`: a version saved before, which may hold a margin of nothing, refused since.
    """
    data, lines = load(text)
    report = Report(lines)
    spec = _Reader(metrics, kept=kept).blueprint(Place(data, (), report))
    if spec is None or report.problems:
        raise BadBlueprint(tuple(report.problems))
    return spec


class _Reader:
    """Holds what rules may name while the parts are read one after the other."""

    def __init__(self, metrics: Collection[str], *, kept: bool) -> None:
        self.metrics, self.kept = metrics, kept
        self.fields: dict[str, FieldSpec] = {}
        self.tiers: list[str] = []
        self.tags: list[str] = []

    def blueprint(self, place: Place) -> BlueprintSpec | None:
        if not place.mapping(*TOP):
            return None
        kind = place.at("kind").one_of(Kind)
        modules = built(place.at("modules").items(required=True), self._module)
        _check_fields(place.at("modules"), modules, self.metrics)
        self.fields = {spec.key: spec for module in modules for spec in module.fields}
        self.tiers = [str(entry.at("key").raw) for entry in place.at("tiers").items(required=True)]
        self.tags = [str(entry.at("key").raw) for entry in place.at("tags").items()]
        return BlueprintSpec(
            key=place.at("blueprint").key(),
            name=place.at("name").text(required=True, longest=60),
            kind=kind or Kind.PERSON,
            currency=_currency(place.at("currency")),
            solves=tuple(entry.text(required=True) for entry in place.at("solves").items()),
            modules=modules,
            rfm=self._rfm(place.at("rfm")),
            forecast=_forecast(place.at("forecast"), kept=self.kept),
            tiers=self._tiers(place.at("tiers")),
            tags=self._tags(place.at("tags")),
            strategies=self._strategies(place.at("strategies")),
            kpis=self._kpis(place.at("kpis")),
        )

    def _module(self, place: Place) -> Module | None:
        if not place.mapping("key", "label", "help", "fields"):
            return None
        key = place.at("key").key()
        return Module(
            key=key,
            label=place.at("label").text(required=True, longest=60),
            fields=built(place.at("fields").items(), lambda entry: field(entry, key)),
            help=place.at("help").text(),
        )

    def _rfm(self, place: Place) -> RfmSpec:
        plain = RfmSpec()
        if not place.given or not place.mapping("method", "recency_days", "frequency", "monetary", "bins"):
            return plain
        frequency, monetary = place.at("frequency"), place.at("monetary")
        if frequency.given:
            frequency.mapping("orders", "days")
        if monetary.given:
            monetary.mapping("metric", "value", "relative")
        relative = monetary.at("relative")
        value = monetary.at("value").decimal(low=Decimal(0))
        if value is not None and relative.raw == Relative.MEAN and value > MOST_TIMES_MEAN:
            monetary.at("value").wrong(
                Text(f"“{value}”太大。", f"“{value}” is too large."),
                Text(
                    "倍数最多 1,000,000;要写金额请去掉 relative。",
                    "A multiple is at most 1,000,000; leave out relative to write an amount.",
                ),
            )
        return RfmSpec(
            method=place.at("method").one_of(RfmMethod, default=plain.method) or plain.method,
            recency_days=place.at("recency_days").integer(low=1, high=3650, default=plain.recency_days),
            frequency=frequency.at("orders").integer(low=1, high=100_000, default=plain.frequency),
            frequency_days=frequency.at("days").integer(low=1, high=3650, default=plain.frequency_days),
            monetary_metric=monetary.at("metric").word(self.metrics)
            if monetary.given
            else plain.monetary_metric,
            monetary=plain.monetary if value is None else value,
            monetary_relative=relative.one_of(Relative)
            if relative.given
            else None
            if monetary.given
            else Relative.MEAN,
            bins=place.at("bins").integer(low=2, high=20, default=plain.bins),
        )

    def _rule(self, place: Place, *, tiers: Collection[str] = (), tags: Collection[str] = ()) -> Rule | None:
        if not place.given:
            place.wrong(Text("缺少规则。", "The rule is missing."), Text("请补上 rule。", "Add a rule."))
            return None
        try:
            return parse(
                place.raw,
                fields=self.fields,
                metrics=self.metrics,
                tiers=tiers,
                tags=tags,
                segments=(),
                classes={},
            )
        except BadRule as bad:
            place.refused(bad, bad.path)
            return None

    def _tiers(self, place: Place) -> tuple[TierSpec, ...]:
        entries = place.items()
        tiers = built(entries, lambda entry: self._tier(entry, last=entry.path[-1] == len(entries) - 1))
        check_unique(place, (tier.key for tier in tiers), Text("层级", "tier"))
        if not 2 <= len(entries) <= 9:
            place.wrong(
                Text(f"有 {len(entries)} 个层级。", f"There are {len(entries)} tiers."),
                Text("请设 2 到 9 个,最后一个不带规则。", "Have 2 to 9, the last one without a rule."),
            )
        return tiers

    def _tier(self, place: Place, *, last: bool) -> TierSpec | None:
        if not place.mapping("key", "label", "color", "traits", "rule"):
            return None
        if last and place.at("rule").given:
            place.at("rule").wrong(
                Text("最后一个层级不能有规则。", "The last tier cannot have a rule."),
                Text(
                    "它收下其余所有客户,请去掉规则。", "It takes everybody who is left; leave the rule out."
                ),
            )
        return TierSpec(
            key=place.at("key").key(),
            label=place.at("label").text(required=True, longest=40),
            color=place.at("color").one_of(TierColor) or TierColor.ORDINARY,
            order=int(place.path[-1]) + 1,
            traits=place.at("traits").text(),
            rule=None if last else self._rule(place.at("rule")),
        )

    def _tags(self, place: Place) -> tuple[TagSpec, ...]:
        tags = built(place.items(), self._tag)
        check_unique(place, (tag.key for tag in tags), Text("标签", "tag"))
        return tags

    def _tag(self, place: Place) -> TagSpec | None:
        if not place.mapping("key", "label", "rule"):
            return None
        key, label = place.at("key").key(), place.at("label").text(required=True, longest=40)
        rule = self._rule(place.at("rule"), tiers=self.tiers)
        return TagSpec(key=key, label=label, rule=rule) if rule is not None else None

    def _strategies(self, place: Place) -> tuple[StrategySpec, ...]:
        strategies = built(place.items(), self._strategy)
        check_unique(
            place, (strategy.tier for strategy in strategies), Text("层级的策略", "strategy of the tier")
        )
        measures = (measure.key for strategy in strategies for measure in strategy.measures)
        check_unique(place, measures, Text("措施", "measure"))
        return strategies

    def _strategy(self, place: Place) -> StrategySpec | None:
        if not place.mapping("tier", "traits", "owner_role", "cycle", "measures"):
            return None
        return StrategySpec(
            tier=place.at("tier").word(self.tiers),
            owner_role=place.at("owner_role").word(OWNER_ROLES),
            cycle=place.at("cycle").one_of(Every, default=Every.QUARTERLY) or Every.QUARTERLY,
            traits=place.at("traits").text(),
            measures=built(place.at("measures").items(required=True), _measure),
        )

    def _kpis(self, place: Place) -> tuple[KpiSpec, ...]:
        kpis = built(place.items(), self._kpi)
        check_unique(place, (kpi.key for kpi in kpis), Text("指标", "KPI"))
        return kpis

    def _kpi(self, place: Place) -> KpiSpec | None:
        if not place.mapping(
            "key", "label", "aggregate", "metric", "rule", "better", "target", "target_tiers", "unit"
        ):
            return None
        aggregate = place.at("aggregate").one_of(Aggregate) or Aggregate.MEAN
        by_rule = aggregate in {Aggregate.SHARE, Aggregate.COUNT}
        unwanted = place.at("metric" if by_rule else "rule")
        if unwanted.given:
            unwanted.wrong(
                Text(f"{aggregate} 不用这一项。", f"{aggregate} takes no {unwanted.path[-1]}."),
                Text(
                    "share、count 用 rule,其余用 metric。",
                    "Share and count take a rule, the others a metric.",
                ),
            )
        return KpiSpec(
            key=place.at("key").key(),
            label=place.at("label").text(required=True, longest=60),
            aggregate=aggregate,
            better=place.at("better").one_of(Better) or Better.UP,
            metric=None if by_rule else place.at("metric").word(self.metrics),
            rule=self._rule(place.at("rule"), tiers=self.tiers, tags=self.tags) if by_rule else None,
            target=place.at("target").decimal(),
            target_tiers=self._target_tiers(place.at("target_tiers")),
            unit=place.at("unit").string(longest=20),
        )

    def _target_tiers(self, place: Place) -> tuple[str, ...]:
        known = (*self.tiers, ALL_TIERS)
        return tuple(dict.fromkeys(word for one in place.items() if (word := one.word(known))))


def _currency(place: Place) -> str:
    currency = place.string() or "CNY"
    if not re.fullmatch(r"[A-Z]{3}", currency):
        place.wrong(
            Text(f"“{currency}”不是货币代码。", f"“{currency}” is not a currency code."),
            Text("如 CNY。", "Such as CNY."),
        )
    return currency


def _check_fields(place: Place, modules: tuple[Module, ...], metrics: Collection[str]) -> None:
    check_unique(place, (module.key for module in modules), Text("模块", "module"))
    fields = [spec for module in modules for spec in module.fields]
    check_unique(place, (spec.key for spec in fields), Text("字段", "field"))
    for spec in fields:
        if spec.key in RESERVED or spec.key in metrics:
            place.wrong(
                Text(f"字段不能叫“{spec.key}”。", f"A field cannot be called “{spec.key}”."),
                Text(
                    "它是系统用名或指标名,请换一个。", "It is a word of the system or a metric; use another."
                ),
            )
    types = {spec.key: spec.type for spec in fields}
    for key, wanted in (("code", "text"), ("name", "name")):
        if types.get(key) != wanted:
            place.wrong(
                Text(f"缺少类型为 {wanted} 的字段 {key}。", f"A field {key} of type {wanted} is missing."),
                Text("每个模板都要有客户编号和名称。", "Every blueprint needs a customer code and a name."),
            )


def _forecast(place: Place, *, kept: bool) -> ForecastSpec:
    plain = ForecastSpec()
    if not place.given or not place.mapping("margin", "discount", "silence_days", "churn_reasons", *LEVELS):
        return plain
    cuts = {name: _share(place.at(name), getattr(plain, name)) for name in LEVELS}
    if not 0 < cuts["watch"] < cuts["warning"] < cuts["critical"] <= 1:
        place.wrong(
            Text("流失风险级别的概率没有逐级升高。", "The churn risk levels do not rise."),
            Text("写成 watch < warning < critical。", "Write watch < warning < critical."),
        )
    margin = _share(place.at("margin"), plain.margin)
    if not margin and not kept:
        place.at("margin").wrong(
            Text("毛利率为 0,每位客户的价值都会是 0。", "With a margin of 0 every customer is worth 0."),
            Text(
                "请写大于 0 的比例,如 0.3;写 1 按收入计。",
                "Write a share above 0, such as 0.3; 1 counts revenue.",
            ),
        )
    days, reasons = place.at("silence_days"), place.at("churn_reasons")
    return ForecastSpec(
        margin=margin,
        discount=_share(place.at("discount"), plain.discount),
        silence_days=days.integer(low=7, high=730) if days.given else None,
        churn_reasons=choices(reasons) if reasons.given else plain.churn_reasons,
        **cuts,
    )


def _share(place: Place, default: Decimal) -> Decimal:
    said = place.decimal(low=Decimal(0))
    if said is not None and said > 1:
        place.wrong(
            Text(f"“{said}”大于 1。", f"“{said}” is more than 1."),
            Text("请写 0 到 1 的小数,如 0.3 表示 30%。", "Write a share from 0 to 1, such as 0.3 for 30%."),
        )
    return default if said is None else said


def _measure(place: Place) -> MeasureSpec | None:
    if not place.mapping("key", "title", "action", "days_due", "every"):
        return None
    return MeasureSpec(
        key=place.at("key").key(),
        title=place.at("title").text(required=True, longest=80),
        action=place.at("action").text(required=True),
        days_due=place.at("days_due").integer(low=0, high=250),
        every=place.at("every").one_of(Every, default=Every.ONCE) or Every.ONCE,
    )
