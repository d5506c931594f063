"""Rules as people write them, with their sentences, and rules that are refused, with the place and the reason."""

from typing import Any

from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.rules import Labels, Rule, parse
from zhike.core.text import Text


class Metric:
    """What a rule needs to know of a metric."""

    def __init__(self, zh: str, en: str, unit: str) -> None:
        self.label, self.unit = Text(zh, en), unit


METRICS = {
    "spend": Metric("累计消费", "Spend", "money"),
    "spend_12m": Metric("近 12 个月消费", "Spend in 12 months", "money"),
    "orders": Metric("订单数", "Orders", "count"),
    "recency_days": Metric("距上次购买", "Since last purchase", "days"),
    "referral_rate": Metric("推荐率", "Referral rate", "share"),
    "last_purchase_on": Metric("最近购买", "Last purchase", "date"),
}


def field(key: str, kind: str, zh: str, choices: tuple[Choice, ...] = ()) -> FieldSpec:
    return FieldSpec(
        key=key, type=kind, label=Text(zh, key.title()), sensitivity=Sensitivity.INTERNAL, choices=choices
    )


GENDERS = (Choice("f", Text("女", "Female")), Choice("m", Text("男", "Male")))
FIELDS = {
    one.key: one
    for one in (
        field("region", "region", "地区"),
        field("gender", "choice", "性别", GENDERS),
        field("interests", "multi_choice", "爱好", GENDERS),
        field("kids", "integer", "孩子"),
        field("since", "date", "建档"),
        field("vip", "boolean", "贵宾"),
        field("note", "text", "备注"),
        field("phone", "phone", "手机"),
        field("birth_date", "date", "出生日期"),
        field("industry", "industry", "行业"),
    )
}
LABELS = Labels(
    metrics=METRICS,
    fields=FIELDS,
    tiers={"core": Text("核心客户", "Core")},
    tags={"new": Text("新客", "New")},
    segments={"s1": Text("沉睡会员", "Sleeping members")},
    classes={"rfm": {"champions": Text("重要价值", "Champions")}},
)


def read(raw: Any) -> Rule:
    return parse(raw, fields=FIELDS, metrics=METRICS)


