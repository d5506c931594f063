"""The parts of `bench.insight`: each opens the base, measures one thing against the bare group-by, and tells its own memory."""

import json
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb

from bench import rfm, segments
from bench.measures import Measure
from zhike.engine.lake import SHAPES, Session
from zhike.engine.metrics import CATALOGUE, compute
from zhike.engine.rfm import v1
from zhike.engine.stored import refreshed

NEW_ORDERS = 35_000
ROUNDS = 3
RFM_MEMORY = "64MB"  # DuckDB's own; Python and its libraries come on top
METHOD = rfm.METHODS["quantiles"]


@dataclass(frozen=True, slots=True)
class Base:
    """Where the seeded Parquet lies, and how much of it there is."""

    folder: Path
    customers: int
    orders: int

    def session(self, memory: str = "1GB") -> Session:
        """A session that reads the Parquet files as they lie, spilling beyond `memory`."""
        spill = str(self.folder / "spill")
        config = {"threads": 2, "memory_limit": memory, "temp_directory": spill}
        connection = duckdb.connect(config=config | {"preserve_insertion_order": "false"})
        connection.execute("ATTACH ':memory:' AS lake")
        for name in SHAPES:
            if (file := self.folder / f"{name}.parquet").exists():
                connection.execute(f"CREATE VIEW lake.main.{name} AS FROM '{file}'")
        return Session(connection)

    @contextmanager
    def lake(self) -> Iterator[Session]:
        """The same in a DuckLake, which keeps its states; gone afterwards."""
        session = segments.opened(self.folder, customers=self.customers, orders=self.orders)
        try:
            yield session
        finally:
            session.cursor.close()
            for made in self.folder.glob("lake-*"):
                shutil.rmtree(made) if made.is_dir() else made.unlink()


def base(given: Base, _: str) -> list[Measure]:
    """Make the base when it is not there."""
    with given.lake():
        return []


def classes(given: Base, _: str) -> list[Measure]:
    """Full RFM in little memory: its cost in bare group-bys, its peak, and that two runs class alike."""
    session = given.session(RFM_MEMORY)
    sums = {_answers(session) for _round in range(2)}
    peak, found = _peak(), []  # before the bare group-by adds its own table
    for name, method in rfm.METHODS.items():
        pairs = []
        for _round in range(ROUNDS):
            floor = _spent(lambda: session.number(rfm.FLOOR))
            pairs.append((floor, _spent(partial(rfm._rfm, session, method))))
        found.append(_ratio(f"full RFM, {name}", pairs, aim=1.3))
    told = "peak of the whole process with Python and its libraries, MALLOC_MMAP_THRESHOLD_=131072"
    return [
        *found,
        Measure("RFM: peak memory", peak, "MB", aim=300, note=f"{told}; DuckDB may use {RFM_MEMORY}"),
        Measure("RFM: different answers in two runs", len(sums) - 1, "", aim=0, note=f"checksum {min(sums)}"),
    ]


def metrics(given: Base, _: str) -> list[Measure]:
    """All metrics together, in bare group-bys."""
    session = given.session()
    session.drop(compute(session, segments.AS_OF))
    pairs = []
    for _round in range(ROUNDS):
        floor = _spent(lambda: session.number(rfm.FLOOR))
        pairs.append((floor, _spent(lambda: session.drop(compute(session, segments.AS_OF)))))
    return [
        _ratio(f"all {len(CATALOGUE)} metrics", pairs, aim=6),
        Measure("all metrics: peak memory", _peak(), "MB", aim=None, note="DuckDB may use 1 GB"),
    ]


def daily(given: Base, _: str) -> list[Measure]:
    """A day with new orders from what the day before kept in the lake, ready for pages; against a full computation."""
    found = []
    for name, keys in (("RFM", list(v1.inputs(METHOD))), (f"all {len(CATALOGUE)} metrics", None)):
        with given.lake() as session:
            found.append(_days_after(session, given, name, keys))
    return found


def _days_after(session: Session, given: Base, name: str, keys: list[str] | None) -> Measure:
    """Several days in turn, each refreshed from the one before and beside it computed as a whole."""
    days = [segments.AS_OF - timedelta(days=back) for back in reversed(range(ROUNDS + 1))]
    refreshed(session, days[0], keys, from_size=1)
    pairs = []
    for number, as_of in enumerate(days[1:]):
        _orders_arrive(session, given, number, as_of)
        taken = _spent(partial(refreshed, session, as_of, keys, from_size=1))
        pairs.append((_spent(partial(_whole, session, as_of, keys)), taken))
    note = f"{NEW_ORDERS:,} new orders, kept in the lake; the full one is kept nowhere"
    return _ratio(f"daily refresh, {name}", pairs, aim=0.5, unit="× full", note=note)


def _whole(session: Session, as_of: date, keys: list[str] | None) -> None:
    session.drop(compute(session, as_of, keys))


def _orders_arrive(session: Session, given: Base, number: int, day: date) -> None:
    first = 2 * 10**9 + number * NEW_ORDERS
    session.cursor.execute(_NEW.format(first=first, new=NEW_ORDERS, day=day, customers=given.customers))


