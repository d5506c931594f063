"""Feedback: ratings and words of customers."""

from decimal import Decimal

from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds.fields import customer_code, field, has_happened, number
from zhike.intake.kinds.registry import register


def _fields() -> tuple[FieldSpec, ...]:
    return (
        number("feedback", "评价编号", "Feedback number"),
        customer_code(),
        field("feedback", "at", "datetime", "时间", "At", required=True),
        field("feedback", "rating", "number", "评分", "Rating", minimum=Decimal(0), maximum=Decimal(10)),
        field("feedback", "content", "long_text", "内容", "Content", sensitivity=Sensitivity.PERSONAL),
        field("feedback", "channel", "text", "渠道", "Channel"),
    )


FEEDBACK = register(
    Kind(
        key="feedback",
        label=Text(zh="评价", en="Feedback"),
        hint=Text(zh="一行一条评价或问卷答案。", en="One rating or answer per row."),
        icon="star",
        order=60,
        fields=_fields,
        rules=(has_happened("at"),),
        numbered_by="number",
        keyed_by=("customer_code", "at", "rating", "content"),
        known_by=(("number",), ("customer_code", "at")),
        records="activity:feedback",
        examples=(
            {
                "customer_code": "C0001",
                "at": "2024-03-07",
                "rating": "5",
                "content": "送货很快",
                "channel": "小程序",
            },
        ),
    )
)
