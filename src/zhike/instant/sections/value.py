"""What the customers will bring in within twelve months, with intervals, and how well the past was foretold."""

from typing import Any

from zhike.core import figures
from zhike.core.text import Text
from zhike.engine.forecasts import INTERVAL
from zhike.engine.forecasts.learning import Learnt
from zhike.engine.lake import Session
from zhike.instant.computing import Findings, rows
from zhike.instant.report import (
    Bar,
    Bars,
    Block,
    Column,
    Figure,
    Figures,
    Say,
    Section,
    Table,
    money_short,
    share,
)
from zhike.instant.sections.people import People

TITLE = Text("未来 12 个月的价值", "Value in the next 12 months")
TOP = 20
FAR_OFF = 0.25
NOBODY_LEAVES = Text(
    "模型在这批客户里几乎看不到流失,所以沉默很久的客户也可能排在前列;联系前请先看“最近购买”。",
    "The model sees hardly anybody leave here, so customers silent for long may stand on top; look at “Last purchase” "
    "before calling.",
)
_SUMS = """
    SELECT sum(value) AS value, sum(spend_12m)::DECIMAL(18,2) AS spend_12m, sum(purchases) AS purchases,
        (SELECT sum(value) FROM (SELECT value FROM base ORDER BY value DESC LIMIT greatest(1, (SELECT count(*) // 10 FROM base))))
            AS top FROM base
"""
_TOP = f"""
    SELECT customer_id, who, name, value, low, high, purchases, spend_12m, last_purchase_on, orders
    FROM base ORDER BY value DESC, spend DESC, customer_id LIMIT {TOP}
"""


def section(session: Session, findings: Findings, people: People) -> Section:
    """The section on value."""
    if findings.learnt is None:
        assert findings.unforetold is not None
        return Section(key="value", title=TITLE, lead=findings.unforetold, blocks=())
    (sums,) = rows(session, _SUMS)
    blocks: list[Block] = [Figures(cards=_cards(sums, findings)), _top(session, people)]
    if findings.learnt.fit.degenerate:
        blocks.append(Say(lines=[NOBODY_LEAVES], tone="warning"))
    blocks += _quality(findings.learnt)
    return Section(key="value", title=TITLE, lead=_lead(sums), blocks=blocks)


def total(session: Session) -> float:
    """The value of all customers together."""
    return float(rows(session, _SUMS)[0]["value"] or 0)


def trust(learnt: Learnt) -> Text:
    """How far the forecast is to be trusted, in the few words that stand beside it."""
    if learnt.holdout is None:
        return Text("早先的客户或历史太少,未能回测", "too few customers or too short a history for a trial")
    error = learnt.holdout.error
    if error is None:
        return Text("最近 90 天没有购买,未能回测", "no purchase in 90 days, so no trial")
    off, more = _missed_by(error)
    return Text(
        f"回测 90 天:购买次数推算{more.zh} {off}", f"trial of 90 days: {off} {more.en} purchases foretold"
    )


def _missed_by(error: float) -> tuple[str, Text]:
    """How far and in which direction a trial missed."""
    return f"{abs(error):.0%}", Text("多", "more") if error > 0 else Text("少", "fewer")


def _lead(sums: dict[str, Any]) -> Text:
    value, before = sums["value"] or 0, sums["spend_12m"]
    portion = figures.share_whole(share(sums["top"], value))
    return Text(
        f"未来 12 个月预计带来 {money_short(value)}(过去 12 个月 {money_short(before)});价值最高的 10% 客户占 {portion}。",
        f"{money_short(value)} expected in the next 12 months ({money_short(before)} in the last 12); "
        f"the top tenth of the customers holds {portion}.",
    )


