"""Columns are told without options: the files people really have, and the question when one cannot be told."""

from pathlib import Path

import pytest

from tests.instant import files as given
from zhike.instant import columns, files, meanings


def understood(path: Path, folder: Path, **mapping: str) -> dict[str, str]:
    source = files.opened(path, folder, meanings.knows)
    found = columns.recognise(source.header, source.sample(), mapping)
    return {one.column.name: one.key for one in found.columns if one.key}


def test_lines_of_orders(tmp_path: Path) -> None:
    told = understood(given.superstore(tmp_path), tmp_path)
    wanted = {
        "Order ID": "number", "Order Date": "placed_at", "Customer ID": "customer_code", "Customer Name": "customer_name",
        "Product ID": "product_code", "Product Name": "product_name", "Category": "category", "Sales": "amount",
        "Quantity": "quantity", "Discount": "discount_rate", "Profit": "profit",
    }  # fmt: skip
    assert told.items() >= wanted.items()
    assert told["Segment"] == "attribute"
    assert "Ship Date" not in told and "Row ID" not in told and "Country" not in told


@pytest.mark.parametrize("header", [True, False])
def test_columns_set_apart_by_blanks(tmp_path: Path, header: bool) -> None:
    told = understood(given.blanks(tmp_path, header=header), tmp_path)
    assert list(told.values()) == ["customer_code", "placed_at", *(["quantity"] if header else []), "amount"]


def test_a_chinese_export(tmp_path: Path) -> None:
    told = understood(given.gb18030(tmp_path), tmp_path)
    assert told == {
        "订单号": "number", "客户编号": "customer_code", "客户姓名": "customer_name", "手机号": "phone", "下单时间": "placed_at",
        "实付金额": "amount", "品类": "category", "门店": "store", "渠道": "channel", "支付方式": "payment",
    }  # fmt: skip


EXPORTS = {
    "a marketplace in Chinese": (
        "订单编号,买家会员名,买家应付货款,买家实际支付金额,收货人姓名,联系手机,订单创建时间,宝贝标题",
        "{n}00000,tb{c}_99,88.00,{n}.50,张三,1380000000{c},2024-0{c}-1{c} 10:00:00,连衣裙",
        {"订单编号": "number", "买家会员名": "customer_code", "买家实际支付金额": "amount", "订单创建时间": "placed_at"},
    ),
    "a shop that numbers orders as names": (
        "Name,Email,Financial Status,Paid at,Currency,Total,Lineitem name",
        "#10{n},u{c}@example.com,paid,2024-0{c}-1{c} 10:00:00 +0800,USD,{n}.50,T-shirt",
        {"Name": "number", "Email": "email", "Paid at": "placed_at", "Total": "amount", "Lineitem name": "product_name"},
    ),
    "price and quantity": (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "5363{n},8500{c}A,WHITE HEART,{c},12/{c}/2010 8:26,2.55,1230{c},United Kingdom",
        {"InvoiceNo": "number", "Quantity": "quantity", "InvoiceDate": "placed_at", "UnitPrice": "unit_price",
         "CustomerID": "customer_code", "StockCode": "product_code", "Description": "product_name"},
    ),
    "words of a small shop": (
        "顾客,时间,花费", "老{c}号,2024/{c}/1{c},{n}", {"顾客": "customer_code", "时间": "placed_at", "花费": "amount"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("head", "line", "wanted"), EXPORTS.values(), ids=EXPORTS.keys())
def test_what_other_systems_export(tmp_path: Path, head: str, line: str, wanted: dict[str, str]) -> None:
    file = tmp_path / "export.csv"
    rows = [line.format(n=number, c=number % 7 + 1) for number in range(10, 90)]
    file.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    assert understood(file, tmp_path).items() >= wanted.items()


@pytest.mark.parametrize("name", ["InvoiceNo", "Quantity"])
def test_what_many_customers_share_is_no_order_number(tmp_path: Path, name: str) -> None:
    file = tmp_path / "export.csv"
    rows = [f"{number % 3},C{number % 7},2024-01-0{number % 9 + 1},{number}.5" for number in range(80)]
    file.write_text("\n".join([f"{name},customer,date,amount", *rows, ""]), encoding="utf-8")
    assert "number" not in understood(file, tmp_path).values()
