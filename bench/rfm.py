"""RFM with its eight classes against DuckDB's bare group-by over the same orders, in the same run."""

import dataclasses
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

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


def measure(session: Session, *, rounds: int = 7) -> list[Measure]:
    """Floor and RFM side by side in each round, so that a busy machine slows both; the median of the ratios."""
    customers = session.number("SELECT count(*) FROM lake.main.customers")
    orders = session.number("SELECT count(*) FROM lake.main.orders")
    for method in METHODS.values():
        _rfm(session, method)
    found = []
    for name, method in METHODS.items():
        pairs = [
            (_timed(lambda: session.number(FLOOR)), _timed(partial(_rfm, session, method)))
            for _ in range(rounds)
        ]
        bare, whole = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(taken / floor for floor, taken in pairs)
        said = f"{whole:.3f} s against {bare:.3f} s; {customers:,} customers, {orders:,} orders"
        found.append(Measure(f"RFM with 8 classes, {name}", ratio, "× bare group-by", aim=1.5, note=said))
    return found


def large(folder: Path, *, customers: int = 1_000_000, orders: int = 20_000_000) -> list[Measure]:
    """The same on a larger base, in a DuckDB file, computed by a process of its own whose memory is watched."""
    file = folder / "large.duckdb"
    _filled(file, customers, orders).cursor.close()
    done = subprocess.run(
        [sys.executable, "-m", "bench.rfm", str(file)], stdout=subprocess.PIPE, check=True, text=True
    )
    return [Measure(**one) for one in json.loads(done.stdout)]


def main(file: Path) -> None:
    """Measure the base in a file and print the figures as JSON."""
    found = measure(_opened(file), rounds=5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = "peak of the whole process; the data is on disk, DuckDB may use 300 MB"
    found.append(Measure("memory while computing that", peak, "MB", aim=500, note=said))
    print(json.dumps([dataclasses.asdict(one) for one in found]))


def _opened(file: Path) -> Session:
    connection = duckdb.connect(
        config={"threads": 2, "memory_limit": "300MB", "temp_directory": str(file.parent)}
    )
    connection.execute(f"ATTACH '{file}' AS lake")
    return Session(connection)


def _filled(file: Path, customers: int, orders: int) -> Session:
    session = _opened(file)
    connection = session.cursor
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
    connection.execute("CHECKPOINT lake")
    return session


def _rfm(session: Session, method: v1.Method) -> None:
    """Metrics, cut points, classes: a row per customer, as insight computes it."""
    table = compute(session, AS_OF, v1.inputs(method))
    classified = session.keep(v1.classify(table, method, v1.cuts(session, table, method)))
    for kept in (table, classified):
        session.drop(kept)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]))
