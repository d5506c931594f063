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
