"""RFM: the eight classes, how many customers are in each, and what they bring in."""

from zhike.core import figures
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.insight.facts import RFM_CLASSES
from zhike.instant.computing import Findings, rows
from zhike.instant.report import (
    FEWEST,
    Badge,
    Block,
    Column,
    Part,
    Say,
    Section,
    Table,
    Tiles,
    money_short,
    share,
)

_CLASSES = """
    SELECT rfm_class AS key, count(*) AS customers, sum(spend)::DECIMAL(18,2) AS spend, median(recency_days) AS recency,
        avg(orders) AS orders FROM base GROUP BY 1
"""


def section(session: Session, findings: Findings) -> Section:
    """The section on RFM."""
    found = {row["key"]: row for row in rows(session, _CLASSES)}
    customers = findings.loaded.customers
    total = sum(row["spend"] for row in found.values())
    tiles = [
        Part(
            label=one.label,
            value=found[key]["customers"],
            said=figures.count(found[key]["customers"]),
            color=one.color,
            share=share(found[key]["customers"], customers),
        )
        for key, one in RFM_CLASSES.items()
        if key in found
    ]
    listed = [_row(key, found.get(key), customers, total) for key in RFM_CLASSES]
    table = Table(
        title=Text("八类客户", "Eight classes"),
        columns=(
            Column(Text("类别", "Class")),
            Column(Text("客户", "Customers"), "count"),
            Column(Text("占比", "Share"), "share"),
            Column(Text("消费额", "Spend"), "money"),
            Column(Text("占销售额", "Of sales"), "share"),
            Column(Text("特征", "Who they are"), wide=True),
            Column(Text("建议", "What to do"), wide=True),
        ),
        rows=listed,
        sheet=Text("RFM 八类", "RFM classes"),
    )
    blocks: list[Block] = [Tiles(title=Text("客户数", "Customers"), parts=tiles), table]
    if customers >= FEWEST:
        blocks.append(Say(lines=_cuts(findings), tone="note"))
    return Section(
        key="rfm", title=Text("RFM 八类", "RFM"), lead=_lead(found, customers, total), blocks=blocks
    )


def _row(key: str, row: dict[str, object] | None, customers: int, total: object) -> tuple[object, ...]:
    one = RFM_CLASSES[key]
    number, spend = (row["customers"], row["spend"]) if row else (0, 0)
    return (
        Badge(one.label, one.color), number, share(number, customers), spend, share(spend, total), str(one.meaning),
        str(one.advice),
    )  # fmt: skip


def _lead(found: dict[str, dict[str, object]], customers: int, total: object) -> Text:
    best = found.get("champions")
    if not best:
        return Text("没有客户同时最近买过、买得勤、花得多。", "Nobody bought lately, often and much at once.")
    number, portion = (
        figures.count(best["customers"]),
        figures.share_whole(share(best["customers"], customers)),
    )
    sales = figures.share_whole(share(best["spend"], total))
    return Text(
        f"“重要价值”客户 {number} 位,占 {portion},贡献 {sales} 的销售额。",
        f"{number} Champions, {portion} of the customers, bring in {sales} of the sales.",
    )


def _cuts(findings: Findings) -> list[Text]:
    """How high and low were told apart: at the middle of this base."""
    cuts = findings.cuts
    recency, frequency, money = cuts.recency[0], cuts.frequency[0], money_short(cuts.monetary[0])
    said = Text(
        f"高低按这批客户自己的中位数划分:R 高 = 最近 {recency:,} 天内买过;F 高 = 多于 {frequency:,} 单;"
        f"M 高 = 累计消费超过 {money}。",
        f"High and low are told apart at the median of these customers: R high = bought in the last {recency:,} days; "
        f"F high = more than {frequency:,} orders; M high = spent more than {money}.",
    )
    silent = findings.rhythm.silent
    if recency != silent - 1:
        return [said]
    capped = Text(
        f"R 的界限不超过流失预警的 {silent:,} 天:沉默更久的客户不算最近买过,即使一半客户都沉默更久。",
        f"R ends before the {silent:,} days of the churn warning: whoever is silent for longer did not buy lately, even where "
        "half of the customers are.",
    )
    return [said, capped]
