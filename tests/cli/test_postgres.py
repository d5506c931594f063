"""The embedded server: starts anywhere, is shared, survives kills, stops with its last user."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import QUICK, clean_environment, eventually
from zhike.cli import postgres


def ask(server: postgres.Server, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def test_it_starts_and_stops(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as server:
        assert ask(server, "SELECT current_setting('server_encoding')") == "UTF8"
        assert (
            int(str(ask(server, "SELECT current_setting('server_version_num')"))) // 10000 == postgres.MAJOR
        )
        pid = server.pid
    assert pid
    assert server.pid is None


def test_it_listens_on_a_private_socket_only(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as server:
        assert ask(server, "SELECT current_setting('listen_addresses')") == ""
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


def test_data_stay(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE note AS SELECT '知客' AS word")
    with postgres.running(home, settings=QUICK) as server:
        assert ask(server, "SELECT word FROM note") == "知客"


def test_it_is_shared_and_stops_with_the_last_user(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as first:
        pid = first.pid
        with postgres.running(home, settings=QUICK) as second:
            assert second.pid == pid
        assert first.pid == pid
    assert first.pid is None


def test_it_comes_back_after_kill(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as server:
        pid = server.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: server.pid is None)
        assert (server.data / "postmaster.pid").exists()
        postgres.start(server)
        assert server.pid not in {None, pid}
        assert ask(server, "SELECT 1") == 1


def test_a_stale_pid_of_somebody_else_does_not_stop_it(home: Path) -> None:
    with postgres.running(home, settings=QUICK) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.pid is None
    with postgres.running(home, settings=QUICK) as again:
        assert ask(again, "SELECT 1") == 1


def test_an_interrupted_first_start_is_repeated(home: Path) -> None:
    (home / "postgres/base").mkdir(parents=True)
    with postgres.running(home, settings=QUICK) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_long_path_still_gets_a_socket(tmp_path: Path) -> None:
    home = tmp_path / ("很长的目录名" * 6) / "home"
    with postgres.running(home, settings=QUICK) as server:
        assert not server.socket_dir.is_relative_to(home)
        assert ask(server, "SELECT 1") == 1


def test_a_bound_server_dies_with_its_parent(home: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from zhike.cli import postgres\n"
        f"with postgres.running(Path({str(home)!r}), bound=True, settings=postgres.FLEETING) as s:\n"
        "    print(s.pid, flush=True); time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], env=clean_environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert int(child.stdout.readline())
    child.kill()
    child.communicate()
    eventually(lambda: postgres.Server(home.resolve()).pid is None)


def test_errors_are_told(home: Path) -> None:
    with pytest.raises(postgres.PostgresTrouble, match="no_such_setting"):
        postgres.start(postgres.Server(home.resolve(), {"no_such_setting": "1"}), patience=3)
