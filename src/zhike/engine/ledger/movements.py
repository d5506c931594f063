"""The movements of a balance sheet, defined in words; each customer is in exactly one, tried in this order.

Asleep on a day: the last order is longer ago than the horizon of churn, or the forecast of that day warns that churn is
critical (no purchase within the horizon with at least the probability the blueprint sets, 0.9 as shipped). Both are about
orders up to that day only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from zhike.core.text import Text


class Movement(StrEnum):
    """What became of a customer between two days."""

    IDLE = "idle"
    NEW = "new"
    CHURNED = "churned"
    RETURNED = "returned"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    GROWN = "grown"
    SHRUNK = "shrunk"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Told:
    """A movement in words: its name, and when a customer is in it."""

    label: Text
    meaning: Text


MOVEMENTS: Mapping[Movement, Told] = MappingProxyType(
    {
        Movement.NEW: Told(
            Text("新增", "New"),
            Text(
                "首次购买在期内:期初(含当日)之前没有订单,期末之前有。",
                "First bought in the period: no order up to the opening day, one by the closing day.",
            ),
        ),
        Movement.RETURNED: Told(
            Text("唤回", "Returned"),
            Text(
                "期初已沉睡,期末不再沉睡:期内又有购买,风险也不再紧急。",
                "Asleep on the opening day and no longer on the closing day: bought again, and churn is not critical.",
            ),
        ),
        Movement.UPGRADED: Told(
            Text("升级", "Upgraded"),
            Text(
                "期末层级高于期初。升级客户的价值也可能减少,金额按实际增减计。",
                "In a higher tier on the closing day. Their value may have fallen all the same; amounts are as they are.",
            ),
        ),
        Movement.GROWN: Told(
            Text("消费增长", "Grown"),
            Text(
                "层级未变(或未分层),未来 12 个月价值增加。",
                "Same tier (or none), and the value of the next 12 months rose.",
            ),
        ),
        Movement.STEADY: Told(
            Text("持平", "Steady"), Text("层级与价值都没有变化。", "Neither tier nor value changed.")
        ),
        Movement.SHRUNK: Told(
            Text("消费减少", "Shrunk"),
            Text(
                "层级未变(或未分层),未来 12 个月价值减少。",
                "Same tier (or none), and the value of the next 12 months fell.",
            ),
        ),
        Movement.DOWNGRADED: Told(
            Text("降级", "Downgraded"),
            Text("期末层级低于期初。", "In a lower tier on the closing day."),
        ),
        Movement.CHURNED: Told(
            Text("流失", "Churned"),
            Text(
                "期初未沉睡,期末已沉睡:未购天数超过流失预测期,或流失风险级别为“紧急”。",
                "Not asleep on the opening day and asleep on the closing day: silent for longer than the horizon of churn, "
                "or a churn risk of critical.",
            ),
        ),
        Movement.IDLE: Told(
            Text("从未购买", "Never bought"),
            Text("期末之前没有订单,价值为零。", "No order by the closing day; worth nothing yet."),
        ),
    }
)
# In the order in which a statement lists them; Movement has the order in which they are tried.
