"""Segments on a million customers and twenty million orders: live counts, a refresh with its diff, event to membership.

`python -m bench.segments [FOLDER]` alone; `measure(session, …)` on a lake that another benchmark has made. The base is seeded
Parquet, so that every run counts the same customers.
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import duckdb_extension_ducklake

from bench.measures import Measure, machine, table
from zhike.core.rules import All, Did, FieldTest, MetricTest, Not, Op, Rule, Span, Where, Within, leaves
from zhike.engine.lake import SHAPES, Session
from zhike.engine.metrics import compute
from zhike.engine.segments import Difference, count_and_sample, members, refresh

AS_OF = date(2017, 12, 31)
CUSTOMERS, ORDERS = 1_000_000, 20_000_000
LIVE_AIM, REFRESH_AIM, EVENT_AIM = 1.0, 5.0, 5.0
ROUNDS = 20
EVENTS = 100  # orders that arrive together


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
        events = any(isinstance(leaf, Did) for leaf in leaves(rule(60)))
        aim = LIVE_AIM if events else None  # the aim is about rules that ask for events
        found.append(_measured(f"live count: {name}", taken, f"{count:,} customers found", aim=aim))
    return found


def follow(session: Session, *, rounds: int = ROUNDS) -> list[Measure]:
    """A refresh of everybody with its diff, and events that become membership while all metrics are computed beside it.

    The session's lake keeps its states (DuckLake). Reading the events out of PostgreSQL and writing the diff back are not in it.
    """
    rule = live_rule(90)
    session.keep(members(session, rule, AS_OF), "members")
    stored = members(
        session, live_rule(80), AS_OF
    )  # what was true some days ago: there is something to add and remove
    stored = session.keep(stored, "stored")
    whole = [refresh(session, rule, AS_OF, stored) for _ in range(5)]
    told = f"{whole[0].coming:,} come, {whole[0].going:,} go; median of 5"
    found = [Measure("refresh of a segment with its diff", _median(whole), "s", aim=REFRESH_AIM, note=told)]
    stored, last = session.keep(members(session, rule, AS_OF), "stored"), whole[-1].seen
    with _bulk_job(session) as jobs:
        taken, coming, asked = [], 0, 0
        for number in range(rounds):
            began = time.perf_counter()
            session.cursor.execute(_ARRIVING.format(first=10**9 + number * EVENTS, events=EVENTS))
            now = refresh(session, rule, AS_OF, stored, last=last)
            taken.append(time.perf_counter() - began)
            last, coming, asked = now.seen, now.coming, asked + (now.asked or 0)
    said = f"{EVENTS} orders at once, {asked / rounds:.0f} customers asked, {coming} come in the end, {len(jobs)} bulk jobs done"
    return [*found, _measured("event to membership beside a bulk job", taken, said, aim=EVENT_AIM)]


_ARRIVING = """
INSERT INTO lake.main.orders BY NAME
SELECT {first} + range AS id, ({first} + range * 9973) % 1000 AS customer_id, TIMESTAMP '2017-12-31 12:00:00' AS placed_at,
       DATE '2017-12-31' AS placed_on, 10.00 AS amount, 0 AS discount, '天猫' AS channel FROM range({events})
"""


@contextmanager
def _bulk_job(session: Session) -> Iterator[list[float]]:
    """Compute all metrics of everybody over and over on a cursor of its own; the seconds of each time."""
    done: list[float] = []
    stop = threading.Event()
    beside = Session(session.cursor.cursor())

    def work() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            beside.drop(compute(beside, AS_OF, BULK))
            done.append(time.perf_counter() - began)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield done
    finally:
        stop.set()
        worker.join()


BULK = (
    "spend",
    "spend_12m",
    "orders_90d",
    "recency_days",
    "gap_days",
    "average_order",
    "trend",
    "return_rate",
)


def _median(found: list[Difference]) -> float:
    return statistics.median(one.seconds for one in found)


def _measured(what: str, taken: list[float], note: str, *, aim: float | None = LIVE_AIM) -> Measure:
    ordered = sorted(taken)
    last = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Measure(what, last, "s (p95)", aim=aim, note=f"p50 {statistics.median(taken):.2f} s; {note}")


def opened(folder: Path, *, customers: int = CUSTOMERS, orders: int = ORDERS) -> Session:
    """A session over a lake that keeps its states, filled from the Parquet files of a folder, made when they are missing."""
    settings = {"threads": 2, "memory_limit": "1GB", "temp_directory": str(folder / "spill")}
    loose = {"autoinstall_known_extensions": False, "preserve_insertion_order": "false"}
    connection = duckdb.connect(config={**settings, **loose})
    wheel = Path(duckdb_extension_ducklake.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection.execute(f"LOAD '{next(wheel.glob('*.duckdb_extension'))}'")
    if missing := [name for name in SHAPES if not (folder / f"{name}.parquet").exists()]:
        folder.mkdir(parents=True, exist_ok=True)
        _make(connection, folder, missing, customers, orders)
    lake = folder / f"lake-{time.time_ns()}"
    connection.execute(f"ATTACH 'ducklake:{lake}.catalogue' AS lake (DATA_PATH '{lake}/')")
    for name in SHAPES:
        connection.execute(f"CREATE TABLE lake.main.{name} AS FROM '{folder / name}.parquet'")
    return Session(connection)


def _make(
    connection: duckdb.DuckDBPyConnection, folder: Path, missing: list[str], customers: int, orders: int
) -> None:
    connection.execute("SELECT setseed(0.2017)")
    connection.execute("SET threads = 1")  # random numbers come in one order only then
    for name in missing:
        listed = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in SHAPES[name].items())
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
    print(table([*measure(session), *follow(session)]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench-segments"))
