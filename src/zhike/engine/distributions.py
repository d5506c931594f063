"""Count customers and their spend by field, band, channel and category, and cross any two of them.

A dimension is a table of (customer_id, key); a customer may be under several keys (channels, categories). Facts carry
`number` and `amount` per customer and key; `tally` and `tally_facts` count them, `cross` sets two against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day
from zhike.engine.rules import json_extract, json_extract_string, json_type

UNKNOWN = ""
PROVINCE = 2  # leading digits of a GB/T 2260 code that name the province
SECTION = 1  # leading letter of a GB/T 4754 code that names the section 门类
FREQUENCY_BANDS = (1, 2, 4, 7, 13)  # orders: 0, 1, 2–3, 4–6, 7–12, 13 and more
AMOUNT_BANDS = (1, 100, 500, 1000, 5000, 10_000, 50_000, 100_000, 500_000)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many customers are under a key, what they spent, and how many facts that was."""

    key: str
    customers: int
    spend: Decimal
    number: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """Customers that are under a row and a column key; `share` is that of all customers of the row."""

    row: str
    column: str
    customers: int
    of_row: int

    @property
    def share(self) -> Decimal:
        """The customers' share of the row, four digits."""
        return (
            (Decimal(self.customers) / self.of_row).quantize(Decimal("0.0001")) if self.of_row else Decimal(0)
        )


def by_field(session: Session, field: str, *, lead: int = 0) -> ir.Table:
    """Customers by the value of a field; `lead` keeps only that many leading characters (PROVINCE, SECTION).

    A multi-choice puts a customer under each of its answers; a missing value is UNKNOWN.
    """
    customers = session.table("customers")
    path = f'$."{field}"'
    held = customers.select(
        customer_id=customers.id,
        said=json_extract_string(customers.fields, path).fill_null(UNKNOWN),
        held=json_extract(customers.fields, path),
    )
    listed = (json_type(held.held) == "ARRAY").ifelse(
        held.held.try_cast("array<string>"), ibis.array([held.said.cast("string")])
    )
    spread = held.select("customer_id", key=listed.unnest())
    return spread.mutate(key=spread.key.left(lead)) if lead else spread


def by_kind(session: Session) -> ir.Table:
    """Customers by kind: person or company."""
    customers = session.table("customers")
    return customers.select(customer_id=customers.id, key=customers.kind.fill_null(UNKNOWN))


def by_column(table: ir.Table, column: str) -> ir.Table:
    """Customers by a column of a table that has one row per customer, such as tier or rfm_class."""
    return table.select("customer_id", key=table[column].cast("string").fill_null(UNKNOWN))


def by_band(metrics: ir.Table, metric: str, edges: Sequence[int]) -> ir.Table:
    """Customers by the band of a metric: the key is the band's lower edge, "-" below the first, UNKNOWN without value."""
    value = metrics[metric]
    tests = [(value >= edge, str(edge)) for edge in sorted(edges, reverse=True)]
    return metrics.select("customer_id", key=ibis.cases((value.isnull(), UNKNOWN), *tests, else_="-"))


def channels(session: Session, as_of: date) -> ir.Table:
    """Orders by channel: customer_id, key, number, amount."""
    return _facts(session.table("orders"), "placed_on", "channel", as_of, "amount")


def stores(session: Session, as_of: date) -> ir.Table:
    """Orders by store: customer_id, key, number, amount."""
    return _facts(session.table("orders"), "placed_on", "store", as_of, "amount")


def payments(session: Session, as_of: date) -> ir.Table:
    """Orders by way of payment: customer_id, key, number, amount."""
    return _facts(session.table("orders"), "placed_on", "payment", as_of, "amount")


def categories(session: Session, as_of: date) -> ir.Table:
    """Order lines by product category: customer_id, key, number, amount."""
    return _facts(session.table("order_lines"), "placed_on", "category", as_of, "amount")


def contacts(session: Session, as_of: date, by: str = "channel") -> ir.Table:
    """Interactions by channel, purpose or direction: customer_id, key, number; amount is zero."""
    return _facts(session.table("interactions"), "on_date", by, as_of, None)


def tally(session: Session, dimension: ir.Table, metrics: ir.Table) -> tuple[Bucket, ...]:
    """Customers, spend and orders under each key; `metrics` has spend and orders and decides who counts."""
    joined = dimension.inner_join(metrics.select("customer_id", "spend", "orders"), "customer_id")
    return _buckets(
        session,
        joined.group_by("key").aggregate(
            customers=joined.customer_id.nunique(), spend=joined.spend.sum(), number=joined.orders.sum()
        ),
    )


def tally_facts(session: Session, facts: ir.Table, only: ir.Table | None = None) -> tuple[Bucket, ...]:
    """Customers, amount and number of facts under each key; `only` (customer_id) limits whose facts count."""
    seen = facts if only is None else facts.semi_join(only, "customer_id")
    return _buckets(
        session,
        seen.group_by("key").aggregate(
            customers=seen.customer_id.nunique(), spend=seen.amount.sum(), number=seen.number.sum()
        ),
    )


def cross(session: Session, rows: ir.Table, columns: ir.Table) -> tuple[Crossing, ...]:
    """How the customers of each row key spread over the column keys, for statements like "80 % of … buy offline"."""
    sizes = rows.group_by(row="key").aggregate(of_row=rows.customer_id.nunique())
    spread = columns.select("customer_id", column="key").distinct()
    joined = rows.select("customer_id", row="key").inner_join(spread, "customer_id")
    counted = joined.group_by("row", "column").aggregate(customers=joined.customer_id.nunique())
    found = counted.inner_join(sizes, "row").order_by("row", ibis.desc("customers"), "column")
    return tuple(Crossing(r["row"], r["column"], r["customers"], r["of_row"]) for r in session.rows(found))


def _facts(facts: ir.Table, dated: str, column: str, as_of: date, amount: str | None) -> ir.Table:
    seen = facts.filter(facts[dated] <= day(as_of))
    total = seen[amount].sum() if amount else ibis.literal(Decimal(0), type="decimal(18, 2)")
    return seen.group_by("customer_id", key=seen[column].fill_null(UNKNOWN)).aggregate(
        number=seen.count(), amount=total
    )


def _buckets(session: Session, counted: ir.Table) -> tuple[Bucket, ...]:
    rows = session.rows(counted.order_by(ibis.desc("customers"), "key"))
    return tuple(
        Bucket(
            row["key"] or UNKNOWN, int(row["customers"]), Decimal(row["spend"] or 0), int(row["number"] or 0)
        )
        for row in rows
    )
