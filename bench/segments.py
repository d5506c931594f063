"""Segments on a million customers and twenty million orders: live counts, a refresh with its diff, event to membership.

`python -m bench.segments [FOLDER]` alone; `measure(session, …)` on a lake that another benchmark has made. The base is seeded
Parquet, so that every run counts the same customers.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from bench.measures import Measure, machine, table
from zhike.core.rules import All, Did, FieldTest, MetricTest, Not, Op, Rule, Span, Where, Within
from zhike.engine.lake import SHAPES, Session
from zhike.engine.segments import count_and_sample

AS_OF = date(2017, 12, 31)
CUSTOMERS, ORDERS = 1_000_000, 20_000_000
LIVE_AIM, REFRESH_AIM, EVENT_AIM = 1.0, 5.0, 5.0
ROUNDS = 20


def live_rule(days: int) -> Rule:
    """Bought at least three times online in so many days, as somebody edits it."""
    online = (Where("channel", Op.IN, ("小程序", "天猫")),)
    return Did("orders", Op.GE, Decimal(3), Within(span=Span(days=days)), online)


RULES: dict[str, Callable[[int], Rule]] = {
    "≥ 3 online orders in n days": live_rule,
    "… and no return in n days, in Jiangsu": lambda days: All(
        (
            live_rule(days),
            Not(Did("returns", within=Within(span=Span(days=days)))),
            FieldTest("region", Op.WITHIN, "320000"),
        )
    ),
    "spend ≥ 5,000 and last bought over n days ago": lambda days: All(
        (MetricTest("spend", Op.GE, Decimal(5000)), MetricTest("recency_days", Op.GT, Decimal(days)))
    ),
}


def measure(session: Session, *, rounds: int = ROUNDS) -> list[Measure]:
    """Live counts of several rules, each round with another window: p50 and p95."""
    found = []
    for name, rule in RULES.items():
        taken, count = [], 0
        for number in range(rounds):
            live = count_and_sample(session, rule(60 + 3 * number), AS_OF, seconds=60)
            taken.append(live.seconds)
            count = live.count
        found.append(_measured(f"live count: {name}", taken, f"{count:,} customers found"))
    return found


def _measured(what: str, taken: list[float], note: str) -> Measure:
    ordered = sorted(taken)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Measure(what, last, "s (p95)", aim=LIVE_AIM, note=f"p50 {statistics.median(taken):.2f} s; {note}")


def opened(folder: Path, *, customers: int = CUSTOMERS, orders: int = ORDERS) -> Session:
    """A session over the Parquet files of a folder, made when they are missing."""
    settings = {"threads": 2, "memory_limit": "1GB", "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(config=settings)
    connection.execute("ATTACH ':memory:' AS lake")
    if not (folder / "taggings.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(connection, folder, customers, orders)
    for name in SHAPES:
        connection.execute(f"CREATE VIEW lake.main.{name} AS FROM '{folder / name}.parquet'")
    return Session(connection)


def _make(connection: duckdb.DuckDBPyConnection, folder: Path, customers: int, orders: int) -> None:
    connection.execute("SELECT setseed(0.2017)")
    connection.execute("SET threads = 1")  # random numbers come in one order only then
    for name, shape in SHAPES.items():
        listed = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in shape.items())
        query = _FACTS.get(name, "").format(customers=customers, orders=orders)
        rows = f"SELECT {listed} WHERE false" + (f" UNION ALL BY NAME ({query})" if query else "")
        connection.execute(f"COPY ({rows}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute("SET threads = 2")


_FACTS = {
    "customers": """
        SELECT range AS id, 'person' AS kind, DATE '2015-01-01' AS created_on,
               json_object('region', ['310100', '110100', '320500', '320100', '330100', '440300'][1 + range % 6],
                           'birth_date', (DATE '1950-01-01' + (random() * 20000)::INT)::VARCHAR) AS fields
        FROM range({customers})""",
    "orders": """
        SELECT id, customer_id, placed_at, placed_at::DATE AS placed_on, amount, 0 AS discount,
               ['门店', '小程序', '官网', '天猫'][1 + id % 4] AS channel
        FROM (SELECT range AS id, floor(pow(random(), 1.8) * {customers})::BIGINT AS customer_id,
                     TIMESTAMP '2015-01-01' + to_seconds(range * 94694400 // {orders}) AS placed_at,
                     (1 + exp(4 + 2 * random()))::DECIMAL(14,2) AS amount FROM range({orders}))""",
    "returns": """
        SELECT range AS id, range AS order_id, floor(pow(random(), 1.8) * {customers})::BIGINT AS customer_id,
               (TIMESTAMP '2015-01-01' + to_seconds(range * 94694400 // ({orders} // 50)))::DATE AS returned_on,
               20.00 AS amount FROM range({orders} // 50)""",
}


def main(folder: Path) -> None:
    """Make the base if need be, measure, print the table."""
    began = time.perf_counter()
    session = opened(folder)
    print(f"base ready in {time.perf_counter() - began:.0f} s; {machine()}")
    print(table(measure(session)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench-segments"))
