"""A Spark that is not in this process, a standalone cluster or a server of Spark Connect, answers as DuckDB does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.engine import far
from tests.engine.sparks import beside, exported, gathered
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.lake import Session
from zhike.engine.spark import Cluster, SparkUnreachable


@pytest.mark.parametrize("server", [far.standalone, far.connect_server])
def test_it_agrees_with_duckdb(
    session: Session, tmp_path: Path, server: Callable[[Path], AbstractContextManager[str]]
) -> None:
    world = beside(gathered(worlds(), 30))
    for row in world.returns:
        row["returned_on"] = (
            AS_OF  # files are skipped by the days they hold: one that holds a single day is the first to go
        )
    pour(session, world)
    exported(session, tmp_path)
    with server(tmp_path) as master:
        seen = far.asked(master, tmp_path)
    for what in ("metrics", "rfm", "cohorts"):
        assert seen[what]["differing"] == {}
        assert seen[what]["rows"] > 5
    assert (seen["zone"], seen["ids"]) == ("UTC", [3, 5])
    if master.startswith("spark://"):
        assert "Registered app zhike" in (tmp_path / "Master.log").read_text()
        assert list((tmp_path / "work").glob("app-*"))  # the worker ran it


@pytest.mark.parametrize(
    "master", ["spark://127.0.0.1:{port}", "sc://127.0.0.1:{port}/;token=secret", "spark://127.0.0.1:first"]
)
def test_where_nobody_answers_is_told_at_once(master: str) -> None:
    cluster = Cluster(master.format(port=far.free_port()))
    with pytest.raises(SparkUnreachable, match="无应答") as refused, cluster.session({}):
        pass
    assert "secret" not in str(refused.value)
