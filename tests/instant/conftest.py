"""Making reports in tests: the same way as the command, without a process of its own."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zhike.instant import making
from zhike.instant.report import Report

TODAY = date(2026, 1, 15)
Make = Callable[..., Report]


def silent(done: int, total: int, step: object = None) -> None:
    """Tell nobody."""


@pytest.fixture
def make() -> Make:
    """A report on a file."""

    def made(path: Path, **more: Any) -> Report:
        wanted = making.Wanted(
            path=path, mapping=more.pop("mapping", {}), lang=more.pop("lang", "zh"), today=TODAY, **more
        )
        return making.make(wanted, silent)

    return made
