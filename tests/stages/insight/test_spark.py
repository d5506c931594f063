"""Scores computed on Spark are those computed here, and `zhike spark` says so."""

import json
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from click.testing import CliRunner
from tests.shop import TODAY, brings_back, buys, customer

from zhike.cli import here as cli
from zhike.cli import main
from zhike.engine.spark import SparkUnreachable
from zhike.insight import actions
from zhike.insight.models import Run, Score
from zhike.kernel import lake
from zhike.kernel import spark as kernel_spark

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    kernel_spark.close()


@pytest.fixture
def traded() -> None:
    regular, once, _never = customer(), customer(), customer()
    orders = buys(regular, 3, 10, 20, 40, 60, 90, amount="19.99")
    brings_back(orders[0], "5.01")
    buys(once, 300, amount="900")
    lake.sync()


def test_scores_from_spark_differ_in_nothing(traded: None) -> None:
    here = actions.refresh(as_of=TODAY)
    scores = list(Score.objects.order_by("customer").values())
    Score.objects.all().delete()
    Run.objects.all().delete()
    there = actions.refresh(as_of=TODAY, on_spark="local[2]")
    assert list(Score.objects.order_by("customer").values()) == scores
    assert (there.customers, there.counts) == (here.customers, here.counts)


def test_check_says_that_both_engines_agree(traded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "django", lambda here: nullcontext())
    done = CliRunner().invoke(main, ["spark", "check", "--json", "--as-of", TODAY.isoformat()])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert {name: one["rows"] for name, one in found.items()} == {"metrics": 3, "rfm": 3, "cohorts": 2}
    assert not any(one["differing"] for one in found.values())


def test_a_missing_spark_is_explained_and_nothing_is_written(
    traded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JAVA_HOME", "")
    with pytest.raises(SparkUnreachable, match="Java 17"):
        actions.refresh(as_of=TODAY, on_spark="local[1]")
    assert not Score.objects.exists()