SAID = [
    (
        {
            "all": [
                {"metric": "spend_12m", "op": ">=", "value": 1.5, "relative": "mean"},
                {"field": "region", "op": "within", "value": "江苏"},
            ]
        },
        "近 12 个月消费 ≥ 平均的 1.5 倍 且 地区 属于 江苏",
        "Spend in 12 months ≥ 1.5 × the mean and Region lies in Jiangsu",
    ),
    ({"metric": "spend", "op": ">=", "value": 500000}, "累计消费 ≥ ¥ 50 万", "Spend ≥ ¥ 500K"),
    ({"metric": "referral_rate", "op": ">=", "value": 0.9}, "推荐率 ≥ 90%", "Referral rate ≥ 90%"),
    (
        {"metric": "recency_days", "op": "<", "value": 30},
        "距上次购买 < 30 天",
        "Since last purchase < 30 days",
    ),
    (
        {"metric": "spend", "op": ">", "value": 90, "relative": "percentile"},
        "累计消费 > 第 90 百分位",
        "Spend > percentile 90",
    ),
    (
        {"metric": "last_purchase_on", "op": ">=", "value": "2024-03-05"},
        "最近购买 ≥ 2024-03-05",
        "Last purchase ≥ 2024-03-05",
    ),
    ({"metric": "referral_rate", "op": "empty"}, "推荐率 为空", "Referral rate is empty"),
    (
        {"field": "gender", "op": "in", "value": ["女", "Male"]},
        "性别 是 女、男",
        "Gender is one of Female, Male",
    ),
    ({"field": "interests", "op": "contains", "value": "f"}, "爱好 包含 女", "Interests contains Female"),
    ({"field": "vip", "op": "=", "value": "是"}, "贵宾 = 是", "Vip = Yes"),
    ({"not": {"field": "kids", "op": "<", "value": 2}}, "非(孩子 < 2)", "not (Kids < 2)"),
    (
        {"any": [{"tier": "core"}, {"all": [{"tag": "new"}, {"metric": "orders", "op": "=", "value": 1}]}]},
        "现为 核心客户 或 (有标签 新客 且 订单数 = 1)",
        "now in Core or (has tag New and Orders = 1)",
    ),
    (
        {"did": "orders", "op": ">=", "times": 3, "within": {"days": 90}, "where": {"category": "乳品"}},
        "近 90 天内下单 ≥ 3 次(品类为 乳品)",
        "placed ≥ 3 orders in the last 90 days (category is 乳品)",
    ),
    (
        {"did": "orders", "within": {"months": 12}},
        "近 12 个月内下过单",
        "placed an order in the last 12 months",
    ),
    (
        {"did": "orders", "op": "<", "times": 1, "within": {"days": 1}},
        "近 1 天内没有下单",
        "placed no order in the last 1 day",
    ),
    ({"not": {"did": "returns"}}, "没有退货", "returned nothing"),
    (
        {
            "did": "orders",
            "op": ">=",
            "total": "amount",
            "value": 1000,
            "within": {"from": "2024-01-01", "to": "2024-03-31"},
        },
        "2024-01-01 至 2024-03-31 下单的金额合计 ≥ ¥ 1,000",
        "Orders: total amount ≥ ¥ 1,000 from 2024-01-01 to 2024-03-31",
    ),
    (
        {
            "did": "interactions",
            "op": ">",
            "times": 2,
            "within": {"days": 180, "before_days": 30},
            "where": {
                "channel": ["电话", "微信"],
                "direction": "in",
                "purpose": {"op": "not in", "value": ["回访"]},
            },
        },
        "180 天前至 30 天前互动 > 2 次(渠道为 电话 或 微信,方向为 客户联系我们,目的不为 回访)",
        "had > 2 interactions between 180 days and 30 days ago "
        "(channel is 电话 or 微信, direction is the customer to us, purpose is not 回访)",
    ),
    (
        {
            "did": "feedback",
            "within": {"before": {"days": 7}},
            "where": {"rating": {"op": "<=", "value": 2.5}},
        },
        "7 天以前给过反馈(评分 ≤ 2.5)",
        "gave feedback more than 7 days ago (rating ≤ 2.5)",
    ),
    ({"field": "since", "op": "within_next", "days": 30}, "建档 在未来 30 天内", "Since in the next 30 days"),
    (
        {"field": "since", "op": "older_than", "months": 6},
        "建档 在 6 个月以前",
        "Since more than 6 months ago",
    ),
    (
        {"metric": "last_purchase_on", "op": "within_last", "days": 30},
        "最近购买 在近 30 天内",
        "Last purchase in the last 30 days",
    ),
    (
        {"field": "birth_date", "op": "birthday", "days": 7},
        "未来 7 天内过生日(出生日期)",
        "birthday in the next 7 days (Birth_Date)",
    ),
    (
        {"field": "birth_date", "op": "birthday", "days": 7, "calendar": "lunar"},
        "未来 7 天内过农历生日(出生日期)",
        "lunar birthday in the next 7 days (Birth_Date)",
    ),
    (
        {"metric": "spend", "op": ">=", "value": 1.5, "relative": "mean", "by": "industry"},
        "累计消费 ≥ 同行业平均的 1.5 倍",
        "Spend ≥ 1.5 × the mean of the same Industry",
    ),
    (
        {"metric": "spend", "op": "<", "value": 1, "relative": "mean", "by": "tier"},
        "累计消费 < 同层级平均的 1 倍",
        "Spend < 1 × the mean of the same tier",
    ),
    (
        {"all": [{"segment": "s1"}, {"not": {"segment": "s1"}}, {"not": {"tier": "core"}}]},
        "在分群 沉睡会员 中 且 不在分群 沉睡会员 中 且 现不为 核心客户",
        "in segment Sleeping members and not in segment Sleeping members and now not in Core",
    ),
    (
        {"all": [{"class": "rfm", "is": "champions"}, {"not": {"class": "channel", "is": "天猫"}}]},
        "RFM 类别为 重要价值 且 常用渠道不为 天猫",
        "RFM class is Champions and usual channel is not 天猫",
    ),
]