def _cards(sums: dict[str, Any], findings: Findings) -> list[Figure]:
    value, loaded = float(sums["value"] or 0), findings.loaded
    found = [
        Figure(
            label=Text("预计销售额", "Expected sales"),
            value=money_short(value),
            hint=str(
                Text(
                    f"过去 12 个月 {money_short(sums['spend_12m'])}",
                    f"last 12 months {money_short(sums['spend_12m'])}",
                )
            ),
        ),
        Figure(label=Text("预计购买次数", "Expected purchases"), value=figures.count(sums["purchases"])),
        Figure(
            label=Text("平均每位客户", "Per customer"),
            value=money_short(value / loaded.customers),
            hint=str(
                Text(
                    f"每位的 {INTERVAL:.0%} 区间见 Excel", f"{INTERVAL:.0%} interval of each in the workbook"
                )
            ),
        ),
    ]
    net = loaded.orders_amount - loaded.returns_amount
    if loaded.profit is not None and net > 0:
        margin = float(loaded.profit / net)
        found.append(
            Figure(
                label=Text("折合利润", "As profit"),
                value=money_short(value * margin),
                hint=str(
                    Text(f"按利润率 {figures.share(margin)}", f"at a margin of {figures.share(margin)}")
                ),
            )
        )
    return found


def _top(session: Session, people: People) -> Table:
    return Table(
        title=Text(f"价值最高的 {TOP} 位", f"The {TOP} of highest value"),
        columns=(
            *people.columns(),
            Column(Text("未来 12 个月", "Next 12 months"), "money_whole"),
            Column(Text("区间下限", "Low"), "money_whole"),
            Column(Text("区间上限", "High"), "money_whole"),
            Column(Text("近 12 个月", "Last 12 months"), "money_whole"),
            Column(Text("订单", "Orders"), "count"),
            Column(Text("最近购买", "Last purchase"), "date"),
        ),
        rows=[
            (
                *people.cells(row),
                row["value"],
                row["low"],
                row["high"],
                row["spend_12m"],
                row["orders"],
                row["last_purchase_on"],
            )
            for row in rows(session, _TOP)
        ],
        sheet=Text("价值前列", "Top value"),
        note=Text(
            f"每位客户的消费有 {INTERVAL:.0%} 的可能落在区间内。",
            f"With a chance of {INTERVAL:.0%} a customer's spend lies within.",
        ),
    )


def _quality(learnt: Learnt) -> list[Block]:
    """How the last three months were foretold from what was known before, or why the model is not used."""
    said = [Text(f"方法:{_method(learnt).zh}。", f"Method: {_method(learnt).en}.")]
    said += [one for one in (learnt.fit.warning, learnt.spend.warning) if one]
    blocks: list[Block] = []
    trial = learnt.holdout
    if trial is None:
        said.append(
            Text(
                "90 天之前的客户太少或订单历史太短,无法回测。",
                "There were too few customers 90 days ago, or the history is too short, for a trial on the past.",
            )
        )
    else:
        said.append(_verdict(trial.error))
        bars = [
            Bar(
                label=f"{one.frequency}{'+' if one.open_ended else ''}",
                value=one.expected, said=figures.plain(one.expected), other=one.actual, other_said=figures.plain(one.actual),
            )
            for one in trial.bins
        ]  # fmt: skip
        blocks.append(
            Bars(
                title=Text(
                    "回测:最近 90 天每位客户的购买次数(按此前复购次数)",
                    "Trial: purchases per customer in the last 90 days, by repeat purchases before",
                ),
                bars=bars, unit="plain", names=(Text("模型推算", "Foretold"), Text("实际", "Actual")),
            )
        )  # fmt: skip
    blocks.append(Say(lines=said, tone="note"))
    return blocks


def _method(learnt: Learnt) -> Text:
    return learnt.counted.label if learnt.counted is not None else learnt.fit.label


def _verdict(error: float | None) -> Text:
    if error is None:
        return Text(
            "最近 90 天没有购买,无法比较。", "Nothing was bought in the last 90 days to compare with."
        )
    off, more = _missed_by(error)
    said = Text(
        f"回测:站在 90 天前推算,总购买次数比实际{more.zh} {off}。",
        f"Trial: told 90 days ago, the model foretold {off} {more.en} purchases than there were.",
    )
    if abs(error) <= FAR_OFF:
        return said
    return said + Text(
        "相差较大,常见原因是季节性强或增长快:请把总额当作量级,排序仍可参考。",
        " That is far off, often because of seasons or growth: take the total as an order of magnitude; the ranking still helps.",
    )
