"""Columns find their fields by what was confirmed, by name, and by what the cells look like."""

import pytest

from zhike.intake import matching, queries
from zhike.intake.reading.headings import bare, plain

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("heading", "shape"),
    [
        ("手机号码(必填)", "手机号码"),
        ("手 机 号 码 *", "手机号码"),
        ("ＰＨＯＮＥ＿ＮＯ．", "phoneno"),
        ("金额（元）", "金额"),
        ("【重要】", "重要"),
    ],
)
def test_names_are_brought_to_one_shape(heading: str, shape: str) -> None:
    assert bare(heading) == shape
    assert plain(heading)


def fields_of(
    kind: str, columns: list[str], samples: dict[int, list[str]] | None = None, **remembered: str
) -> list[str]:
    listed = [(index, name, "") for index, name in enumerate(columns)]
    found = matching.suggest(queries.kind(kind), listed, samples or {}, remembered)
    return [one.field if one.confidence >= matching.LIKELY else "" for one in found]


@pytest.mark.parametrize(
    ("kind", "columns", "fields"),
    [
        ("customers", ["会员号", "客户姓名", "手机号码(必填)", "电子邮箱", "生日"],
         ["code", "name", "phone", "email", "birth_date"]),
        ("customers", ["customer_id", "Full Name", "Mobile", "E-mail", "Birthday"],
         ["code", "name", "phone", "email", "birth_date"]),
        ("customers", ["客户编号", "客户经理"], ["code", "manager"]),
        ("orders", ["订单号", "会员编号", "付款时间", "货号", "数量(件)", "实付金额(元)"],
         ["number", "customer_code", "placed_at", "product_code", "quantity", "amount"]),
        ("orders", ["Order ID", "Customer ID", "Order Date", "Product ID", "Quantity", "Sales", "Discount"],
         ["number", "customer_code", "placed_at", "product_code", "quantity", "amount", "discount"]),
        ("interactions", ["客户编号", "拜访日期", "沟通方式", "沟通内容"], ["customer_code", "at", "channel", "content"]),
        ("feedback", ["客户编号", "评价时间", "满意度", "评价内容"], ["customer_code", "at", "rating", "content"]),
        ("events", ["用户ID", "时间", "事件名称", "页面"], ["customer_code", "at", "kind", "detail"]),
        ("returns", ["退款单号", "会员号", "原订单号", "退款时间", "退款金额"],
         ["number", "customer_code", "order_number", "returned_on", "amount"]),
        ("products", ["SKU", "商品名称", "类别", "零售价"], ["code", "name", "category", "price"]),
        ("customers", ["星座", "血型"], ["", ""]),
    ],
)  # fmt: skip
def test_columns_are_matched_by_name(
    published: None, kind: str, columns: list[str], fields: list[str]
) -> None:
    assert fields_of(kind, columns) == fields


def test_a_nameless_column_of_phones_is_one(published: None) -> None:
    assert fields_of("customers", ["列1"], {0: ["13800138000", "139 0013 9000"]}) == ["phone"]


def test_the_column_that_looks_like_phones_wins(published: None) -> None:
    columns = ["电话", "联系电话"]
    samples = {0: ["无", "转 12"], 1: ["13800138000", "13900139000"]}
    assert fields_of("customers", columns, samples) == ["", "phone"]


def test_what_was_confirmed_stands_above_names(published: None) -> None:
    assert fields_of("customers", ["手机", "编号"], 手机="", 编号="name") == ["", "name"]


def test_a_field_that_is_gone_is_forgotten(published: None) -> None:
    assert fields_of("customers", ["手机"], 手机="no_such_field") == ["phone"]


@pytest.mark.parametrize(
    ("columns", "said", "likelier"),
    [
        (["订单号", "会员编号", "下单时间", "商品编号", "金额"], "customers", "orders"),
        (["订单号", "会员编号", "下单时间", "金额"], "orders", ""),
        (["会员编号", "姓名", "手机", "邮箱"], "orders", "customers"),
        (["客户编号", "评价时间", "评分", "评价内容"], "products", "feedback"),
        (["星座"], "customers", ""),
    ],
)
def test_a_likelier_kind_is_noticed(published: None, columns: list[str], said: str, likelier: str) -> None:
    assert matching.likelier_kind(columns, said) == likelier
