"""What sets groups of customers apart from the others, sentence by sentence, with how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from zhike.core import figures
from zhike.core.fields import FieldSpec
from zhike.core.rules import classes
from zhike.core.text import Text, inside
from zhike.engine.cross import base as bases
from zhike.engine.cross import v1
from zhike.engine.cross.bands import HIGH, Band
from zhike.engine.cross.v1 import Finding, Value
from zhike.engine.metrics import metric
from zhike.insight.facts import RFM_CLASSES
from zhike.instant.computing import Findings
from zhike.instant.report import Block, Column, Say, Section, Table, written

TITLE = Text("交叉发现", "Cross findings")
SAID = 8
_HABITS = {
    classes.CHANNEL: Text("最常通过“{}”购买", "buy mostly through “{}”"),
    classes.STORE: Text("最常在“{}”购买", "buy mostly at “{}”"),
    classes.PAYMENT: Text("最常用“{}”付款", "pay mostly by “{}”"),
    classes.CATEGORY: Text("消费最多的品类是“{}”", "spend most on “{}”"),
}


@dataclass(frozen=True, slots=True)
class _Words:
    """What the values of dimensions are called."""

    findings: Findings
    fields: Mapping[str, FieldSpec]
    bands: Mapping[str, Band]

    def group(self, one: Value) -> Text:
        """The customers under a value, as the subject of a sentence."""
        kind, _, name = one.dimension.partition(".")
        if kind == bases.TIER:
            tier = self.findings.spec.tier_label(one.value)
            return Text(f"“{tier.zh}”", f"“{tier.en}” customers")
        if kind == classes.RFM:
            label = RFM_CLASSES[one.value].label
            return Text(f"“{label.zh}”客户", f"“{label.en}”")
        if kind == bases.METRIC:
            label = metric(name).label
            return Text(
                f"{label.zh}{self._band(name, one.value)} 的客户",
                f"Customers with {inside(label.en)} {self._band(name, one.value)}",
            )
        label = self.fields[name].label
        return Text(f"{label.zh} 为“{one.value}”的客户", f"Customers with {label.en} “{one.value}”")

    def trait(self, one: Value) -> Text:
        """A value as what is said of customers."""
        kind, _, name = one.dimension.partition(".")
        if kind in _HABITS:
            said = _HABITS[kind]
            return Text(said.zh.format(one.value), said.en.format(one.value))
        if kind == bases.METRIC:
            label = metric(name).label
            return Text(
                f"{label.zh}{self._band(name, one.value)}",
                f"have {inside(label.en)} {self._band(name, one.value)}",
            )
        if kind == bases.FIELD:
            label = self.fields[name].label
            return Text(f"{label.zh} 为“{one.value}”", f"have {label.en} “{one.value}”")
        return self.group(one)

    def _band(self, name: str, value: str) -> str:
        band = self.bands[name]
        end, sign = (band.high, "≥") if value == HIGH else (band.low, "<")
        return f" {sign} {_amount(name, end)}"


def _amount(name: str, end: Decimal | None) -> str:
    unit = metric(name).unit
    if unit == "money":
        return written(end, "money_whole")
    return figures.share(end) if unit == "share" else figures.plain(end)


def section(findings: Findings) -> Section:
    """The section on cross findings."""
    if findings.crossed is None:
        few = v1.Limits().group * 2
        lead = Text(
            f"客户不足 {few} 位,无法比较人群。", f"Fewer than {few} customers: groups cannot be compared."
        )
        return Section(key="cross", title=TITLE, lead=lead, blocks=())
    found, told = findings.crossed
    words = _Words(findings, {one.key: one for one in findings.fields}, found.bands)
    method = Say(lines=_method(told), tone="note")
    if not told.tests:
        lead = Text(
            "文件里只有购买记录,没有可比较的特征;加上品类、渠道等列,或用 --customers 给出客户资料,就能比较。",
            "The file tells of purchases only; with columns such as category or channel, or a file of --customers, groups "
            "can be compared.",
        )
        return Section(key="cross", title=TITLE, lead=lead, blocks=())
    if not told.told:
        lead = Text(
            "没有哪群客户与其他人明显不同。", "No group of customers differs clearly from the others."
        )
        return Section(key="cross", title=TITLE, lead=lead, blocks=(method,))
    blocks: list[Block] = [
        Say(lines=[_sentence(one, words) for one in told.told[:SAID]]), _table(told, words), method
    ]  # fmt: skip
    lead = Text(
        f"检验了 {told.tests:,} 对“人群 × 特征”,{len(told.told):,} 条值得一看。",
        f"Of {told.tests:,} pairs of a group and a trait, {len(told.told):,} are worth telling.",
    )
    return Section(key="cross", title=TITLE, lead=lead, blocks=blocks)


def _sentence(one: Finding, words: _Words) -> Text:
    group, trait = words.group(one.group), words.trait(one.trait)
    portion, times = figures.share_whole(one.seen.share), figures.plain(one.seen.lift, 1)
    low, high = (figures.share_whole(end) for end in one.share_range)
    return Text(
        f"{group.zh}中有 {portion} {trait.zh},是全体的 {times} 倍(区间 {low}–{high},{one.seen.both:,} / {one.seen.group:,} 位)。",
        f"{portion} of {inside(group.en)} {trait.en}, {times} times as many as of all "
        f"(interval {low}–{high}; {one.seen.both:,} of {one.seen.group:,}).",
    )


def _table(told: v1.Findings, words: _Words) -> Table:
    def row(one: Finding) -> tuple[object, ...]:
        low, high = one.share_range
        seen = one.seen
        return (
            str(words.group(one.group)), str(words.trait(one.trait)), seen.share, low, high, seen.overall,
            seen.lift, seen.both, seen.group, one.q,
        )  # fmt: skip

    return Table(
        title=Text("全部发现", "All findings"),
        columns=(
            Column(Text("人群", "Group"), wide=True),
            Column(Text("特征", "Trait"), wide=True),
            Column(Text("占比", "Share"), "share"),
            Column(Text("下限", "Low"), "share"),
            Column(Text("上限", "High"), "share"),
            Column(Text("全体占比", "Of all"), "share"),
            Column(Text("倍数", "Lift"), "plain"),
            Column(Text("客户", "Customers"), "count"),
            Column(Text("人群规模", "Size of group"), "count"),
            Column(Text("校正后 q", "Corrected q"), "plain"),
        ),
        rows=[row(one) for one in told.told],
        sheet=Text("交叉发现", "Cross findings"),
        folded=True,
        shown=40,
    )


def _method(told: v1.Findings) -> list[Text]:
    limits = v1.Limits()
    return [
        Text(
            f"人群至少 {limits.group} 位;按检验次数校正(Benjamini–Hochberg),其中错误的预计不超过 {limits.rate:.0%};区间为 95%。"
            "由定义推出的关系不作比较。",
            f"Groups of {limits.group} customers or more; corrected for the number of tests (Benjamini–Hochberg), at most "
            f"{limits.rate:.0%} false ones are to be expected; intervals of 95 %. What follows from a definition is not crossed.",
        )
    ]
