"""A Spark that is not in this process, a standalone cluster, answers as DuckDB does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.engine import far
from tests.engine.sparks import beside, exported, gathered
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine.lake import Session


@pytest.mark.parametrize("server", [far.standalone])
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
