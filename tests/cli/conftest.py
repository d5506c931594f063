"""What the tests of the command line share: homes of their own, and a way to run `zhike` as a person would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zhike.cli import postgres

QUICK = postgres.FLEETING


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home; whatever runs in it afterwards is stopped."""
    made = tmp_path / "home"
    yield made
    postgres.stop(postgres.Server(made.resolve()))


def clean_environment() -> dict[str, str]:
    """The environment of a person: nothing that the test run has set."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))
    }


@pytest.fixture
def zhike(home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one command on the home and wait for its end."""

    def run(*arguments: str, at: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zhike.cli", *arguments, "--home", at or str(home)]
        return subprocess.run(
            command,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def last_json(output: str) -> dict[str, Any]:
    """The JSON object on the last line."""
    found: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def eventually(question: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
    return answer


class Served:
    """A running `zhike up`."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        command = [
            sys.executable,
            "-m",
            "zhike.cli",
            "up",
            "--json",
            "--home",
            str(home),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        self.ready = json.loads(line)
        assert "pids" in self.ready, (self.ready, self.process.communicate()[1])
        self.pids: dict[str, int] = self.ready["pids"]

    def stop(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def up(home: Path) -> Iterator[Callable[[], Served]]:
    """Start `zhike up` on the home; stopped after the test."""
    started: list[Served] = []

    def start() -> Served:
        started.append(Served(home))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()
