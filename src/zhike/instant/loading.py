"""Turns the clean records of a file into the lake's tables, in memory: lines become orders, amounts below zero become returns.

The sums stay those of the file: an order is the sum of its lines, rounded to the cent once; what that rounding makes is told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from zhike.engine.lake import Session
from zhike.engine.lake.session import quoted
from zhike.instant import beside as besides
from zhike.instant import refusals
from zhike.instant.beside import Beside
from zhike.instant.cells import Column

MEMORY = "1500MB"
_TYPES = {
    "number": "VARCHAR", "placed_at": "TIMESTAMP", "product_code": "VARCHAR", "product_name": "VARCHAR",
    "category": "VARCHAR", "quantity": "DECIMAL(18,6)", "unit_price": "DECIMAL(18,6)", "amount": "DECIMAL(18,6)",
    "discount": "DECIMAL(18,6)", "discount_rate": "DECIMAL(18,6)", "profit": "DECIMAL(18,6)", "cost": "DECIMAL(18,6)",
    "channel": "VARCHAR", "store": "VARCHAR", "payment": "VARCHAR", "line_number": "VARCHAR", "customer_name": "VARCHAR",
}  # fmt: skip
_OF_A_LINE = {"product_code", "product_name", "category", "line_number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of the records, with the sums that must agree; money to the cent, `in_file` to six digits.

    in_file = orders_amount − returns_amount + duplicates_amount + later_amount + unpriced(0) − rounding.
    """

    as_of: date
    first_on: date
    last_on: date
    orders: int
    returns: int
    customers: int
    lines: bool
    numbered: bool
    duplicates: int
    later: int
    unpriced: int
    beside: Beside | None
    in_file: Decimal
    orders_amount: Decimal
    returns_amount: Decimal
    duplicates_amount: Decimal
    later_amount: Decimal
    profit: Decimal | None

    @property
    def rounding(self) -> Decimal:
        """What rounding every order to the cent added up to."""
        return (
            self.orders_amount
            - self.returns_amount
            + self.duplicates_amount
            + self.later_amount
            - self.in_file
        )


@contextmanager
def session(folder: Path) -> Iterator[Session]:
    """A DuckDB of this process with an empty lake; what does not fit into its memory goes to the folder."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")})
    connection.execute("ATTACH ':memory:' AS lake")
    connection.execute("SET preserve_insertion_order = false")
    try:
        yield Session(connection)
    finally:
        connection.close()


def load(
    session: Session,
    records: Path,
    columns: Sequence[Column],
    identity: str,
    *,
    as_of: date | None,
    customers: Path | None = None,
) -> Loaded:
    """Fill the lake's tables from clean records. Raises `CannotAnalyse` when nothing happened by the reporting day."""
    cursor = session.cursor
    keys = {one.key for one in columns}
    _lines(cursor, records, keys, identity)
    lines = bool(keys & _OF_A_LINE)
    in_file, unpriced = _one(
        cursor, "SELECT coalesce(sum(amount), 0), count(*) FILTER (amount IS NULL) FROM lines"
    )
    cursor.execute("DELETE FROM lines WHERE amount IS NULL")
    duplicates = (0, Decimal(0)) if lines or "number" not in keys else _without_duplicates(cursor, keys)
    later = _until(cursor, as_of)
    if not _one(cursor, "SELECT count(*) FROM lines")[0]:
        raise refusals.nothing_by(as_of)
    beside = besides.taken_in(cursor, customers, records.parent, identity) if customers else None
    _customers(cursor, keys, beside)
    _orders(cursor, keys, lines=lines)
    first_on, last_on = _one(cursor, "SELECT min(placed_at)::DATE, max(placed_at)::DATE FROM lines")
    orders, orders_amount = _one(cursor, "SELECT count(*), coalesce(sum(amount), 0) FROM lake.main.orders")
    if not orders:
        raise refusals.only_returns(_one(cursor, "SELECT count(*) FROM lines")[0])
    returns, returned = _one(cursor, "SELECT count(*), coalesce(sum(amount), 0) FROM lake.main.returns")
    (known,) = _one(cursor, "SELECT count(*) FROM lake.main.customers")
    return Loaded(
        as_of=as_of or last_on, first_on=first_on, last_on=last_on, orders=orders, returns=returns, customers=known,
        lines=lines, numbered="number" in keys, duplicates=duplicates[0], later=later[0], unpriced=unpriced, beside=beside,
        in_file=in_file, orders_amount=orders_amount, returns_amount=returned, duplicates_amount=duplicates[1],
        later_amount=later[1], profit=_profit(cursor, keys),
    )  # fmt: skip


