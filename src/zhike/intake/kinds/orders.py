"""Orders with their lines: a row that names a product is a line, a row without one is a whole order."""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.text import Text
from zhike.intake.facts import Kind, RowRule, arrow_type
from zhike.intake.kinds import order_fields
from zhike.intake.kinds.fields import has_happened
from zhike.intake.kinds.registry import register


def _finish(table: pa.Table) -> pa.Table:
    """A product known by name only goes by its name; a line is one piece unless it says more; amount from the price."""
    columns = set(table.column_names)
    if "product_name" in columns:
        names = table["product_name"].cast(pa.string())
        code = pc.coalesce(table["product_code"], names) if "product_code" in columns else names
        table = _put(table, "product_code", code)
    if "quantity" in columns and "product_code" in table.column_names:
        one = pa.scalar(Decimal(1), type=arrow_type("number"))
        filled = pc.if_else(
            pc.is_valid(table["product_code"]), pc.coalesce(table["quantity"], one), table["quantity"]
        )
        table = _put(table, "quantity", filled)
    if "unit_price" in columns:
        table = _put(table, "amount", _amount(table))
    return table


def _amount(table: pa.Table) -> pa.ChunkedArray:
    price = table["unit_price"]
    if "quantity" in table.column_names:
        one = pa.scalar(Decimal(1), type=arrow_type("number"))
        price = pc.multiply(price, pc.coalesce(table["quantity"], one))
    price = pc.round(price, ndigits=2, round_mode="half_towards_infinity").cast(arrow_type("money"))
    return pc.coalesce(table["amount"], price) if "amount" in table.column_names else price


def _put(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def _no_amount(table: pa.Table) -> pa.BooleanArray:
    if "amount" not in table.column_names:
        return pa.array([True] * table.num_rows)
    return pc.is_null(table["amount"]).combine_chunks()


def _below_zero(table: pa.Table) -> pa.BooleanArray:
    if not table.num_rows:  # `_no_amount` left none, and perhaps no such column
        return pa.array([], pa.bool_())
    return pc.less(table["amount"], pa.scalar(Decimal(0), arrow_type("money"))).combine_chunks()


ORDERS = register(
    Kind(
        key="orders",
        label=Text(zh="订单", en="Orders"),
        hint=Text(
            zh="一行一个订单,或一行一件商品(同一订单编号的行合成一单)。",
            en="One order per row, or one product per row (rows with the same order number form one order).",
        ),
        icon="shopping-cart",
        order=30,
        fields=order_fields.fields,
        finish=_finish,
        rules=(
            RowRule(
                column="amount",
                broken=_no_amount,
                reason=Text(zh="没有金额。", en="There is no amount."),
                remedy=Text(
                    zh="请填写金额,或数量和单价。", en="Give the amount, or quantity and unit price."
                ),
            ),
            RowRule(
                column="amount",
                broken=_below_zero,
                reason=Text(zh="订单金额是负数。", en="The amount of the order is negative."),
                remedy=Text(
                    zh="退货请作为“退货”另行导入(金额写正数);优惠请填在“优惠金额”列。",
                    en="Import what came back as returns (a positive amount); put what was taken off into “Discount”.",
                ),
            ),
            has_happened("placed_at"),
        ),
        numbered_by="line_number",
        keyed_by=("number", "product_code", "quantity", "amount"),
        known_by=(
            ("number", "line_number"),
            ("number", "product_code"),
            ("number", "product_name"),
            ("number",),
        ),
        records="activity:orders",
        examples=(
            {
                "number": "SO-20240305-01",
                "customer_code": "C0001",
                "placed_at": "2024-03-05 14:30",
                "product_code": "P100",
                "product_name": "有机牛奶 1L",
                "quantity": "2",
                "unit_price": "12.80",
                "amount": "25.60",
                "channel": "门店",
                "store": "静安店",
                "payment": "微信支付",
                "line_number": "1",
            },
        ),
    )
)
