"""The columns of a file of orders; needs no settings, so that a file can be understood before anything is set up."""

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.kinds.declaring import customer_code, field


def fields() -> tuple[FieldSpec, ...]:
    """The columns of orders, or of their lines."""
    return (
        field("orders", "number", "text", "订单编号", "Order number", required=True),
        customer_code(),
        field("orders", "placed_at", "datetime", "下单时间", "Placed at", required=True),
        field("orders", "product_code", "text", "商品编号", "Product code"),
        field("orders", "product_name", "text", "商品名称", "Product name"),
        field("orders", "category", "text", "商品类别", "Category"),
        field("orders", "quantity", "number", "数量", "Quantity"),
        field("orders", "unit_price", "money", "单价", "Unit price"),
        field("orders", "amount", "money", "金额", "Amount"),
        field(
            "orders",
            "discount",
            "money",
            "优惠金额",
            "Discount",
            help=Text(zh="金额,不是折扣率。", en="An amount, not a rate."),
        ),
        field("orders", "channel", "text", "渠道", "Channel"),
        field("orders", "store", "text", "门店", "Store"),
        field("orders", "payment", "text", "支付方式", "Payment"),
        field("orders", "line_number", "text", "行号", "Line number"),
    )
