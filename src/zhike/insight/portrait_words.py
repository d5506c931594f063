"""A portrait in sentences."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zhike.core import figures
from zhike.core.text import Text, inside, speaking
from zhike.engine.metrics import metric
from zhike.insight.queries.portraits import Leaning, Middle, Portrait

FAR = 0.65  # from which position on a middle is worth a sentence, or below one minus it
SENTENCES = 5


def of_group(found: Portrait) -> list[Text]:
    """Who they are, where they lean, what is larger or smaller."""
    told = [_size(found)]
    told += [_leaning(one) for one in found.leanings[:SENTENCES]]
    far = [one for one in found.middles if one.position is not None and not 1 - FAR < one.position < FAR]
    farthest = sorted(far, key=lambda one: -abs((one.position or 0.5) - 0.5))
    return told + [_middle(one) for one in farthest[:SENTENCES]]


def value(key: str, given: object) -> str:
    """A value of a metric as pages write it."""
    if given is None:
        return figures.NOTHING
    unit = metric(key).unit
    if unit == "money":
        return figures.money(given)
    if unit == "share":
        return figures.share(given)
    return figures.days(given) if unit == "days" else figures.plain(given)


def both(make: Any) -> Text:
    """Say the same in both languages; `make` takes the language."""
    said = {}
    for lang in ("zh", "en"):
        with speaking(lang):
            said[lang] = make(lang)
    return Text(said["zh"], said["en"])


def part(of: Decimal | int, whole: Decimal | int) -> Decimal:
    """The share of a whole, 0 of nothing."""
    return Decimal(of) / whole if whole else Decimal(0)


def _size(found: Portrait) -> Text:
    people, share = figures.count(found.customers), figures.share(part(found.customers, found.everybody))
    spend = figures.share(part(found.spend, found.all_spend))
    return Text(
        f"共 {people} 位客户,占全部客户的 {share},贡献了 {spend} 的消费额。",
        f"{people} customers, {share} of all; they brought {spend} of all spend.",
    )


def _leaning(one: Leaning) -> Text:
    share, lift = figures.share_whole(one.seen.share), figures.plain(one.seen.lift, 1)
    trait = one.named.trait()
    if one.named.kind in MARKS:
        trait = MARKS[one.named.kind](one.named.said)
    return Text(
        f"其中 {share} {trait.zh},为全体的 {lift} 倍。",
        f"{share} of them {trait.en}, {lift} times the share among all.",
    )


MARKS = {
    "tier": lambda said: Text(f"属于「{said.zh}」层级", f"are of tier “{said.en}”"),
    "rfm": lambda said: Text(f"属于 RFM「{said.zh}」类", f"are of RFM class “{said.en}”"),
    "risk": lambda said: Text(f"流失风险级别为「{said.zh}」", f"have churn risk level “{said.en}”"),
}


def _middle(one: Middle) -> Text:
    label = metric(one.metric).label
    return both(
        lambda lang: (
            f"{label.zh}的中位数为 {value(one.metric, one.here)},全体为 {value(one.metric, one.overall)}。"
            if lang == "zh"
            else f"Median of {inside(label.en)}: {value(one.metric, one.here)}, "
            f"of all customers {value(one.metric, one.overall)}."
        )
    )
