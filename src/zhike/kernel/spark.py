"""The installation's Spark: which one the settings name, one per process, and sessions over the lake's files."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from django.conf import settings

from zhike.engine.lake import Session
from zhike.engine.spark import Cluster, Exchange, SparkSession, plain_files
from zhike.kernel import lake

HERE = "local[2]"


def chosen() -> str:
    """The Spark that the settings name; empty when DuckDB computes everything."""
    master: str = settings.CONFIG.spark
    return master


@contextmanager
def session(opened: Session, master: str = "") -> Iterator[tuple[SparkSession, Exchange]]:
    """A session on Spark over what the lake holds now, and the folder through which results come back."""
    folder, there = lake.folder(), settings.CONFIG.spark_path
    files = plain_files(opened, here=str(folder), seen_from=there)
    exchange = Exchange(folder / "exchange", f"{there.rstrip('/')}/exchange" if there else "")
    with _cluster(master or chosen() or HERE).session(files) as spark:
        yield spark, exchange


def close() -> None:
    """Stop Spark (at exit, and between tests)."""
    for cluster in _started:
        cluster.close()
    _started.clear()
    _cluster.cache_clear()


_started: list[Cluster] = []


@lru_cache(maxsize=2)
def _cluster(master: str) -> Cluster:
    config = settings.CONFIG
    made = Cluster(master, memory=config.spark_memory, scratch=config.home / "lake" / ".spark")
    _started.append(made)
    return made
