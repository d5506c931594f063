"""Who is likely to stay away, within which horizon, and why."""

import json
from collections import Counter
from functools import lru_cache
from typing import Any

from zhike.core import figures
from zhike.core.charts import GREY, RISK
from zhike.core.text import Language, Text, language
from zhike.engine.churn.words import ALL, LEVELS
from zhike.engine.lake import Session
from zhike.instant.computing import Findings, rows
from zhike.instant.report import Badge, Bar, Bars, Block, Column, Say, Section, Table
from zhike.instant.sections.people import People

TITLE = Text("流失风险", "Risk of churn")
COLORS = {"none": "#9cc4bd", "watch": "#e3c48a", "warning": "#d98a5f", "critical": RISK}
TOP = 20
TOLD_APART = 0.05  # of probability between the tenths at either end; with less the model tells nobody apart
_COUNTS = """
    SELECT level AS key, count(*) AS customers, sum(spend_12m)::DECIMAL(18,2) AS spend
    FROM base WHERE level IS NOT NULL GROUP BY 1
"""
_SPREAD = """
    SELECT least(floor(churn * 10), 9)::BIGINT AS tenth, count(*) AS customers FROM base WHERE churn IS NOT NULL GROUP BY 1
"""
_REASONS = "SELECT reasons FROM base WHERE level <> 'none' AND reasons <> '[]'"
_KNOWN = "customer_id, who, name, churn, level, reasons, spend_12m, spend, last_purchase_on, recency_days, gap_days"
_MOST = f"""
    SELECT {_KNOWN}, churn * greatest(value, spend_12m::DOUBLE / 4) AS at_stake
    FROM base WHERE churn IS NOT NULL
    ORDER BY level = 'none', at_stake DESC, customer_id LIMIT {TOP}
"""
_SILENT = f"""
    SELECT {_KNOWN}, recency_days / gap_days AS times FROM base WHERE orders >= 3 AND gap_days > 0
    AND spend >= (SELECT avg(spend) FROM base) ORDER BY times DESC, customer_id LIMIT {TOP}
"""
_APART = (
    "SELECT quantile_cont(churn, 0.9) - quantile_cont(churn, 0.1) AS apart FROM base WHERE churn IS NOT NULL"
)
WARNED = ("watch", "warning", "critical")


def section(session: Session, findings: Findings, people: People) -> Section:
    """The section on churn."""
    if findings.learnt is None:
        assert findings.unforetold is not None
        return Section(key="churn", title=TITLE, lead=findings.unforetold, blocks=())
    found = {row["key"]: row for row in rows(session, _COUNTS)}
    blocks: list[Block] = [_spread(session, findings.rhythm.horizon)]
    reasons = _reasons(session)
    if reasons:
        blocks.append(reasons)
    told_apart = (rows(session, _APART)[0]["apart"] or 0) >= TOLD_APART
    first = _most(session, findings, people) if told_apart else _silent(session, people)
    blocks += [first, Say(lines=_trial(findings), tone="note")]
    return Section(key="churn", title=TITLE, lead=_lead(found, findings), blocks=blocks)


def warned(session: Session) -> int:
    """Customers whom the model warns of at any level."""
    return sum(row["customers"] for row in rows(session, _COUNTS) if row["key"] in WARNED)


def reasons_in_words(row: dict[str, Any], horizon: int) -> str:
    """Why a customer is at risk, in words: what sets them apart from others, else how long they have been silent."""
    said = []
    for key, value in json.loads(row["reasons"] or "[]"):
        shown = row["recency_days"] if value is None else value
        said.append(str(ALL[key].label) if shown is None else _short(key, float(shown), horizon, language()))
    return str(Text(";", "; ")).join(said) or _silence(row, horizon)


def _silence(row: dict[str, Any], horizon: int) -> str:
    """The days of silence and the model's expectation; nothing for whoever has no warning and no chance told."""
    if row["churn"] is None or row["recency_days"] is None:
        return ""
    days, chance = row["recency_days"], figures.share_whole(row["churn"])
    return str(
        Text(
            f"已 {days:,} 天没有购买;同样购买记录的客户 {horizon} 天内不再购买的概率约 {chance}",
            f"no purchase for {days:,} days; with such a history the chance of none within {horizon} days is about {chance}",
        )
    )


@lru_cache(maxsize=50_000)
def _short(key: str, value: float, horizon: int, lang: Language) -> str:
    """The sentence of a reason without its comparison, which needs the means of the model."""
    feature = ALL[key]
    text = feature.sentence(value, float("nan"), horizon).in_(lang)
    for mark in ("(平均", "(平均", " (on average"):
        text = text.split(mark)[0]
    return text


def _spread(session: Session, days: int) -> Bars:
    """Customers by probability, in tenths."""
    found = {row["tenth"]: row["customers"] for row in rows(session, _SPREAD)}
    bars = [
        Bar(
            label=f"{tenth * 10}–{tenth * 10 + 10}%",
            value=found.get(tenth, 0),
            said=figures.count(found.get(tenth, 0)),
            color=COLORS[_level(tenth)],
        )
        for tenth in range(10)
    ]
    return Bars(
        title=Text(
            f"客户数,按 {days} 天内不再购买的概率",
            f"Customers by the chance of no purchase within {days} days",
        ),
        bars=bars,
    )


