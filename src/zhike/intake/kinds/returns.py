"""Returns: goods brought back and money given back."""

from decimal import Decimal

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds.fields import customer_code, field, has_happened, number
from zhike.intake.kinds.registry import register


def _fields() -> tuple[FieldSpec, ...]:
    return (
        number("returns", "退货单号", "Return number"),
        customer_code(),
        field("returns", "order_number", "text", "订单编号", "Order number"),
        field("returns", "returned_on", "date", "退货日期", "Returned on", required=True),
        field(
            "returns",
            "amount",
            "money",
            "退款金额",
            "Amount",
            required=True,
            minimum=Decimal(0),
            help=Text(zh="写正数。", en="Write it as a positive number."),
        ),
        field("returns", "product_code", "text", "商品编号", "Product code"),
        field("returns", "quantity", "number", "数量", "Quantity"),
        field("returns", "reason", "text", "退货原因", "Reason"),
    )


RETURNS = register(
    Kind(
        key="returns",
        label=Text(zh="退货", en="Returns"),
        hint=Text(
            zh="一行一次退货或退款,金额写正数。", en="One return or refund per row, the amount positive."
        ),
        icon="arrow-back-up",
        order=40,
        fields=_fields,
        rules=(has_happened("returned_on"),),
        numbered_by="number",
        keyed_by=("customer_code", "order_number", "returned_on", "amount", "product_code"),
        known_by=(
            ("number",),
            ("customer_code", "order_number", "returned_on", "product_code"),
            ("customer_code", "order_number", "returned_on"),
            ("customer_code", "returned_on"),
        ),
        records="activity:orders",
        examples=(
            {
                "number": "R-0001",
                "customer_code": "C0001",
                "order_number": "SO-20240305-01",
                "returned_on": "2024-03-08",
                "amount": "12.80",
                "reason": "包装破损",
            },
        ),
    )
)
