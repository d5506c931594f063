"""Tiers by the rules of the shipped retail blueprint, and what to do for each of them next."""

from typing import Any

from zhike.core import figures
from zhike.core.blueprints.specs import OWNER_ROLES, TierSpec
from zhike.core.charts import TIER_COLORS
from zhike.core.rules import Labels, sentence
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.engine.metrics import metric
from zhike.engine.rules import metrics_needed
from zhike.instant.computing import Findings, rows
from zhike.instant.report import Badge, Bands, Block, Column, Part, Say, Section, Table, share

_TIERS = """
    SELECT tier AS key, count(*) AS customers, sum(spend)::DECIMAL(18,2) AS spend, sum(value) AS value,
        median(recency_days) AS recency, avg(churn) AS churn FROM base GROUP BY 1
"""


def color(tier: TierSpec) -> str:
    """A tier's fixed colour."""
    return TIER_COLORS[str(tier.color.value)]


def counted(session: Session) -> dict[str, dict[str, Any]]:
    """Customers and sums per tier."""
    return {row["key"]: row for row in rows(session, _TIERS)}


def section(session: Session, findings: Findings) -> Section:
    """The section on tiers."""
    found = counted(session)
    customers, total = findings.loaded.customers, sum(row["spend"] for row in found.values())
    value = sum(row["value"] or 0 for row in found.values())
    labels = _labels(findings)
    table = Table(
        title=Text("层级", "Tiers"),
        columns=(
            Column(Text("层级", "Tier")),
            Column(Text("客户", "Customers"), "count"),
            Column(Text("占比", "Share"), "share"),
            Column(Text("消费额", "Spend"), "money"),
            Column(Text("占销售额", "Of sales"), "share"),
            Column(Text("未来 12 个月", "Next 12 months"), "money_whole"),
            Column(Text("规则", "Rule"), wide=True),
        ),
        rows=[_row(tier, found.get(tier.key), customers, total, labels) for tier in findings.spec.tiers],
        sheet=Text("层级", "Tiers"),
    )
    wholes = (
        (Text("客户", "Customers"), "customers", customers),
        (Text("销售额", "Sales"), "spend", total),
        (Text("未来价值", "To come"), "value", value),
    )
    bands = [(label, _parts(findings, found, key, whole)) for label, key, whole in wholes if whole]
    blocks: list[Block] = [
        Bands(title=Text("占比", "Shares"), bands=bands),
        table,
        Say(lines=_stretch(findings), tone="note"),
    ]
    return Section(
        key="tiers", title=Text("客户分层", "Tiers"), lead=_lead(found, customers, total), blocks=blocks
    )


def next_steps(session: Session, findings: Findings) -> Section:
    """What to do per tier: the strategy of the blueprint, and for how many customers."""
    found = counted(session)
    listed: list[tuple[object, ...]] = []
    for tier in findings.spec.tiers:
        strategy = findings.spec.strategy_for(tier.key)
        number = found.get(tier.key, {}).get("customers", 0)
        if strategy and number:
            listed += [
                (
                    Badge(tier.label, color(tier)),
                    number,
                    str(measure.title),
                    str(measure.action),
                    str(OWNER_ROLES[strategy.owner_role]),
                )
                for measure in strategy.measures
            ]
    table = Table(
        title=Text("每层做什么", "What to do per tier"),
        columns=(
            Column(Text("层级", "Tier")),
            Column(Text("客户", "Customers"), "count"),
            Column(Text("措施", "Measure")),
            Column(Text("怎么做", "How"), wide=True),
            Column(Text("谁来做", "By whom")),
        ),
        rows=listed,
        sheet=Text("下一步", "Next steps"),
    )
    after = Text(
        "在知客里,这些措施会变成指名到人、有截止日的任务,做完能看到有没有用:运行 zhike up,导入同一个文件即可。",
        "In Zhike these measures become dated tasks for named people, and their effect is measured: run zhike up "
        "and import this very file.",
    )
    blocks: list[Block] = [Say(lines=_first_calls(findings, found)), table, Say(lines=[after], tone="note")]
    lead = Text(
        "名单在 Excel 的“客户”表里,按层级筛选即可开始。",
        "The lists are in the sheet “Customers” of the workbook: filter by tier and begin.",
    )
    return Section(key="steps", title=Text("下一步", "Next steps"), lead=lead, blocks=blocks)


