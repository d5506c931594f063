"""`zhike up`: one command serves a home, survives kills, leaves nothing behind."""

import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.conftest import Served, alive, eventually, last_json
from zhike.cli import postgres

pytestmark = pytest.mark.slow


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def well(served: Served) -> bool:
    return status(f"http://127.0.0.1:{served.port}/health/") == 200


def family(pid: int) -> set[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return {pid}.union(*(family(child) for child in found))


def test_it_serves_and_stops_cleanly(
    up: Callable[[], Served], zhike: Callable[..., CompletedProcess[str]]
) -> None:
    served = up()
    assert well(served)
    assert status(served.ready["setup"]) == 200
    everybody = family(served.process.pid)
    assert len(everybody) >= 4

    second = zhike("up", "--json")
    assert second.returncode == 1
    assert str(served.process.pid) in last_json(second.stdout)["error"]["reason"]["en"]

    invited = zhike("user", "invite", "new@example.com", "--json")
    assert last_json(invited.stdout)["link"].startswith(f"http://127.0.0.1:{served.port}/accounts/join/")

    listed = zhike("user", "list", "--json")
    assert last_json(listed.stdout) == {"users": []}
    assert well(served)

    assert served.stop() == 0
    assert not [pid for pid in everybody if alive(pid)]
    later = zhike("user", "invite", "later@example.com", "--json")
    assert last_json(later.stdout)["link"].startswith("http://127.0.0.1:8765/")


def test_a_new_key_is_read_by_everybody(
    up: Callable[[], Served], zhike: Callable[..., CompletedProcess[str]]
) -> None:
    served = up()
    rotated = last_json(zhike("keys", "rotate", "--json").stdout)
    assert rotated == {"current": "k2", "reloaded": True, "resealed": {}}
    eventually(lambda: not alive(served.pids["web"]) and not alive(served.pids["worker"]), 60)
    eventually(lambda: well(served), 60)
    assert served.stop() == 0


def test_it_recovers_from_kills_of_its_parts(up: Callable[[], Served]) -> None:
    served = up()
    for name in ("web", "worker"):
        os.kill(served.pids[name], signal.SIGKILL)
    eventually(lambda: not alive(served.pids["web"]) and not alive(served.pids["worker"]))
    eventually(lambda: well(served), 60)

    server = postgres.Server(served.home.resolve())
    os.kill(served.pids["postgres"], signal.SIGKILL)
    eventually(lambda: server.pid not in {None, served.pids["postgres"]}, 60)
    eventually(lambda: well(served), 60)
    assert served.stop() == 0
    assert server.pid is None


def test_a_killed_supervisor_leaves_nothing_and_can_start_again(up: Callable[[], Served]) -> None:
    first = up()
    everybody = family(first.process.pid)
    first.process.kill()
    first.process.communicate()
    eventually(lambda: not [pid for pid in everybody if alive(pid)], 60)

    again = up()
    assert well(again)
    assert again.ready["setup"] != first.ready["setup"]
    assert status(first.ready["setup"]) != 200
    again.process.send_signal(signal.SIGTERM)
    again.process.communicate(timeout=60)
    assert again.process.returncode == 0


@pytest.mark.parametrize("name", ["up", "web"])
def test_a_taken_port_is_told(name: str, zhike: Callable[..., CompletedProcess[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        refused = zhike(name, "--port", str(port), "--json")
    assert refused.returncode == 1
    error = last_json(refused.stdout)["error"]
    assert str(port) in error["reason"]["zh"] and "--port" in error["remedy"]["en"]