def _one(cursor: duckdb.DuckDBPyConnection, question: str) -> tuple:  # type: ignore[type-arg]
    found = cursor.execute(question).fetchone()
    assert found is not None
    return found


def _lines(cursor: duckdb.DuckDBPyConnection, records: Path, keys: set[str], identity: str) -> None:
    """The records with every column a report may need, missing ones empty."""
    wanted = [
        f"{key}::{kind} AS {key}" if key in keys else f"NULL::{kind} AS {key}"
        for key, kind in _TYPES.items()
        if key != "amount"
    ]
    wanted += [key for key in sorted(keys) if key.startswith("attribute_")]
    priced = (
        "unit_price * coalesce(quantity, 1)" if "unit_price" in keys and "quantity" in keys else "unit_price"
    )
    amount = " , ".join(
        one for one, there in (("amount", "amount" in keys), (priced, "unit_price" in keys)) if there
    )
    cursor.execute(
        f"CREATE TEMP TABLE lines AS SELECT row, {identity}::VARCHAR AS who, {', '.join(wanted)}, "
        f"coalesce({amount})::DECIMAL(18,6) AS amount FROM read_parquet({quoted(str(records))})"
    )


def _without_duplicates(cursor: duckdb.DuckDBPyConnection, keys: set[str]) -> tuple[int, Decimal]:
    """One row per order: the same order told twice in all columns counts once."""
    same = ", ".join(["who", "amount", *sorted(keys & (set(_TYPES) - {"amount"}))])
    again = f"SELECT row FROM lines QUALIFY row_number() OVER (PARTITION BY {same} ORDER BY row) > 1 AND number IS NOT NULL"
    cursor.execute(f"CREATE TEMP TABLE again AS {again}")
    return _taken_out(cursor, "again")


def _until(cursor: duckdb.DuckDBPyConnection, as_of: date | None) -> tuple[int, Decimal]:
    if as_of is None:
        return 0, Decimal(0)
    cursor.execute(f"CREATE TEMP TABLE later AS SELECT row FROM lines WHERE placed_at::DATE > DATE '{as_of}'")
    return _taken_out(cursor, "later")


def _taken_out(cursor: duckdb.DuckDBPyConnection, rows: str) -> tuple[int, Decimal]:
    number, amount = _one(
        cursor, f"SELECT count(*), coalesce(sum(amount), 0) FROM lines SEMI JOIN {rows} USING (row)"
    )
    if number:
        cursor.execute(f"DELETE FROM lines WHERE row IN (FROM {rows})")
    return number, amount


def _customers(cursor: duckdb.DuckDBPyConnection, keys: set[str], beside: Beside | None) -> None:
    """One row per customer in the order they appear; `fields` holds attributes that never change for a customer."""
    listed = sorted(key for key in keys if key.startswith("attribute_"))
    fields = ", ".join(f"'{key}', max({key})" for key in listed if _belongs_to_customers(cursor, key))
    cursor.execute(
        "CREATE TEMP TABLE people AS SELECT row_number() OVER (ORDER BY min(row)) AS id, who, "
        f"max(customer_name) AS name, min(placed_at)::DATE AS since, json_object({fields}) AS fields FROM lines GROUP BY who"
    )
    if beside:
        _join(cursor, beside)
    cursor.execute(
        "CREATE TABLE lake.main.customers AS SELECT id::BIGINT AS id, 'person' AS kind, who AS code, "
        "NULL::BIGINT AS manager_id, NULL::BIGINT AS department_id, since AS created_on, fields::JSON AS fields FROM people"
    )


