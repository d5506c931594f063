"""The worker's crew: counts what it has in hand, and begins afresh only when idle and grown."""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from zhike.cli import working

T = TypeVar("T")


def finished(coroutine: Coroutine[None, None, T]) -> T:
    """Its result, from a thread of its own: Playwright may have left a running loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def rested(crew: working.Crew) -> bool:
    """Whether a crew that rests now stops its lane."""
    lane = asyncio.create_task(asyncio.sleep(60))
    crew.lanes.append(lane)
    crew.rest()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stopped = lane.cancelled()
    lane.cancel()
    return stopped


def crew(*, grown: bool, quiet: bool, busy: int = 0) -> working.Crew:
    made = working.Crew(busy=busy)
    made.size_at_start = 0 if grown else 2**40
    made.last_worked = time.monotonic() - (working.QUIET_SECONDS + 1 if quiet else 0)
    return made


@pytest.mark.parametrize(
    ("grown", "quiet", "busy", "afresh"),
    [(True, True, 0, True), (False, True, 0, False), (True, False, 0, False), (True, True, 1, False)],
)
def test_it_begins_afresh_only_when_idle_and_grown(grown: bool, quiet: bool, busy: int, afresh: bool) -> None:
    one = crew(grown=grown, quiet=quiet, busy=busy)
    assert finished(rested(one)) is afresh
    assert one.outgrown is afresh


def test_jobs_are_counted_while_they_run() -> None:
    one = working.Crew()
    seen = []

    async def job() -> None:
        seen.append(one.busy)
        raise ValueError

    async def run() -> None:
        with pytest.raises(ValueError):
            await one.counted(job, None, None)

    finished(run())
    assert (seen, one.busy) == ([1], 0)
