"""Keeps PostgreSQL, web and worker running: restarts what dies, stops everything in order."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from zhike.cli import postgres, processes

PULSE: Final = 0.2
READY_WITHIN: Final = 45.0
LONGEST_PAUSE: Final = 30.0
HEALTHY_AFTER: Final = 60.0  # seconds of life after which a crash counts as the first again
PATIENCE: Final = {"web": 10.0, "worker": 20.0}  # seconds to finish what is in hand


@dataclass(slots=True)
class Child:
    """One process of ours: when it dies it is started again, later and later if it keeps dying."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def start(self) -> None:
        """Start it now."""
        # Two arenas instead of eight per core: threads share memory they would otherwise keep apart.
        self.process = processes.start(
            self.command, log=self.log, env={"MALLOC_ARENA_MAX": "2", **os.environ}
        )
        self.started = time.monotonic()

    def tend(self) -> str | None:
        """Start it again if it died and its pause is over; returns what happened, for the log."""
        if self.pid is not None:
            return None
        now = time.monotonic()
        if self.process is not None:
            self.failures = 1 if now - self.started > HEALTHY_AFTER else self.failures + 1
            code, self.process = self.process.returncode, None
            pause = min(LONGEST_PAUSE, 0.5 * 2 ** (self.failures - 1))
            self.due = now + pause
            return f"{self.name} ended ({code}), starting again in {pause:.1f} s; see {self.log}"
        if now >= self.due:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        """Ask politely."""
        if self.pid is not None and self.process is not None:
            self.process.terminate()

    def make_stop(self, seconds: float) -> None:
        """Wait for the end, then insist."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@dataclass(slots=True)
class Supervisor:
    """All processes of one home."""

    home: Path
    server: postgres.Server | None  # None: PostgreSQL is somebody else's
    address: tuple[str, int]
    tell: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    postmaster: subprocess.Popen[bytes] | None = None
    stopping: bool = False
    reloading: bool = False

    def run(self, on_ready: Callable[[dict[str, int | None]], None]) -> None:
        """Serve until asked to stop; `on_ready` is called once, when the first page answers."""
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        self.children = [self._child("web"), self._child("worker")]
        ready, overdue = False, time.monotonic() + READY_WITHIN
        try:
            while not self.stopping:
                self._tend()
                if not ready and answers(self.address) and self.children[1].pid:
                    ready = True
                    on_ready(self.pids())
                elif not ready and time.monotonic() > overdue:
                    overdue = float("inf")
                    self.tell(f"Pages do not answer yet; the reason may stand in {self.children[0].log}")
                time.sleep(PULSE)
        finally:
            self._stop_children()

    def pids(self) -> dict[str, int | None]:
        """Who runs, by name."""
        found = {child.name: child.pid for child in self.children}
        return {"supervisor": os.getpid(), "postgres": self.server.pid if self.server else None, **found}

    def _child(self, name: str) -> Child:
        command = [sys.executable, "-m", "zhike.cli", name, "--home", str(self.home)]
        return Child(name, command, self.home / "logs" / f"{name}.log")

    def _stop(self, sig: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _reload(self, sig: int, frame: FrameType | None) -> None:
        self.reloading = True

    def _tend(self) -> None:
        if self.reloading:
            self.reloading = False
            self.tell("Starting web and worker anew")
            self._stop_children()
        if self.server is not None and self.server.pid is None:
            self._revive_postgres(self.server)
        for child in self.children:
            news = child.tend()
            if news:
                self.tell(news)

    def _revive_postgres(self, server: postgres.Server) -> None:
        """PostgreSQL died: start it, then the others anew, because their sessions went with it."""
        self.tell("PostgreSQL ended, starting again")
        if self.postmaster is not None:
            self.postmaster.wait()
        self.postmaster = postgres.start(server, bound=True)
        self._stop_children()

    def _stop_children(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.make_stop(PATIENCE[child.name])


def answers(address: tuple[str, int]) -> bool:
    """Whether the product is served there and says it is well."""
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return connection.getresponse().status < 500  # 400: a host name that only the proxy knows
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