def _join(cursor: duckdb.DuckDBPyConnection, beside: Beside) -> None:
    """Names and attributes from the file of customers, and the customers of it who never bought."""
    told = ", ".join(f"'{one.key}', nullif(b.{one.key}, '')" for one in beside.fields)
    name = "nullif(b.name, '')" if beside.named else "NULL"
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE people AS SELECT p.id, p.who, coalesce(p.name, {name}) AS name, p.since, "
        f"json_merge_patch(p.fields, json_object({told})) AS fields FROM people p LEFT JOIN beside b USING (who) UNION ALL "
        "SELECT (SELECT max(id) FROM people) + row_number() OVER (ORDER BY b.who), b.who, "
        f"{name}, (SELECT min(since) FROM people), json_object({told}) FROM beside b ANTI JOIN people USING (who)"
    )


def _belongs_to_customers(cursor: duckdb.DuckDBPyConnection, key: str) -> bool:
    """Whether nearly every customer has one value of it, so that it tells of the customer, not of the order."""
    single, every = _one(
        cursor,
        f"SELECT count(*) FILTER (n <= 1), count(*) FROM (SELECT count(DISTINCT {key}) AS n FROM lines GROUP BY who)",
    )
    return bool(single >= 0.97 * every)


def _orders(cursor: duckdb.DuckDBPyConnection, keys: set[str], *, lines: bool) -> None:
    """Rows of one order number of a customer are one order; without numbers, the lines of one moment are, or every row is."""
    alone = "'row ' || l.row"
    together = "'at ' || l.placed_at" if lines else alone
    belongs = f"coalesce('no ' || l.number, {alone})" if "number" in keys else together
    reduced = "sum(coalesce(discount, amount * discount_rate / nullif(1 - discount_rate, 0), 0))"
    cursor.execute(
        f"CREATE TEMP TABLE baskets AS SELECT row_number() OVER (ORDER BY min(l.row)) AS id, p.id AS customer_id, "
        f"{belongs} AS belongs, min(l.placed_at) AS placed_at, sum(amount)::DECIMAL(14,2) AS amount, "
        f"greatest(abs({reduced}), 0)::DECIMAL(14,2) AS discount, min(channel) AS channel, min(store) AS store, "
        "min(payment) AS payment, sum(profit) AS profit, sum(cost) AS cost "
        f"FROM lines l JOIN people p USING (who) GROUP BY p.id, {belongs}"
    )
    cursor.execute(
        "CREATE TABLE lake.main.orders AS SELECT id, customer_id, placed_at, placed_at::DATE AS placed_on, amount, discount, "
        "channel, store, payment FROM baskets WHERE amount >= 0 ORDER BY id"
    )
    cursor.execute(
        "CREATE TABLE lake.main.returns AS SELECT id, NULL::BIGINT AS order_id, customer_id, placed_at::DATE AS returned_on, "
        "(-amount)::DECIMAL(14,2) AS amount FROM baskets WHERE amount < 0"
    )
    if lines:
        cursor.execute(
            "CREATE TABLE lake.main.order_lines AS SELECT l.row AS id, b.id AS order_id, b.customer_id, "
            "b.placed_at::DATE AS placed_on, coalesce(product_code, product_name) AS product_code, category, "
            "coalesce(quantity, 1)::DECIMAL(14,3) AS quantity, l.amount::DECIMAL(14,2) AS amount, "
            "0::DECIMAL(14,2) AS discount "
            f"FROM lines l JOIN people p USING (who) JOIN baskets b ON b.customer_id = p.id AND b.belongs = {belongs} "
            "WHERE b.amount >= 0"
        )


def _profit(cursor: duckdb.DuckDBPyConnection, keys: set[str]) -> Decimal | None:
    """Profit as the file tells it, or what the costs leave; None when it tells neither."""
    if "profit" in keys:
        return Decimal(_one(cursor, "SELECT coalesce(sum(profit), 0)::DECIMAL(18,2) FROM lines")[0])
    if "cost" in keys:
        return Decimal(_one(cursor, "SELECT coalesce(sum(amount - cost), 0)::DECIMAL(18,2) FROM lines")[0])
    return None
