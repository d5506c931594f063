"""Start child processes that die with their parent, and file locks that die with their holder."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(sig: signal.Signals, of: int | None = None) -> Callable[[], None]:
    """A pre-exec function: the child gets `sig` when the parent is gone, even by kill -9."""
    parent = of or os.getpid()

    def arm() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and here
            os.kill(os.getpid(), sig)

    return arm


def die_with_parent(sig: signal.Signals) -> None:
    """Ask the same for this very process."""
    dies_with_parent(sig, of=os.getppid())()


def start(
    command: Sequence[str | os.PathLike[str]],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    cwd: Path | None = None,
    on_parent_death: signal.Signals | None = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor."""
    with open(log, "ab") if log else open(os.devnull, "ab") as output:
        return subprocess.Popen(
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=dies_with_parent(on_parent_death) if on_parent_death else None,  # noqa: PLW1509
        )


class Taken(Exception):
    """Somebody else holds the lock; `holder` is what they wrote into it."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[IO[str]]:
    """Hold a file lock while inside; the kernel drops it when the process ends, however it ends."""
    handle = open(path, "a+")  # noqa: SIM115 — closed below, after the lock's last use
    try:
        take(handle, shared=shared, wait=wait)
        yield handle
    finally:
        handle.close()


def take(handle: IO[str], *, shared: bool, wait: bool) -> None:
    """Take or convert a lock on an open file, or raise `Taken`."""
    mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(handle, mode)
    except BlockingIOError:
        handle.seek(0)
        raise Taken(handle.read().strip()) from None


def sign(handle: IO[str]) -> None:
    """Write this process's id into a lock file it holds."""
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