def _level(tenth: int) -> str:
    return "critical" if tenth >= 9 else "warning" if tenth >= 7 else "watch" if tenth >= 5 else "none"


def _lead(found: dict[str, dict[str, Any]], findings: Findings) -> Text:
    days = findings.rhythm.horizon
    number = sum(found[key]["customers"] for key in WARNED if key in found)
    spend = sum(found[key]["spend"] for key in WARNED if key in found)
    if not number:
        return Text(
            f"没有客户在 {days} 天内不再购买的概率达到 50%;下面列出最该留意的。",
            f"For nobody is the chance of no purchase within {days} days 50 % or more; below are those to watch first.",
        )
    return Text(
        f"{number:,} 位客户在 {days} 天内不再购买的概率达到 50%,他们近 12 个月消费 {figures.money_short(spend).strip()}。",
        f"For {number:,} customers the chance of no purchase within {days} days is 50 % or more; they spent "
        f"{figures.money_short(spend).strip()} in the last 12 months.",
    )


def _reasons(session: Session) -> Bars | None:
    """How often each reason is the first."""
    counted: Counter[str] = Counter()
    for row in rows(session, _REASONS):
        counted.update([json.loads(row["reasons"])[0][0]])
    if not counted:
        return None
    bars = [
        Bar(label=str(ALL[key].label), value=number, said=figures.count(number), color=GREY)
        for key, number in counted.most_common(6)
    ]
    return Bars(title=Text("首要原因(客户数)", "First reasons (customers)"), bars=bars, across=True)


def _most(session: Session, findings: Findings, people: People) -> Table:
    return Table(
        title=Text(f"最该先联系的 {TOP} 位", f"The {TOP} to call first"),
        columns=(
            *people.columns(),
            Column(Text("级别", "Level")),
            Column(Text("不再购买的概率", "Chance of no purchase"), "share_whole"),
            Column(Text("近 12 个月消费", "Spent in 12 months"), "money_whole"),
            Column(Text("最近购买", "Last purchase"), "date"),
            Column(Text("原因", "Reasons"), wide=True),
        ),
        rows=[
            (
                *people.cells(row),
                Badge(LEVELS[row["level"]], COLORS[row["level"]]),
                row["churn"],
                row["spend_12m"],
                row["last_purchase_on"],
                reasons_in_words(row, findings.rhythm.horizon),
            )
            for row in rows(session, _MOST)
        ],
        sheet=Text("先联系谁", "Call first"),
        note=Text("按概率 × 价值排序。", "Ordered by probability × value."),
    )


def _silent(session: Session, people: People) -> Table:
    """Where the model tells nobody apart: good customers who have been silent for longer than is usual for them."""
    return Table(
        title=Text(f"沉默最久的 {TOP} 位好客户", f"The {TOP} good customers silent for longest"),
        columns=(
            *people.columns(),
            Column(Text("已沉默", "Silent for"), "days"),
            Column(Text("平时间隔", "Usual gap"), "days"),
            Column(Text("倍数", "Times"), "plain"),
            Column(Text("累计消费", "Spend"), "money_whole"),
            Column(Text("最近购买", "Last purchase"), "date"),
        ),
        rows=[
            (
                *people.cells(row), row["recency_days"], row["gap_days"], round(row["times"], 1), row["spend"],
                row["last_purchase_on"],
            )
            for row in rows(session, _SILENT)
        ],
        sheet=Text("先联系谁", "Call first"),
        note=Text(
            "模型分不出谁更可能流失,所以按“沉默是自己平时间隔的几倍”列出消费高于平均、至少 3 单的客户。",
            "The model tells nobody apart; listed are customers above the mean with three orders or more, by how many times "
            "their usual gap they have been silent.",
        ),
    )  # fmt: skip


def _trial(findings: Findings) -> list[Text]:
    learnt, days = findings.learnt, findings.rhythm.horizon
    assert learnt is not None
    said = [
        Text(
            f"“流失”指 {days} 天内没有购买;级别:关注 ≥ 50%,预警 ≥ 70%,紧急 ≥ 90%。",
            f"Churn means no purchase within {days} days; watch from 50 %, warning from 70 %, critical from 90 %.",
        )
    ]
    if learnt.why is not None:
        said.append(
            learnt.why
            + Text("因此改用同类客户过去的比例。", " So the share of similar customers in the past is used.")
        )
    elif learnt.trial is not None:
        auc, rule = learnt.trial.model.auc, learnt.trial.recency_rule.auc
        said.append(
            Text(
                f"回测(用更早的数据推算 {days} 天):AUC {auc:.2f}(0.5 为乱猜,1 为完全正确),只看最近购买为 {rule:.2f};"
                f"平均推算误差(Brier){learnt.trial.model.brier:.3f}。",
                f"Trial on earlier data over {days} days: AUC {auc:.2f} (0.5 is guessing, 1 is perfect), by recency alone "
                f"{rule:.2f}; Brier score {learnt.trial.model.brier:.3f}.",
            )
        )
        if auc < 0.6:
            said.append(
                Text(
                    "区分度不高:这批客户的购买很不规律,请把名单当作线索,不要当作结论。",
                    "That tells customers apart only weakly: they buy irregularly; take the list as a hint, not as a verdict.",
                )
            )
    return said