def _first_calls(findings: Findings, found: dict[str, dict[str, Any]]) -> list[Text]:
    said = []
    for tier in findings.spec.tiers:
        strategy, row = findings.spec.strategy_for(tier.key), found.get(tier.key)
        if strategy and row:
            number = row["customers"]
            said.append(
                Text(
                    f"{tier.label.zh} {number:,} 位:{strategy.traits.zh}。先做:{strategy.measures[0].action.zh}。",
                    f"{tier.label.en}, {number:,} customers: {strategy.traits.en}. First: {strategy.measures[0].action.en}.",
                )
            )
    return said


def _labels(findings: Findings) -> Labels:
    spec = findings.spec
    keys = metrics_needed([tier.rule for tier in spec.tiers if tier.rule is not None])
    return Labels(
        fields=spec.labels.fields,
        tiers=spec.labels.tiers,
        tags=spec.labels.tags,
        metrics={key: metric(key) for key in keys},
    )


def _row(
    tier: TierSpec, row: dict[str, Any] | None, customers: int, total: object, labels: Labels
) -> tuple[object, ...]:
    number, spend, value = (row["customers"], row["spend"], row["value"]) if row else (0, 0, 0)
    rule = sentence(tier.rule, labels=labels) if tier.rule else str(Text("其余客户", "Everybody else"))
    return (
        Badge(tier.label, color(tier)),
        number,
        share(number, customers),
        spend,
        share(spend, total),
        value,
        rule,
    )


def _parts(findings: Findings, found: dict[str, dict[str, Any]], key: str, whole: object) -> list[Part]:
    parts = []
    for tier in findings.spec.tiers:
        portion = round(share((found.get(tier.key) or {}).get(key), whole), 4)
        if portion > 0:
            said = figures.share_whole(portion)
            parts.append(Part(label=tier.label, value=portion, said=said, color=color(tier), share=portion))
    return parts


def _lead(found: dict[str, dict[str, Any]], customers: int, total: object) -> Text:
    top = [found[key] for key in ("strategic", "core") if key in found]
    number, spend = sum(row["customers"] for row in top), sum(row["spend"] for row in top)
    portion, sales = figures.share_whole(share(number, customers)), figures.share_whole(share(spend, total))
    if not number:
        return Text("没有客户达到战略或核心的标准。", "Nobody reaches the strategic or core tier.")
    return Text(
        f"战略与核心客户共 {number:,} 位({portion}),贡献 {sales} 的销售额。",
        f"Strategic and core tiers: {number:,} customers ({portion}), {sales} of the sales.",
    )


def _stretch(findings: Findings) -> list[Text]:
    rhythm = findings.rhythm
    gap = Text("没有人买过两次", "nobody bought twice") if rhythm.gap is None else Text(
        f"两次购买一般相隔 {rhythm.gap} 天(中位数)", f"two purchases are usually {rhythm.gap} days apart (median)"
    )  # fmt: skip
    by = figures.plain(rhythm.stretch)
    return [
        Text(
            f"规则来自自带的零售模板(门槛是平均值的倍数)。这批客户{gap.zh},所以规则里的天数按 {by} 倍伸缩。门槛都可以在知客里改。",
            f"The rules are those of the shipped retail blueprint (thresholds are multiples of the mean). Here {gap.en}, "
            f"so its day limits are stretched {by} times. All of them can be changed in Zhike.",
        )
    ]
