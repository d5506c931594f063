"""The worker: urgent and default jobs side by side, bulk jobs one at a time, interrupted jobs taken over."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.utils import connector_params

from zhike.kernel import jobs

logger = logging.getLogger("zhike.worker")
LOOK_EVERY_SECONDS = 10.0
FINISH_WITHIN_SECONDS = 15.0


def work(*, concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT."""
    jobs.recover()
    jobs.add_periodic(app)
    asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    # An app of the worker's own: inside a job, `jobs.defer` keeps using Django's connection and its transaction.
    own = DjangoApp(connector=_connector(), import_paths=app.import_paths)
    own.tasks, own.periodic_registry = app.tasks, app.periodic_registry
    async with own.open_async():
        lanes = [
            asyncio.create_task(_lane(own, ["urgent", "default"], concurrency)),
            asyncio.create_task(_lane(own, ["bulk"], 1)),
        ]
        watch = asyncio.create_task(_take_over())
        for sig in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sig, _stop, lanes)
        try:
            await asyncio.gather(*lanes)
        except asyncio.CancelledError:
            logger.info("stopped")
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch


def _connector() -> PsycopgConnector:
    """Few connections while idle: each costs PostgreSQL a process."""
    return PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=6)


def _stop(lanes: list[asyncio.Task[None]]) -> None:
    for lane in lanes:
        lane.cancel()


async def _lane(own: DjangoApp, queues: list[str], concurrency: int) -> None:
    await own.run_worker_async(
        queues=queues,
        concurrency=concurrency,
        name="+".join(queues),
        install_signal_handlers=False,
        shutdown_graceful_timeout=FINISH_WITHIN_SECONDS,
        delete_jobs="successful",
        fetch_job_polling_interval=5.0,
    )


async def _take_over() -> None:
    """Look again and again for jobs whose runner died."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            await sync_to_async(_recover, thread_sensitive=False)()
        except Exception:
            logger.exception("looking for interrupted jobs failed; trying again")


def _recover() -> None:
    close_old_connections()
    try:
        found = jobs.recover()
        if found:
            logger.warning("%s interrupted jobs are started again", found)
    finally:
        close_old_connections()
