"""An import that is killed again and again, with the worker, the pages and the database, ends whole and once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Served, clean_environment, eventually
from zhike.cli import postgres

pytestmark = pytest.mark.slow
ROWS = 100_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Many customers, each once."""
    made = tmp_path / "many.csv"
    with made.open("w", encoding="utf-8") as out:
        out.write("客户编号,姓名,手机\n")
        out.writelines(f"K{number:06},王{number % 97},139{number:08}\n" for number in range(ROWS))
    return made


def ask(home: Path, query: str) -> tuple[object, ...] | None:
    """One row, or None while the database is away."""
    try:
        with psycopg.connect(postgres.Server(home.resolve()).url, connect_timeout=2) as connection:
            return connection.execute(query).fetchone()
    except psycopg.Error:
        return None


def begun(home: Path, more_than: int) -> bool:
    row = ask(home, "SELECT count(*) FROM customers_customer")
    return bool(row and int(str(row[0])) > more_than)


def state(home: Path) -> str:
    row = ask(home, "SELECT state FROM kernel_job WHERE name = 'loop.collect'")
    return str(row[0]) if row else ""


def kill(pid: int | None) -> None:
    if pid:
        os.kill(pid, signal.SIGKILL)


def test_a_killed_import_ends_whole(up: Callable[[], Served], home: Path, file: Path) -> None:
    served = up()
    command = [
        sys.executable,
        "-m",
        "zhike.cli",
        "import",
        str(file),
        "--kind",
        "customers",
        "--home",
        str(home),
    ]
    importing = subprocess.Popen(
        command, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    eventually(lambda: begun(home, 0) or importing.poll() is not None, 120)
    importing.kill()
    importing.communicate()

    for name in ("web", "worker"):
        kill(served.pids[name])
    kill(postgres.Server(home.resolve()).pid)

    eventually(lambda: state(home) == "done", 480)
    assert ask(home, "SELECT count(*), count(DISTINCT code) FROM customers_customer") == (ROWS, ROWS)
    assert ask(home, "SELECT read, accepted, held, refused FROM intake_batch") == (ROWS, ROWS, 0, 0)
    assert ask(home, "SELECT count(*), count(DISTINCT customer_id) FROM customers_contactpoint") == (
        ROWS,
        ROWS,
    )
    assert served.stop() == 0
