"""Cross findings on Spark against the plain Python that DuckDB is held to, and the customers they are made from."""

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.engine.conftest import fill
from tests.engine.oracle import Row, World, all_metrics, preferred
from tests.engine.sparks import beside, exported, gathered, in_file
from tests.engine.test_cross import LOOSE, agree, bases, by_key, poured, shop
from tests.engine.test_cross_base import band_of, word
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.cross import v1
from zhike.engine.cross.base import METRICS, base
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.spark import Cluster

CROSSED = ("tier", "channel", "category", "metric.spend_12m", "metric.interactions_90d")


def test_findings_agree_with_plain_python(session: Session, cluster: Cluster, tmp_path: Path) -> None:
    planted = ["tier", "channel", "noise0", "noise1"]
    cases = [(shop(300), by_key(planted)), *gathered(bases(), 8)]
    files = {}
    for number, (rows, dimensions) in enumerate(cases):
        frame = poured(session, rows, [one.key for one in dimensions])
        files[f"frame{number}"] = in_file(session, frame, tmp_path / f"{number}.parquet")
    with cluster.session(files) as spark:
        found = [
            v1.find(spark, spark.table(f"frame{number}"), dimensions, LOOSE)
            for number, (_rows, dimensions) in enumerate(cases)
        ]
    for said, (rows, dimensions) in zip(found, cases, strict=True):
        agree(said, rows, dimensions)
    assert v1.Value("tier", "core") in {one.group for one in found[0].told}


def test_what_is_crossed_and_what_it_tells_agree_with_plain_python(
    session: Session, cluster: Cluster, tmp_path: Path
) -> None:
    world = beside(gathered(worlds(), 30))
    for number, line in enumerate(world.order_lines):
        line["amount"] = Decimal(number % 3)  # many are equal
    pour(session, world)
    tiers = placed(session, world)
    expected = crossed_by_hand(world, tiers)
    with cluster.session(exported(session, tmp_path)) as spark:
        made = base(spark, AS_OF, spark.keep(compute(spark, AS_OF, METRICS)))
        found = {row["customer_id"]: row for row in spark.rows(made.frame)}
        dimensions = [one for one in made.dimensions if one.key in CROSSED]
        told = v1.find(spark, made.frame, dimensions, LOOSE)
    assert found == expected
    assert [one.key for one in dimensions] == [key for key in made.frame.columns if key in CROSSED]
    agree(told, list(expected.values()), dimensions)
    assert told.tests > 20


def placed(session: Session, world: World) -> dict[int, str]:
    """Two of three customers in a tier, all of them out of another one since the reporting day."""
    seed = random.Random(len(world.orders))
    rows: list[Row] = []
    for one in world.customers:
        row = {"customer_id": one["id"], "since": AS_OF - timedelta(days=one["id"] % 3)}
        rows.append(row | {"id": len(rows), "tier": "left", "until": AS_OF})
        if tier := seed.choice(["core", "risk", ""]):
            rows.append(row | {"id": len(rows), "tier": tier})
    fill(session, "placements", rows)
    return {row["customer_id"]: row["tier"] for row in rows if "until" not in row}


def crossed_by_hand(world: World, tiers: dict[int, str]) -> dict[int, Row]:
    """One row per customer: tier, what they did most, and high or low in each metric that can tell."""
    metrics = all_metrics(world, AS_OF)
    most = {
        "channel": preferred(world.orders, "channel", AS_OF, by_amount=False),
        "store": preferred(world.orders, "store", AS_OF, by_amount=False),
        "category": preferred(world.order_lines, "category", AS_OF, by_amount=True),
        "tier": tiers,
    }
    found = {
        who: {"customer_id": who, "payment": None} | {key: held.get(who) for key, held in most.items()}
        for who in metrics
    }
    for key in METRICS:
        values = {who: None if row[key] is None else Decimal(row[key]) for who, row in metrics.items()}
        band = band_of([value for value in values.values() if value is not None])
        if band.told():
            for who, value in values.items():
                found[who][f"metric.{key}"] = word(value, band)
    return found