REFUSED = [
    ([], "", "条件"),
    ("not json", "", "JSON"),
    ({"all": []}, "all", "一组条件"),
    ({"all": [{"metric": "spend", "op": ">=", "value": 1}], "any": []}, "any", "不能有"),
    ({"metric": "mood", "op": ">=", "value": 1}, "metric", "没有名为"),
    ({"metric": "spend", "op": "~", "value": 1}, "op", "不能用"),
    ({"metric": "spend", "op": ">=", "value": "much"}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": float("inf")}, "value", "太大"),
    ({"metric": "spend", "op": ">=", "value": float("nan")}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": 10**15}, "value", "太大"),
    ({"metric": "spend", "op": ">=", "value": "-1e30"}, "value", "太大"),
    ({"metric": "spend", "op": ">=", "value": "9" * 39}, "value", "太大"),
    ({"metric": "spend", "op": ">=", "value": "1.1234567"}, "value", "小数太长"),
    ({"metric": "spend", "op": ">=", "value": True}, "value", "不是数字"),
    ({"metric": "spend", "op": ">=", "value": 101, "relative": "percentile"}, "value", "百分位"),
    ({"metric": "spend", "op": ">=", "value": 1, "relative": "median"}, "relative", "median"),
    ({"metric": "last_purchase_on", "op": ">=", "value": 30}, "value", "日期"),
    ({"metric": "spend", "op": "empty", "value": 1}, "value", "不需要"),
    ({"field": "phone", "op": "filled"}, "field", "不能用于规则"),
    ({"field": "gender", "op": ">", "value": "f"}, "op", "不能用"),
    ({"field": "gender", "op": "in", "value": ["f", "x"]}, "value[1]", "没有“x”"),
    ({"field": "gender", "op": "in", "value": "f"}, "value", "个值"),
    ({"field": "kids", "op": ">=", "value": "two"}, "value", "不是数字"),
    ({"all": [{"metric": "spend", "op": ">=", "value": 1}, {"any": [{"mood": 1}]}]}, "all[1].any[0]", "mood"),
    ({"did": "magic"}, "did", "没有名为"),
    ({"did": "orders", "times": -1}, "times", "不在 0"),
    ({"did": "orders", "times": 1.5}, "times", "不在 0"),
    ({"did": "orders", "value": 5}, "value", "请写 times"),
    ({"did": "orders", "op": "contains", "times": 1}, "op", "不能用"),
    ({"did": "orders", "total": "channel", "value": 5}, "total", "没有名为"),
    ({"did": "orders", "within": {}}, "within", "一段时间"),
    ({"did": "orders", "within": {"days": 90, "months": 3}}, "within", "写一个"),
    ({"did": "orders", "within": {"days": 0}}, "within.days", "不在 1"),
    ({"did": "orders", "within": {"days": 99999}}, "within.days", "3,660"),
    ({"did": "orders", "within": {"from": "2024-02-01", "to": "2024-01-01"}}, "within.to", "早于"),
    ({"did": "orders", "within": {"before": 7}}, "within.before", "一段时间"),
    ({"did": "orders", "where": {"colour": "red"}}, "where.colour", "没有名为"),
    ({"did": "orders", "where": {"channel": []}}, "where.channel", "不能用来比较"),
    ({"did": "orders", "where": {"channel": {"op": ">", "value": "a"}}}, "where.channel.op", "不能用"),
    ({"did": "orders", "where": {"amount": "much"}}, "where.amount.value", "不是数字"),
    ({"did": "orders", "where": "channel"}, "where", "条件列"),
    ({"field": "region", "op": "within_last", "days": 3}, "op", "不能用"),
    ({"field": "since", "op": "within_last"}, "", "days 或 months"),
    ({"field": "since", "op": ">=", "days": 3}, "days", "不能有"),
    ({"field": "birth_date", "op": "birthday", "days": 400}, "days", "366"),
    ({"field": "birth_date", "op": "birthday", "months": 1}, "months", "不能有"),
    ({"field": "birth_date", "op": "birthday", "days": 7, "calendar": "mayan"}, "calendar", "历法"),
    ({"metric": "spend", "op": "within_last", "days": 3}, "op", "不能用"),
    ({"metric": "spend", "op": ">=", "value": 10**7, "relative": "mean"}, "value", "倍数"),
    ({"metric": "spend", "op": ">=", "value": 1, "by": "industry"}, "by", "与平均比较"),
    ({"metric": "spend", "op": ">=", "value": 1, "relative": "mean", "by": "kids"}, "by", "没有名为"),
]
