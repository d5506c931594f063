"""A Spark that was interrupted is let go of without a word."""

from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import CliRunner

from zhike.cli import here as cli
from zhike.cli import main
from zhike.cli import spark as commands
from zhike.engine.spark import Cluster, SparkSession


class Dead:
    """A gateway whose other end is gone."""

    def __getattr__(self, name: str) -> Any:
        raise ConnectionRefusedError(name)


def test_a_dead_gateway_is_let_go_of() -> None:
    session = SparkSession(Dead(), {})
    session._kept["some"] = Dead()
    session.forget()
    assert not session._kept
    cluster = Cluster()
    cluster._spark = Dead()
    cluster.close()
    assert cluster._spark is None


@pytest.mark.parametrize(("stop", "code"), [(SystemExit(143), 143), (KeyboardInterrupt(), 130)])
def test_an_interrupted_check_ends_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, stop: BaseException, code: int
) -> None:
    def stopped(*_: object) -> None:
        raise stop

    monkeypatch.setattr(cli, "django", lambda here: nullcontext())
    monkeypatch.setattr(commands, "_compared", stopped)
    done = CliRunner().invoke(main, ["spark", "check", "--as-of", "2026-01-01"])
    assert done.exit_code == code
    assert done.output.strip() == "已中断,没有结果。"


def test_every_step_is_told_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    for step in commands._STEPS:
        commands._tell(step)
    told = capsys.readouterr()
    assert not told.out and len(told.err.splitlines()) == 5
