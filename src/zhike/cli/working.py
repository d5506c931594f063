"""The worker: urgent and default jobs side by side, bulk jobs one at a time, interrupted jobs taken over."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.utils import connector_params

from zhike.kernel import jobs

logger = logging.getLogger("zhike.worker")
LOOK_EVERY_SECONDS = 10.0
FINISH_WITHIN_SECONDS = 15.0
QUIET_SECONDS = 45.0
MAY_GROW_BY = 64 * 2**20  # bytes kept after a large job before the worker begins afresh


def _size() -> int:
    return int(psutil.Process().memory_info().rss)


@dataclass(slots=True)
class Crew:
    """The lanes of one worker: how many jobs they have in hand, and whether it grew too large to go on."""

    busy: int = 0
    lanes: list[asyncio.Task[None]] = field(default_factory=list)
    size_at_start: int = field(default_factory=_size)
    last_worked: float = field(default_factory=time.monotonic)
    outgrown: bool = False

    async def counted(self, call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
        """Around every job."""
        self.busy += 1
        try:
            return await call_next()
        finally:
            self.busy -= 1
            self.last_worked = time.monotonic()

    def stop(self) -> None:
        """Let the lanes finish what they have in hand."""
        for lane in self.lanes:
            lane.cancel()

    def rest(self) -> None:
        """A quiet while after a large job: a worker that it left large stops, and is begun afresh."""
        quiet = not self.busy and time.monotonic() - self.last_worked > QUIET_SECONDS
        if quiet and not self.outgrown and _size() > self.size_at_start + MAY_GROW_BY:
            self.outgrown = True
            logger.info("idle and grown; beginning afresh")
            self.stop()


def work(*, concurrency: int) -> bool:
    """Run jobs until SIGTERM or SIGINT, or until idle and grown; tells whether to begin afresh."""
    jobs.recover()
    jobs.add_periodic(app)
    return asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> bool:
    # An app of the worker's own: inside a job, `jobs.defer` keeps using Django's connection and its transaction.
    own = DjangoApp(connector=_connector(), import_paths=app.import_paths)
    own.tasks, own.periodic_registry = app.tasks, app.periodic_registry
    crew = Crew()
    async with own.open_async():
        crew.lanes += [
            asyncio.create_task(_lane(own, crew, ["urgent", "default"], concurrency)),
            asyncio.create_task(_lane(own, crew, ["bulk"], 1)),
        ]
        watch = asyncio.create_task(_watch(crew))
        for sig in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sig, crew.stop)
        try:
            await asyncio.gather(*crew.lanes)
        except asyncio.CancelledError:
            logger.info("stopped")
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    return crew.outgrown


def _connector() -> PsycopgConnector:
    """Few connections while idle: each costs PostgreSQL a process."""
    return PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=6)


async def _lane(own: DjangoApp, crew: Crew, queues: list[str], concurrency: int) -> None:
    await own.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        name="+".join(queues),
        install_signal_handlers=False,
        shutdown_graceful_timeout=FINISH_WITHIN_SECONDS,
        delete_jobs="successful",
        fetch_job_polling_interval=5.0,
        worker_middleware=[crew.counted],
    )


async def _watch(crew: Crew) -> None:
    """Look again and again for jobs whose runner died, and at ourselves."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            await sync_to_async(_recover, thread_sensitive=False)()
        except Exception:
            logger.exception("looking for interrupted jobs failed; trying again")
        crew.rest()


def _recover() -> None:
    close_old_connections()
    try:
        found = jobs.recover()
        if found:
            logger.warning("%s interrupted jobs are started again", found)
    finally:
        close_old_connections()
