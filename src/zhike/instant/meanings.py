"""What a column of a file of orders may mean: the fields of orders, and what else an export usually holds beside them."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds import order_fields
from zhike.intake.reading.headings import bare, plain

NEEDED = ("customer_code", "placed_at", "amount")


def _more(
    key: str, kind: str, label: Text, *aliases: str, about: Sensitivity = Sensitivity.INTERNAL
) -> FieldSpec:
    return FieldSpec(key=key, type=kind, label=label, sensitivity=about, aliases=aliases)


_PERSONAL = Sensitivity.PERSONAL
_MORE = (
    _more("profit", "money", Text("利润", "Profit"), "毛利", "毛利额", "利润额", "gross profit", "margin amount"),
    _more("cost", "money", Text("成本", "Cost"), "成本额", "成本金额", "total cost", "cogs"),
    _more(
        "customer_name", "text", Text("客户姓名", "Customer name"), "客户名称", "会员姓名", "姓名", "客户名", "收货人",
        "收件人", "name", "full name", "member name", "buyer name", about=_PERSONAL,
    ),
    _more(
        "phone", "text", Text("手机号", "Phone"), "手机", "手机号码", "联系电话", "电话", "联系手机", "会员手机",
        "收货人手机号", "mobile", "phone number", "tel", "telephone", about=_PERSONAL,
    ),
    _more("email", "text", Text("邮箱", "E-mail"), "电子邮箱", "email", "mail", "email address", about=_PERSONAL),
)  # fmt: skip

# Further names that a file of orders alone may use: in the product they would be ambiguous.
_ALSO: dict[str, tuple[str, ...]] = {
    "customer_code": (
        "客户编号", "会员", "用户", "顾客", "顾客编号", "买家", "账号", "cust", "customer code", "client", "user", "userid",
        "member", "uid", "account", "account no", "household", "household key", "shopper id", "买家会员名", "买家昵称", "旺旺",
        "会员卡", "顾客号",
    ),
    "placed_at": (
        "下单", "订单创建日期", "支付日期", "付款日期", "交易日", "日期时间", "day", "datetime", "order datetime", "ordered at",
    ),
    "amount": (
        "实收", "实收金额", "花费", "花销", "支出", "消费额", "流水金额", "实际金额", "支付金额", "付款金额",
        "交易金额", "消费", "金额元", "gmv", "value", "dollar value",
        "dollars", "spend", "amount paid", "order total", "order value", "order amount", "net amount", "net sales",
        "sales amount", "total price", "price paid", "paid",
    ),
    "quantity": ("number of cds", "number of items", "items", "num items", "item count", "order quantity", "件", "个数"),
    "number": ("订单号码", "订单流水", "交易流水号", "小票", "order number", "orderid", "basket", "receipt", "bill no"),
    "product_name": ("商品名", "产品名", "菜品", "服务项目", "项目"),
    "category": ("大类", "品类名称", "一级类目", "类目"),
    "store": ("门店", "分店", "专柜", "location"),
}  # fmt: skip

# What --map takes beside the keys.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "customer": "customer_code", "客户": "customer_code", "客户编号": "customer_code", "会员": "customer_code",
        "date": "placed_at", "日期": "placed_at", "时间": "placed_at", "下单时间": "placed_at", "下单日期": "placed_at",
        "金额": "amount", "sales": "amount", "order": "number", "订单": "number", "订单号": "number", "订单编号": "number",
        "product": "product_name", "商品": "product_name", "sku": "product_code", "品类": "category", "数量": "quantity",
        "price": "unit_price", "单价": "unit_price", "优惠": "discount", "渠道": "channel", "门店": "store", "利润": "profit",
        "成本": "cost", "name": "customer_name", "姓名": "customer_name", "手机": "phone", "邮箱": "email",
    }
)  # fmt: skip
IGNORE = ("ignore", "忽略", "")
ATTRIBUTE = ("attribute", "属性")

# Where no name is known, a word in it may still tell.
HINTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(pattern))
    for key, pattern in (
        ("quantity", r"^(numberof|numof|no_?of|count)|数量|件数|qty|quantity"),
        (
            "amount",
            r"实付|实收|金额|花费|花销|支出|销售额|消费额|amount|revenue|sales|spend|total|value|price",
        ),
        ("customer_code", r"客户|会员|用户|顾客|买家|customer|client|member|buyer|user|household|cust"),
        ("placed_at", r"日期|时间|date|time"),
        ("number", r"订单|单号|小票|流水|order|invoice|receipt|basket"),
    )
)


def _with_names(one: FieldSpec) -> FieldSpec:
    return FieldSpec(
        key=one.key,
        type=one.type,
        label=one.label,
        sensitivity=one.sensitivity,
        aliases=(*one.aliases, *_ALSO.get(one.key, ())),
    )


FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {one.key: one for one in (*map(_with_names, order_fields.fields()), *_MORE)}
)
RATE = FieldSpec(
    key="discount_rate",
    type="number",
    label=Text("折扣率", "Discount rate"),
    sensitivity=Sensitivity.INTERNAL,
)
# Amounts are read to six digits and rounded per order only, so that they add up to the file.
EXACT = {"amount", "unit_price", "discount", "profit", "cost"}

ORDERS = Kind(
    key="instant",
    label=Text("订单", "Orders"),
    hint=Text("", ""),
    icon="",
    order=0,
    fields=lambda: tuple(FIELDS.values()),
)


def cleaned_as(key: str) -> FieldSpec:
    """The field that reads the cells of a meaning; codes of customers are taken as they stand."""
    if key == RATE.key:
        return RATE
    one = FIELDS["channel" if key == "attribute" else key]
    kind = "number" if key in EXACT else one.type
    return FieldSpec(
        key=key, type=kind, label=one.label, sensitivity=Sensitivity.INTERNAL, required=key in NEEDED
    )


def kind_of(key: str) -> str:
    """The field type by which the cells of a meaning are read."""
    return "text" if key.startswith("attribute") else cleaned_as(key).type


def label(key: str) -> Text:
    """What a meaning is called."""
    if key.startswith("attribute"):
        return Text("客户或订单的属性", "An attribute")
    return RATE.label if key == RATE.key else FIELDS[key].label


def meaning(word: str) -> str | None:
    """The key of a word given by --map; "" to ignore the column, None when the word is unknown."""
    said = word.strip().casefold()
    if said in IGNORE:
        return ""
    if said in FIELDS or said == RATE.key or said in ATTRIBUTE:
        return "attribute" if said in ATTRIBUTE else said
    return _WORDS.get(said) or next(
        (one.key for one in FIELDS.values() if plain(said) == plain(one.label.zh)), None
    )


def words() -> list[str]:
    """The meanings that --map offers."""
    return ["customer", "date", "amount", "order", "product", "category", "quantity", "price", "discount",
            "profit", "cost", "channel", "store", "payment", "name", "phone", "email", "attribute", "ignore"]  # fmt: skip


def knows(heading: str) -> bool:
    """Whether a bare heading is one of the names, which helps to find the header row."""
    return heading in _NAMES


_NAMES = frozenset(bare(name) for one in FIELDS.values() for name in one.names())
