"""One measured figure with its aim, and the table of all of them."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: lower than `aim` is good, or higher when `more_is_better`."""

    what: str
    value: float
    unit: str
    aim: float | None
    note: str = ""
    more_is_better: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the aim was reached; None without an aim."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.more_is_better else self.value <= self.aim

    @property
    def ratio(self) -> float | None:
        """How many times better than the aim (above 1 is better than asked)."""
        if self.aim is None or not self.value or not self.aim:
            return None
        return self.value / self.aim if self.more_is_better else self.aim / self.value


def machine() -> str:
    """The machine in one line."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _cpu() if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load before {load:.1f}"
    )


def _cpu() -> list[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text().splitlines() if info.exists() else []


def table(measures: Iterable[Measure]) -> str:
    """The measures as a Markdown table, ready for docs/guide/benchmarks.md."""
    lines = ["| what | measured | aim | times better | how |", "|---|---:|---:|---:|---|"]
    return "\n".join([*lines, *(_line(one) for one in measures)])


def _line(one: Measure) -> str:
    sign = "≥" if one.more_is_better else "≤"
    aim = "" if one.aim is None else f"{sign} {_figure(one.aim)} {one.unit}"
    ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
    return f"| {one.what} | {_figure(one.value)} {one.unit} | {aim} | {ratio} | {one.note} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
