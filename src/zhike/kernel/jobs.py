"""Long work: registered by name, deferred in the caller's transaction, run by procrastinate, shown with progress.

Why our own row beside procrastinate's: a page needs progress, a receipt and a stop button; and recovery must be sure.
A running job holds a PostgreSQL advisory lock on its row's id. Whoever dies, by `kill -9` or with the whole server,
loses the lock with the connection, so "running without a lock" is exactly "interrupted", and `recover` defers it anew.
A job is therefore written to be run again from its last committed step.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import procrastinate
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel.models import Job, JobState, User

logger = logging.getLogger("zhike.jobs")
QUEUES = ("urgent", "default", "bulk")
LOCK_CLASS = 0x5A48
LOST_AFTER_SECONDS = 20
PROGRESS_EVERY_SECONDS = 0.3

Result = Mapping[str, object] | None


class Cancelled(Exception):
    """The user stopped the job; what was committed stays."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A registered piece of work."""

    name: str
    queue: str
    work: Callable[..., Result]


_definitions: dict[str, Definition] = {}
_periodic: list[tuple[str, str, Text]] = []


class Run:
    """One run of a job, as its work sees it."""

    def __init__(self, job: Job, tell: Callable[[int, int, Text | None], None] | None = None) -> None:
        self.job = job
        self._tell = tell
        self._told = 0.0

    def progress(self, done: int, total: int, step: Text | None = None) -> None:
        """Say how far the work is; call it between transactions, as often as you like."""
        if self._tell:
            self._tell(done, total, step)
        if time.monotonic() - self._told < PROGRESS_EVERY_SECONDS and done < total:
            return
        self._told = time.monotonic()
        changes: dict[str, Any] = {"done": done, "total": total}
        if step is not None:
            changes["step"] = step.as_json()
        Job.objects.filter(pk=self.job.pk).update(**changes)
        self.check()

    def check(self) -> None:
        """Raise Cancelled if the user asked to stop."""
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled


def job(name: str, *, queue: str = "default") -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Register work under a name; `queue` is urgent, default or bulk."""
    if queue not in QUEUES:
        raise ValueError(f"unknown queue {queue}; choose one of {', '.join(QUEUES)}")

    def mark(work: Callable[..., Result]) -> Callable[..., Result]:
        _definitions[name] = Definition(name, queue, work)
        return work

    return mark


def every(cron: str, name: str, title: Text) -> None:
    """Defer the job `name` by a cron line (five fields, the installation's time zone)."""
    _periodic.append((cron, name, title))


def defer(name: str, *, by: User | None, title: Text, **arguments: Any) -> Job:
    """Queue a job in the current transaction: it runs only if the transaction commits."""
    definition = _definitions[name]
    with transaction.atomic():
        fresh = Job.objects.create(
            name=name, queue=definition.queue, by=by, title=title.as_json(), arguments=arguments
        )
        _enqueue(fresh)
    return fresh


def perform(
    name: str,
    *,
    by: User | None,
    title: Text,
    tell: Callable[[int, int, Text | None], None] | None = None,
    **arguments: Any,
) -> Job:
    """Run a job here and now (for the command line), with the same record and the same recovery as a deferred one."""
    fresh = Job.objects.create(
        name=name, queue=_definitions[name].queue, by=by, title=title.as_json(), arguments=arguments
    )
    run(fresh.pk, tell)
    fresh.refresh_from_db()
    return fresh


def run(job_id: int, tell: Callable[[int, int, Text | None], None] | None = None) -> None:
    """Run one job to its end, unless it has ended or is running elsewhere."""
    if not _lock(job_id):
        return
    try:
        found = Job.objects.filter(pk=job_id, state__in=[JobState.WAITING, JobState.RUNNING]).first()
        if found is not None:
            _run_locked(found, tell)
    finally:
        _unlock(job_id)


def cancel(job: Job) -> None:
    """Ask a job to stop at its next check; one that waits stops at once."""
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=JobState.WAITING).update(
        state=JobState.CANCELLED, finished_at=timezone.now()
    )


def recover() -> int:
    """Defer anew every job whose runner died; returns how many. Safe to call at any time from any process."""
    found = 0
    for one in Job.objects.filter(state__in=[JobState.RUNNING, JobState.WAITING]):
        if (one.state == JobState.RUNNING or _lost(one)) and _lock(one.pk):
            try:
                found += Job.objects.filter(pk=one.pk, state=one.state).update(state=JobState.WAITING)
                _enqueue(one)
            finally:
                _unlock(one.pk)
    return found


def install(the_app: procrastinate.App) -> None:
    """Called by procrastinate when Django is ready: one task that runs our jobs, and the periodic ones."""
    the_app.add_tasks_from(_blueprint, namespace="zhike")


_blueprint = procrastinate.Blueprint()


@_blueprint.task(name="run", queue="default")
def _run_job(job_id: int) -> None:
    run(job_id)


def add_periodic(the_app: procrastinate.App) -> None:
    """Tell the worker's scheduler about the registered cron lines; called by `zhike worker`."""
    for cron, name, title in _periodic:

        def tick(timestamp: int, name: str = name, title: Text = title) -> None:
            defer(name, by=None, title=title)

        task = the_app.task(name=f"every:{name}", queue="default", queueing_lock=f"every:{name}")(tick)
        the_app.periodic(cron=cron, periodic_id=name)(task)


def _enqueue(one: Job) -> None:
    deferred = app.configure_task("zhike:run", queue=one.queue, allow_unknown=False).defer(job_id=one.pk)
    Job.objects.filter(pk=one.pk).update(runner=deferred)


def _lost(one: Job) -> bool:
    """Whether a waiting job is no longer queued: its worker died between taking it and starting it."""
    if (timezone.now() - one.created_at).total_seconds() < LOST_AFTER_SECONDS:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'todo'", [one.runner])
        return cursor.fetchone() is None


def _run_locked(one: Job, tell: Callable[[int, int, Text | None], None] | None) -> None:
    Job.objects.filter(pk=one.pk).update(state=JobState.RUNNING, started_at=timezone.now())
    try:
        result = _definitions[one.name].work(Run(one, tell), **one.arguments)
    except Cancelled:
        _end(one, JobState.CANCELLED)
    except Refusal as refusal:
        _end(one, JobState.FAILED, error=refusal.as_json())
    except (OperationalError, InterfaceError):
        # The database went away: leave the job "running", recover() finds it without its lock and starts it again.
        logger.exception("job %s interrupted", one.name)
        raise
    except Exception as error:
        logger.exception("job %s failed", one.name)
        _end(one, JobState.FAILED, error=_unexpected(error))
    else:
        _end(one, JobState.DONE, result=result)


def _end(
    one: Job, state: JobState, *, result: Result = None, error: Mapping[str, object] | None = None
) -> None:
    Job.objects.filter(pk=one.pk).update(state=state, result=result, error=error, finished_at=timezone.now())


def _unexpected(error: Exception) -> Mapping[str, object]:
    kind = type(error).__name__
    return Refusal(
        reason=Text(
            zh=f"程序内部错误({kind}),已提交的步骤不受影响",
            en=f"Internal error ({kind}); committed steps are safe",
        ),
        remedy=Text(zh="请查看服务日志后重试", en="Look at the service's log, then try again"),
    ).as_json()


def _lock(job_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, job_id])
        return bool(cursor.fetchone()[0])


def _unlock(job_id: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, job_id])
    except (OperationalError, InterfaceError):
        connection.close()  # the lock went with the lost connection
