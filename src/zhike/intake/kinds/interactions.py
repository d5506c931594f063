"""Interactions: calls, visits, messages, each with its time and channel."""

from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds.fields import customer_code, field, has_happened, number
from zhike.intake.kinds.registry import register

_DIRECTIONS = (
    Choice(
        "out",
        Text("出", "Out"),
        aliases=("呼出", "我方", "主动", "去电", "外呼", "outbound", "outgoing", "we to the customer"),
    ),
    Choice(
        "in",
        Text("进", "In"),
        aliases=("呼入", "客户", "被动", "来电", "inbound", "incoming", "the customer to us"),
    ),
)


def _fields() -> tuple[FieldSpec, ...]:
    return (
        number("interactions", "互动编号", "Interaction number"),
        customer_code(),
        field("interactions", "at", "datetime", "时间", "At", required=True),
        field("interactions", "channel", "text", "渠道", "Channel"),
        field("interactions", "purpose", "text", "目的", "Purpose"),
        field(
            "interactions",
            "direction",
            "choice",
            "方向",
            "Direction",
            choices=_DIRECTIONS,
            help=Text(
                zh="客户找我们写“进”,我们找客户写“出”。",
                en="“in” when the customer began, “out” when we did.",
            ),
        ),
        field("interactions", "content", "long_text", "内容", "Content", sensitivity=Sensitivity.PERSONAL),
        field("interactions", "by", "email", "员工邮箱", "Staff e-mail"),
    )


INTERACTIONS = register(
    Kind(
        key="interactions",
        label=Text(zh="互动", en="Interactions"),
        hint=Text(zh="一行一次电话、拜访或消息。", en="One call, visit or message per row."),
        icon="messages",
        order=50,
        fields=_fields,
        rules=(has_happened("at"),),
        numbered_by="number",
        keyed_by=("customer_code", "at", "channel", "purpose", "content"),
        known_by=(("number",), ("customer_code", "at")),
        records="activity:interactions",
        examples=(
            {
                "customer_code": "C0001",
                "at": "2024-03-06 10:00",
                "channel": "电话",
                "purpose": "回访",
                "direction": "出",
                "content": "询问新品使用感受",
            },
        ),
    )
)
