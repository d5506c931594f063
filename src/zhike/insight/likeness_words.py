"""The portrait of one customer in sentences: rhythm, habits, value, risk, and what sets them apart from their tier."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zhike.core import figures
from zhike.core.rules.classes import CATEGORY, CHANNEL, STORE
from zhike.core.text import Text
from zhike.engine.metrics import metric
from zhike.insight.portrait_words import both, value
from zhike.insight.queries.likeness import FEW, Likeness, Place

FAR = 0.75
APART = 3
USUAL = Decimal("0.4")  # of the orders, from which on a day or a time is usual
ENOUGH = 5  # orders
WEEKDAYS = (
    Text("周一", "Monday"), Text("周二", "Tuesday"), Text("周三", "Wednesday"), Text("周四", "Thursday"),
    Text("周五", "Friday"), Text("周六", "Saturday"), Text("周日", "Sunday"),
)  # fmt: skip
PARTS = (
    Text("上午", "in the morning"), Text("中午", "at noon"), Text("下午", "in the afternoon"),
    Text("晚上", "in the evening"), Text("夜间", "at night"),
)  # fmt: skip
HABITS = {
    CHANNEL: (Text("最常通过「{key}」购买({share})", "buys mostly through “{key}” ({share})")),
    STORE: (Text("最常去「{key}」({share})", "goes mostly to “{key}” ({share})")),
    CATEGORY: (Text("在「{key}」上花得最多({share})", "spends most on “{key}” ({share})")),
}


def of_customer(found: Likeness) -> list[Text]:
    """Every sentence there is something to say for."""
    if not found.score.orders:
        return [Text("还没有购买过。", "Has not bought yet.")]
    told = [_rhythm(found), _value(found), *_ways(found), *_when(found)]
    return [*told, *_risk(found), *_apart(found)]


def _rhythm(found: Likeness) -> Text:
    figures_of = found.score.metrics
    first, gap, silent = (figures_of.get(key) for key in ("first_purchase_on", "gap_days", "recency_days"))

    def say(lang: str) -> str:
        begun, number = figures.day(first), figures.count(found.score.orders)
        days, last = figures.plain(gap, 0), figures.days(silent)
        if lang == "zh":
            usual = f",平均每 {days} 天一单" if gap else ""
            return f"{begun} 首次购买,至今 {number} 单{usual};距上次购买 {last}。"
        usual = f", one every {days} days" if gap else ""
        return f"First bought on {begun}, {number} orders since{usual}; last purchase {last} ago."

    return both(say)


def _value(found: Likeness) -> Text:
    score, told = found.score, found.forecast
    average = score.metrics.get("average_order")

    def say(lang: str) -> str:
        spent, mean = figures.money(score.spend), figures.money(average)
        said = (
            f"累计消费 {spent},客单价 {mean}" if lang == "zh" else f"Spent {spent} in all, {mean} per order"
        )
        if told is None:
            return said + ("。" if lang == "zh" else ".")
        worth, low, high = (figures.money_whole(one) for one in (told.value, told.low, told.high))
        if lang == "zh":
            return f"{said};未来 12 个月预计 {worth}({low}–{high})。"
        return f"{said}; expected in the next 12 months: {worth} ({low}–{high})."

    return both(say)


def _ways(found: Likeness) -> Iterator[Text]:
    said = []
    for kind, words in HABITS.items():
        first = next(iter(found.habits.get(kind, ())), None)
        if first:
            share = figures.share_whole(first.share)
            said.append(
                Text(words.zh.format(key=first.key, share=share), words.en.format(key=first.key, share=share))
            )
    if said:
        yield Text(",".join(one.zh for one in said) + "。", _sentence(", ".join(one.en for one in said)))


def _when(found: Likeness) -> Iterator[Text]:
    number = sum(found.weekdays)
    if number < ENOUGH:
        return
    weekend = Decimal(sum(found.weekdays[5:])) / number
    day = max(range(7), key=lambda place: found.weekdays[place])
    said: list[Text] = []
    if Decimal(found.weekdays[day]) / number >= USUAL:
        said.append(Text(f"多在{WEEKDAYS[day].zh}购买", f"buys mostly on {WEEKDAYS[day].en}s"))
    elif weekend >= Decimal("0.5"):
        said.append(Text("多在周末购买", "buys mostly at weekends"))
    part = max(range(len(PARTS)), key=lambda place: found.parts[place])
    if found.timed and Decimal(found.parts[part]) / number >= Decimal("0.5"):
        said.append(Text(f"多在{PARTS[part].zh}下单", f"orders mostly {PARTS[part].en}"))
    if said:
        yield Text(",".join(one.zh for one in said) + "。", _sentence(", ".join(one.en for one in said)))


def _risk(found: Likeness) -> Iterator[Text]:
    told = found.forecast
    if told is None:
        return
    share = figures.share_whole(told.churn)
    why = told.reasons[0] if told.reasons else None
    yield Text(
        f"{told.horizon} 天内没有购买的概率为 {share}" + (f":{why.zh}。" if why else "。"),
        f"The probability of no purchase within {told.horizon} days is {share}"
        + (f": {why.en}." if why else "."),
    )


def _apart(found: Likeness) -> Iterator[Text]:
    """The metrics in which the customer stands farthest from the middle of the tier."""
    known = [one for one in found.places if one.position is not None and not 1 - FAR < one.position < FAR]
    for one in sorted(known, key=lambda one: -abs((one.position or 0.5) - 0.5))[:APART]:
        yield _place(one, found)


def _place(one: Place, found: Likeness) -> Text:
    label, position = metric(one.metric).label, one.position or 0.0
    high = position > 0.5
    share = figures.share_whole(position if high else 1 - position)
    whom = (
        Text(f"「{found.tier.label.zh}」层级", f"of tier “{found.tier.label.en}”")
        if found.tier
        else Text("全体", "of all customers")
    )
    return both(
        lambda lang: (
            f"{label.zh} {value(one.metric, one.own)},{'高于' if high else '低于'}{whom.zh}中 {share} 的客户"
            f"(中位数 {value(one.metric, one.median)})。"
            if lang == "zh"
            else f"{label.en} {value(one.metric, one.own)}: {'above' if high else 'below'} {share} {whom.en} "
            f"(median {value(one.metric, one.median)})."
        )
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def few_peers(found: Likeness) -> bool:
    """Whether there are too few others to compare with."""
    return found.peers < FEW
