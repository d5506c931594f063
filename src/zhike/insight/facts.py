"""What the insight stage hands to others: receipts, scores, and what each RFM class means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.forecasts import INTERVAL as INTERVAL
from zhike.engine.forecasts import SINCE_PURCHASE as SINCE_PURCHASE
from zhike.engine.metrics import Group
from zhike.engine.rfm import v1

GROUPS = {
    Group.PURCHASE: Text("购买", "Purchases"),
    Group.VALUE: Text("价值", "Value"),
    Group.ENGAGEMENT: Text("往来与行为", "Contacts and behaviour"),
    Group.GROWTH: Text("走势", "Over time"),
}


class InsightRefusal(Refusal):
    """An analysis was asked for that cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightReceipt:
    """What a refresh found and wrote: customers = sum of counts; written + unchanged = customers."""

    as_of: date
    run: UUID
    customers: int
    counts: Mapping[str, int]
    written: int
    removed: int
    seconds: float

    @property
    def unchanged(self) -> int:
        """Customers whose score was already right."""
        return self.customers - self.written


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastReceipt:
    """What a forecast told of and wrote: customers who have bought, rows that became different, rows of customers gone."""

    as_of: date
    customers: int
    written: int
    removed: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendReceipt:
    """What was recommended: customers with a recommendation, rows that became different, rows of customers gone."""

    as_of: date
    customers: int
    written: int
    removed: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmClass:
    """One of the eight classes: its name, its colour on charts, what it means and what to do."""

    key: str
    label: Text
    color: str
    meaning: Text
    advice: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard:
    """The score of one customer, valid as of the latest run."""

    as_of: date
    spend: Decimal
    orders: int
    last_purchase_on: date | None
    r: int
    f: int
    m: int
    rfm_class: str
    metrics: Mapping[str, object]

    @property
    def rfm(self) -> RfmClass:
        """The class with its words."""
        return RFM_CLASSES[self.rfm_class]


def _class(key: str, color: str, meaning: Text, advice: Text) -> RfmClass:
    return RfmClass(key=key, label=v1.CLASSES[key], color=color, meaning=meaning, advice=advice)


# The four important classes have the colours of tiers; beside each stands its ordinary sister, pale: the same habit, little money.
_LISTED = (
    _class(
        "champions",
        "#7a4fb5",
        Text("最近买过、买得勤、花得多", "Bought lately, often and much"),
        Text("专人维护,优先服务,请他们推荐新客", "Look after in person, serve first, ask for referrals"),
    ),
    _class(
        "rising",
        "#2f6fd6",
        Text("最近买过、花得多,但次数少", "Bought lately and much, but seldom"),
        Text("介绍相关产品,促成下一单", "Show what goes with it and win the next order"),
    ),
    _class(
        "slipping",
        "#0f6e64",
        Text("买得勤、花得多,但近来没有购买", "Bought often and much, but not lately"),
        Text("主动联系,问清原因,给出回来的理由", "Call, ask why, give a reason to return"),
    ),
    _class(
        "cannot_lose",
        "#c4472f",
        Text("花得多,但次数少且久未购买", "Bought much, but seldom and long ago"),
        Text("由负责人亲自挽回", "Win back in person"),
    ),
    _class(
        "regulars",
        "#dccfee",
        Text("最近买过、买得勤,但金额不高", "Bought lately and often, but little"),
        Text("提升客单价:组合、升级、会员权益", "Raise the order value: bundles, upgrades, benefits"),
    ),
    _class(
        "newcomers",
        "#cadbf6",
        Text("最近买过,但次数少、金额不高", "Bought lately, but seldom and little"),
        Text("做好首购体验,引导第二次购买", "Make the first purchase good and invite a second"),
    ),
    _class(
        "fading",
        "#c3dcd8",
        Text("以前买得勤,近来没有购买,金额不高", "Bought often before, not lately, and little"),
        Text("用低成本方式提醒", "Remind them at low cost"),
    ),
    _class(
        "dormant",
        "#dde2e7",
        Text("久未购买,次数少、金额不高;含从未购买", "Seldom, little, long ago; or never bought"),
        Text("群发触达,不投入人工", "Reach by bulk message, spend no staff time"),
    ),
)
RFM_CLASSES: Mapping[str, RfmClass] = {one.key: one for one in _LISTED}
