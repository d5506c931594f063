"""RFM with its eight classes against DuckDB's bare group-by over the same orders, in the same run."""

import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import duckdb

from bench.measures import Measure
from zhike.engine.lake import SHAPES, Session
from zhike.engine.metrics import compute
from zhike.engine.rfm import v1

AS_OF = date(2017, 12, 31)
FLOOR = """
CREATE OR REPLACE TEMP TABLE bare AS
SELECT customer_id, max(placed_on) AS last_on, count(*) AS orders, sum(amount) AS spend
FROM lake.main.orders GROUP BY customer_id
"""
METHODS = {
    "thresholds": v1.Thresholds(frequency_days=0, frequency=5, monetary=Decimal("1.5")),
    "quantiles": v1.Quantiles(),
}


def measure(*, customers: int, orders: int, rounds: int = 5) -> list[Measure]:
    """Best-of ratios: each round runs floor and RFM next to each other, so a busy machine slows both."""
    session = _filled(customers, orders)
    floor = [_timed(lambda: session.cursor.execute(FLOOR)) for _ in range(2)][-1:]
    seconds: dict[str, list[float]] = {name: [] for name in METHODS}
    for _ in range(rounds):
        floor.append(_timed(lambda: session.cursor.execute(FLOOR)))
        for name, method in METHODS.items():
            seconds[name].append(_timed(lambda chosen=method: _rfm(session, chosen)))
    bare = statistics.median(floor)
    found = [
        Measure(
            f"RFM, 8 classes, {name}",
            statistics.median(taken) / bare,
            "× DuckDB's bare group-by",
            aim=1.5,
            note=f"{statistics.median(taken):.3f} s against {bare:.3f} s; {customers:,} customers, {orders:,} orders",
        )
        for name, taken in seconds.items()
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*found, Measure("memory of the measuring process, peak", peak, "MB", aim=None)]


def _filled(customers: int, orders: int) -> Session:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("ATTACH ':memory:' AS lake")
    connection.execute("SELECT setseed(0.2017)")
    for name in ("customers", "orders"):
        columns = ", ".join(f'"{column}" {kind}' for column, kind in SHAPES[name].items())
        connection.execute(f"CREATE TABLE lake.main.{name} ({columns})")
    connection.execute(
        "INSERT INTO lake.main.customers (id, kind, created_on) "
        f"SELECT range, 'person', DATE '2015-01-01' FROM range({customers})"
    )
    connection.execute(
        f"""
        INSERT INTO lake.main.orders (id, customer_id, placed_at, placed_on, amount, discount, channel)
        SELECT range, floor(pow(random(), 1.8) * {customers}), moment, moment::DATE, amount, 0, 'shop'
        FROM (SELECT range, TIMESTAMP '2015-01-01' + to_seconds(floor(random() * 94694400)::BIGINT) AS moment,
              (1 + exp(4 + 2 * random()))::DECIMAL(14,2) AS amount FROM range({orders}))
        """
    )
    return Session(connection)


def _rfm(session: Session, method: v1.Method) -> dict[str, int]:
    table = compute(session, AS_OF, v1.inputs(method))
    classified = session.keep(v1.classify(table, method, v1.cuts(session, table, method)))
    counts = v1.counts(session, classified)
    for kept in (table, classified):
        session.drop(kept)
    return counts


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
