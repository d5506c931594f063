"""The product as it is installed: imports, the daily loop, the list page and the memory of an idle installation."""

import html
import http.client
import json
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from bench import inside
from bench.generator import GIVEN, SEED, SURNAMES, Files
from bench.measures import Measure

LAST_DAY, NEXT_DAY = "2017-12-31", "2018-01-01"
VISITS = 200
QUIET_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Running:
    """A started installation."""

    home: Path
    port: int
    pid: int

    def zhike(self, *arguments: str | Path) -> tuple[dict[str, Any], float]:
        """Run a command on this home: its JSON answer and its wall seconds, start of Python included."""
        started = time.perf_counter()
        done = subprocess.run(
            [*_command(), *map(str, arguments), "--home", str(self.home), "--json"],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return json.loads(done.stdout.strip().splitlines()[-1]), time.perf_counter() - started


@contextmanager
def installed(home: Path) -> Iterator[Running]:
    """`zhike up` on a free port until the block ends."""
    port = _free_port()
    log = (home.parent / "up.log").open("w")
    up = subprocess.Popen(
        [*_command(), "up", "--port", str(port), "--home", str(home), "--json"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert up.stdout is not None
    try:
        if not any('"ready"' in line for line in up.stdout):
            raise RuntimeError(f"zhike up did not start; see {log.name}")
        yield Running(home, port, up.pid)
    finally:
        up.terminate()
        up.wait(60)
        log.close()


def idle_memory(running: Running, when: str) -> Measure:
    """Proportional memory of every process of the installation, PostgreSQL and its shared buffers included."""
    time.sleep(QUIET_SECONDS)
    root = psutil.Process(running.pid)
    everyone = {
        process.pid: process for process in (root, *root.children(recursive=True), *_database(running.home))
    }
    total = sum(process.memory_full_info().pss for process in everyone.values()) / 2**20
    said = f"{len(everyone)} processes, PSS, {when}"
    return Measure("memory of the idle install", total, "MB", aim=600, note=said)


def imports(running: Running, files: Files) -> list[Measure]:
    """Both files through `zhike import`, into an empty base."""
    found = []
    for kind, file, aim in (("customers", files.customers, 15_000.0), ("orders", files.orders, None)):
        receipt, wall = running.zhike("import", file, "--kind", kind)
        seconds = inside.ask(running.home, "last_job_seconds")
        if receipt["accepted"] != receipt["read"]:
            raise RuntimeError(f"not every row of {file.name} was accepted: {receipt}")
        said = f"{receipt['read']:,} rows in {seconds:.1f} s, all accepted; the whole command {wall:.1f} s"
        found.append(
            Measure(
                f"import of {kind}",
                receipt["read"] / seconds,
                "rows/s",
                aim=aim,
                note=said,
                more_is_better=True,
            )
        )
    return found


def loops(running: Running) -> list[Measure]:
    """The daily loop: the first time, with everything new, and the day after."""
    found = []
    for day, said in ((LAST_DAY, "first day, every customer is new"), (NEXT_DAY, "the day after")):
        done = inside.ask(running.home, "daily_loop", day)
        note = f"{said}; {done['customers']:,} customers; with {done['tasks']:,} tasks and effect {done['all']:.1f} s"
        found.append(
            Measure("daily loop: sync, RFM, tiers, write-back", done["judged"], "s", aim=10, note=note)
        )
    return found


def list_page(running: Running) -> list[Measure]:
    """The customer list as a signed-in operations manager uses it: pages, searches, filters."""
    visitor = _Visitor(running.port, inside.ask(running.home, "cookie"))
    for _ in range(10):  # the first requests fill caches
        visitor.go()
    visits = [visitor.go() for _ in range(VISITS)]
    visitor.connection.close()
    ranked = sorted(seconds * 1000 for seconds, _ in visits)
    said = f"{VISITS} visits: first page, next pages, searches, filters; median {statistics.median(ranked):.0f} ms"
    return [
        Measure("customer list, p95", ranked[int(VISITS * 0.95) - 1], "ms", aim=150, note=said),
        Measure("customer list, largest answer", max(size for _, size in visits) / 1000, "kB", aim=100),
    ]


class _Visitor:
    """One browser: keeps its connection, follows the link to the next page."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie
        self.next_page = "/customers/"
        self.number = 0
        self.chooser = random.Random(SEED)

    def go(self) -> tuple[float, int]:
        """One visit: seconds until the last byte, and the bytes."""
        address = self._address()
        started = time.perf_counter()
        self.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        taken = time.perf_counter() - started
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")
        link = re.search(rb'href="(\?[^"]*after=[^"]*)"', body)
        if link and "q=" not in address and "tier=" not in address:
            self.next_page = "/customers/" + html.unescape(link.group(1).decode())
        return taken, len(body)

    def _address(self) -> str:
        self.number += 1
        name = quote(self.chooser.choice(SURNAMES) + self.chooser.choice(GIVEN))
        options = (
            "/customers/",
            self.next_page,
            f"/customers/?q={name}",
            f"/customers/?q={self.chooser.choice(('wang', 'lw', 'zhangwei', 'cjj', 'liu'))}",
            f"/customers/?tier={self.chooser.choice(('strategic', 'core', 'potential', 'ordinary', 'risk'))}",
            "/customers/?sort=name",
        )
        return options[self.number % len(options)]


def _database(home: Path) -> Iterator[psutil.Process]:
    """The embedded PostgreSQL of a home, whoever started it."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(home) in " ".join(process.info["cmdline"] or ()):
            yield process
            yield from process.children(recursive=True)


def _command() -> list[str]:
    return [sys.executable, "-m", "zhike.cli"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
