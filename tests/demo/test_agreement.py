"""A customer's spend, orders and last purchase are the same in page, export, lake and PostgreSQL, for everybody."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.personas import SignedIn
from zhike.kernel import bulk, lake
from zhike.kernel.models import User

Truth = dict[str, tuple[Decimal, int, str]]

IN_POSTGRESQL = """
    SELECT c.code, coalesce(sum(o.amount), 0)::numeric(14, 2), count(o.id),
           coalesce((max(o.placed_at) AT TIME ZONE 'Asia/Shanghai')::date::text, '')
    FROM customers_customer c LEFT JOIN activity_order o ON o.customer_id = c.id GROUP BY c.code
"""
IN_THE_LAKE = """
    SELECT c.code, coalesce(sum(o.amount), 0)::DECIMAL(14, 2), count(o.id), coalesce(max(o.placed_on)::VARCHAR, '')
    FROM lake.main.customers c LEFT JOIN lake.main.orders o ON o.customer_id = c.id GROUP BY c.code
"""


@pytest.fixture(scope="module")
def truth(figures: dict[str, Any]) -> Truth:
    """Spend, orders and last purchase of every customer, summed from the orders (the sample has no returns)."""
    return {code: (spend, orders, last) for code, spend, orders, last in bulk.rows(IN_POSTGRESQL)}


def test_the_lake_agrees(truth: Truth) -> None:
    with lake.session() as session:
        rows = session.cursor.execute(IN_THE_LAKE).fetchall()
    assert {code: (spend, orders, last) for code, spend, orders, last in rows} == truth


def test_the_scores_agree(truth: Truth) -> None:
    rows = bulk.rows(
        "SELECT c.code, s.spend, s.orders, coalesce(s.last_purchase_on::text, '') "
        "FROM insight_score s JOIN customers_customer c ON c.id = s.customer_id"
    )
    assert {code: (spend, orders, last) for code, spend, orders, last in rows} == truth


def test_the_export_agrees(truth: Truth, person: Callable[[str], User]) -> None:
    answer = SignedIn(person("li")).get("/customers/export/csv/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    told = {row["客户编号"]: (Decimal(row["消费"]), int(row["订单"]), row["最近购买"]) for row in rows}
    assert told == truth


def test_the_pages_agree(truth: Truth, person: Callable[[str], User]) -> None:
    client, told, where = SignedIn(person("li")), {}, "/customers/"
    while where:
        soup = BeautifulSoup(client.get(where).content, "html.parser")
        for row in soup.select("tbody tr[data-href]"):
            cells = {cell["data-label"]: cell.get_text(strip=True) for cell in row.select("td[data-label]")}
            spend = Decimal(cells["消费"].strip("¥$ ").replace(",", ""))
            told[cells["客户编号"]] = (
                spend,
                int(cells["订单"].replace(",", "")),
                cells["最近购买"].strip("–"),
            )
        following = soup.select_one("a[rel=next]")
        where = str(following["href"]) if following else ""
    assert told == truth
