"""Behaviour events: visits, page views, sign-ins, coupons redeemed."""

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds.fields import customer_code, field, has_happened, number
from zhike.intake.kinds.registry import register


def _fields() -> tuple[FieldSpec, ...]:
    return (
        number("events", "事件编号", "Event number"),
        customer_code(),
        field("events", "at", "datetime", "时间", "At", required=True),
        field("events", "kind", "text", "事件", "Kind", required=True),
        field("events", "detail", "text", "详情", "Detail"),
    )


EVENTS = register(
    Kind(
        key="events",
        label=Text(zh="行为事件", en="Events"),
        hint=Text(zh="一行一次到店、访问、浏览或领券。", en="One visit, page view or coupon per row."),
        icon="activity",
        order=70,
        fields=_fields,
        rules=(has_happened("at"),),
        numbered_by="number",
        keyed_by=("customer_code", "at", "kind", "detail"),
        known_by=(("number",), ("customer_code", "at", "kind")),
        records="activity:orders",
        examples=({"customer_code": "C0001", "at": "2024-03-05 13:55", "kind": "到店", "detail": "静安店"},),
    )
)
