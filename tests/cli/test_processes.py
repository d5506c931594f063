"""Locks that die with their holder, and the supervisor's way of restarting what dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import alive, eventually
from zhike.cli import processes
from zhike.cli.supervisor import Child


def test_a_lock_names_its_holder(tmp_path: Path) -> None:
    with processes.locked(tmp_path / "lock", wait=False) as handle:
        processes.sign(handle)
        with (
            pytest.raises(processes.Taken, match=str(os.getpid())),
            processes.locked(tmp_path / "lock", wait=False),
        ):
            pass
    with processes.locked(tmp_path / "lock", wait=False):
        pass


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from zhike.cli import processes\n"
        f"with processes.locked(Path({str(tmp_path / 'lock')!r})) as h:\n"
        "    processes.sign(h); print('held', flush=True); time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    child.stdout.readline()
    child.kill()
    child.communicate()
    with processes.locked(tmp_path / "lock", wait=False):
        pass


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import time; from zhike.cli import processes\n"
        "print(processes.start(['sleep', '60']).pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    grandchild = int(parent.stdout.readline())
    assert alive(grandchild)
    parent.kill()
    parent.communicate()
    eventually(lambda: not alive(grandchild))


def test_a_crashing_child_is_started_later_and_later(tmp_path: Path) -> None:
    child = Child("web", ["false"], tmp_path / "web.log")
    pauses = []
    for _ in range(3):
        child.due = 0
        child.tend()
        eventually(lambda: child.pid is None)
        assert child.tend()
        pauses.append(child.due - time.monotonic())
    assert pauses == sorted(pauses)
    assert pauses[2] > pauses[0] * 3


def test_a_child_that_lived_long_starts_at_once(tmp_path: Path) -> None:
    child = Child("web", ["sleep", "60"], tmp_path / "web.log", failures=9)
    child.tend()
    assert child.pid
    child.started -= 3600
    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: child.pid is None)
    child.tend()
    assert child.due - time.monotonic() < 1


def test_a_stubborn_child_is_killed(tmp_path: Path) -> None:
    child = Child("web", ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], tmp_path / "web.log")
    child.tend()
    pid = child.pid
    assert pid
    time.sleep(0.3)
    child.ask_to_stop()
    child.make_stop(0.5)
    assert not alive(pid)
