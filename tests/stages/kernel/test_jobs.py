"""Jobs run once, tell their progress, stop when asked, and are found again when their runner dies."""

from threading import Thread

import pytest
from django.db import OperationalError, connection

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import jobs
from zhike.kernel.models import Job, JobState

TITLE = Text(zh="试", en="Try")
seen: list[int] = []


@jobs.job("test.count")
def count(run: jobs.Run, *, upto: int) -> dict[str, object]:
    for done in range(upto):
        run.progress(done + 1, upto)
        seen.append(done)
    return {"counted": upto}


@jobs.job("test.refuse")
def refuse(run: jobs.Run) -> None:
    raise Refusal(reason=Text(zh="不行", en="No"), remedy=Text(zh="换一个", en="Take another"))


@jobs.job("test.lose")
def lose(run: jobs.Run) -> None:
    raise OperationalError("server closed the connection")


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def test_it_runs_and_keeps_its_result(transactional_db: None) -> None:
    done = jobs.perform("test.count", by=None, title=TITLE, upto=3)
    assert (done.state, done.result, done.done, seen) == (JobState.DONE, {"counted": 3}, 3, [0, 1, 2])


def test_it_is_deferred_with_the_transaction(transactional_db: None) -> None:
    one = jobs.defer("test.count", by=None, title=TITLE, upto=1)
    one.refresh_from_db()
    assert one.state == JobState.WAITING
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [one.runner])
        assert cursor.fetchone() == ("todo",)


def test_a_refusal_is_kept_in_both_languages(transactional_db: None) -> None:
    failed = jobs.perform("test.refuse", by=None, title=TITLE)
    assert failed.state == JobState.FAILED
    assert failed.error["reason"] == {"zh": "不行", "en": "No"}


def test_it_stops_when_asked(transactional_db: None) -> None:
    one = jobs.defer("test.count", by=None, title=TITLE, upto=5)
    Job.objects.filter(pk=one.pk).update(cancel_requested=True)
    jobs.run(one.pk)
    one.refresh_from_db()
    assert (one.state, seen) == (JobState.CANCELLED, [])


def test_an_interrupted_job_is_found_and_finished(transactional_db: None) -> None:
    one = jobs.defer("test.lose", by=None, title=TITLE)
    with pytest.raises(OperationalError):
        jobs.run(one.pk)
    one.refresh_from_db()
    assert one.state == JobState.RUNNING
    assert jobs.recover() == 1
    Job.objects.filter(pk=one.pk).update(name="test.count", arguments={"upto": 2})
    jobs.run(one.pk)
    one.refresh_from_db()
    assert (one.state, seen) == (JobState.DONE, [0, 1])


def test_two_runners_do_the_work_once(transactional_db: None) -> None:
    one = jobs.defer("test.count", by=None, title=TITLE, upto=20)

    def run() -> None:
        try:
            jobs.run(one.pk)
        finally:
            connection.close()

    runners = [Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert seen == list(range(20))