_NEW = """
INSERT INTO lake.main.orders BY NAME
SELECT {first} + range AS id, (hash({first} + range) % {customers})::BIGINT AS customer_id, TIMESTAMP '{day} 10:00:00' AS placed_at,
       DATE '{day}' AS placed_on, 50.00 AS amount, 0 AS discount, '天猫' AS channel FROM range({new})
"""


def live(given: Base, _: str) -> list[Measure]:
    """Segments: live counts, a refresh with its diff, events that become membership beside a bulk job."""
    with given.lake() as session:
        return [*segments.measure(session, rounds=10), *segments.follow(session, rounds=10)]


def spark(given: Base, _: str) -> list[Measure]:
    """The same classes on Spark, local[2], of the whole base."""
    from zhike.engine.spark import Cluster
    from zhike.engine.spark.files import TableFiles

    session = given.session()
    files = {
        name: TableFiles(session.table(name).schema(), (str(file),), file.stat().st_size)
        for name in SHAPES
        if (file := given.folder / f"{name}.parquet").exists()
    }
    ours, here = _answers(session), _spent(partial(_answers, session)).wall
    cluster = Cluster("local[2]", memory="2g", scratch=given.folder / "spill")
    with cluster.session(files) as there:
        began = time.perf_counter()
        theirs = _answers(there)
        took = time.perf_counter() - began
    cluster.close()
    apart = 0 if theirs == ours else 1
    note = f"Spark {took:.1f} s after its start, DuckDB {here:.1f} s in the same run; checksum {theirs}"
    return [
        Measure("RFM on Spark: different answers", apart, "", aim=0, note=note),
        Measure("RFM on Spark", took / here, "× DuckDB", aim=None, note=note),
    ]


def others(given: Base, python: str) -> list[Measure]:
    """pandas and polars on the same files, asked for the same classes."""
    if not python:
        return [Measure("pandas, polars: left out, they cannot be installed here", 0, "", aim=None)]
    session = given.session()
    floor = statistics.median(_spent(lambda: session.number(rfm.FLOOR)).cpu for _round in range(2))
    script = Path(__file__).with_name("peers_frames.py")
    found = []
    for name in ("polars", "pandas"):
        done = subprocess.run(
            [python, str(script), name, str(given.folder)], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            found.append(Measure(f"{name}: failed", 0, "", aim=None))
            continue
        told = json.loads(done.stdout)
        note = f"{told['cpu']:.1f} CPU s, {told['wall']:.1f} s, peak {told['peak']:,.0f} MB"
        found.append(Measure(f"RFM in {name}", told["cpu"] / floor, "× bare group-by", aim=None, note=note))
    return found


def clv(given: Base, python: str) -> list[Measure]:
    """The fit of BG/NBD on a million simulated customers, lifetimes beside it."""
    from bench import value

    folder = given.folder / "clv"
    folder.mkdir(exist_ok=True)
    measured = value._value(folder)
    return measured + (value._beside(measured, value._asked(folder, python)) if python else [])


PARTS: dict[str, Callable[[Base, str], list[Measure]]] = {
    part.__name__: part for part in (base, classes, metrics, daily, live, spark, others, clv)
}


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds, which a busy machine leaves as they are, and seconds on the wall."""

    cpu: float
    wall: float


def _spent(work: Callable[[], object]) -> Spent:
    began, wall = _cpu(), time.perf_counter()
    work()
    return Spent(_cpu() - began, time.perf_counter() - wall)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ratio(
    what: str, pairs: list[tuple[Spent, Spent]], *, aim: float, unit: str = "× bare group-by", note: str = ""
) -> Measure:
    """The median of the rounds' ratios, in processor seconds; the wall's in the note."""
    cpu = statistics.median(taken.cpu / floor.cpu for floor, taken in pairs)
    wall = statistics.median(taken.wall / floor.wall for floor, taken in pairs)
    floor, taken = (statistics.median(side) for side in zip(*((a.cpu, b.cpu) for a, b in pairs), strict=True))
    said = f"{taken:.2f} against {floor:.2f} CPU s; by the clock {wall:.2f} ×"
    return Measure(what, cpu, unit, aim=aim, note="; ".join(filter(None, (said, note))))


def _answers(session: Session) -> str:
    """A checksum of every customer's scores and class, computed anew."""
    table = compute(session, segments.AS_OF, v1.inputs(METHOD))
    classified = session.keep(v1.classify(table, METHOD, v1.cuts(session, table, METHOD)), "classified")
    told = _checksum(session, session.sql(classified))
    for kept in (table, classified):
        session.drop(kept)
    return told


def _checksum(session: Session, relation: str) -> str:
    """A sum over all rows that both engines reckon alike: any other class or score of any customer changes it."""
    code = "(customer_id % 1000003) * (100 * r + 10 * f + m + 1)"
    row = session.one(
        f"SELECT count(*), sum({code}), sum(length(rfm_class) * (customer_id % 997)) FROM ({relation}) AS c"
    )
    return "/".join(str(int(one)) for one in row or ())
