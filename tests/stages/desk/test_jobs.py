"""Background jobs as their owner sees them."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.stages.desk.conftest import Soup

from zhike.core.text import Text
from zhike.desk.job_words import outcome
from zhike.kernel.models import Job, JobState, User


def a_job(by: User, state: str = "running", **more: object) -> Job:
    """A job row as kernel keeps it."""
    title = Text("导入 a.xlsx", "Import a.xlsx").as_json()
    return Job.objects.create(
        name="x", title=title, queue="bulk", by=by, state=state, done=5, total=10, **more
    )


def test_it_works(li: User, client_for: type[Client]) -> None:
    a_job(li)
    page = client_for(li).get(reverse("desk:jobs")).page  # type: ignore[attr-defined]
    assert [str(job.heading) for job in page.jobs] == ["导入 a.xlsx"]
    assert page.busy


def test_others_jobs_are_not_there(li: User, wang: User, client_for: type[Client]) -> None:
    job = a_job(li)
    client = client_for(wang)
    assert client.get(reverse("desk:jobs")).page.jobs == []  # type: ignore[attr-defined]
    assert client.get(reverse("desk:job", args=[job.key])).status_code == 404
    assert client.post(reverse("desk:job_cancel", args=[job.key])).status_code == 404


def test_progress_is_a_part(li: User, client_for: type[Client], soup: Soup) -> None:
    job = a_job(li)
    client = client_for(li)
    url = reverse("desk:job", args=[job.key])
    part = client.get(url, {"part": "bar"}, headers={"HX-Request": "true"})
    bar = soup(part).select_one("progress")
    assert bar and (bar["value"], bar["max"]) == ("5", "10")
    assert part.content.decode().strip() in client.get(url).content.decode()


def test_an_ended_job_refreshes_the_page_around_it(li: User, client_for: type[Client]) -> None:
    job = a_job(li, state="done")
    url = reverse("desk:job", args=[job.key])
    assert (
        client_for(li).get(url, {"part": "bar"}, headers={"HX-Request": "true"}).headers["HX-Refresh"]
        == "true"
    )


def test_a_failure_says_why(li: User, client_for: type[Client]) -> None:
    job = a_job(
        li,
        state="failed",
        error={"reason": {"zh": "文件损坏", "en": "Broken"}, "remedy": {"zh": "请重新导出", "en": "Again"}},
    )
    text = client_for(li).get(reverse("desk:job", args=[job.key])).content.decode()
    assert "文件损坏" in text and "请重新导出" in text


def test_a_receipt_is_shown(li: User, client_for: type[Client]) -> None:
    job = a_job(li, state="done", result={"read": 1240, "lake": {"added": 3}})
    page = client_for(li).get(reverse("desk:job", args=[job.key])).page  # type: ignore[attr-defined]
    assert sorted(page.outcome) == [("lake · 新增", "3"), ("读取", "1,240")]


@pytest.mark.parametrize("result", [None, [], "done"])
def test_no_receipt_is_no_rows(result: object) -> None:
    assert outcome(result) == []


def test_a_waiting_job_is_stopped(li: User, client_for: type[Client]) -> None:
    job = a_job(li, state="waiting")
    assert client_for(li).post(reverse("desk:job_cancel", args=[job.key])).status_code == 303
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_it_works_empty(li: User, client_for: type[Client], soup: Soup) -> None:
    assert soup(client_for(li).get(reverse("desk:jobs"))).select_one("main .zk-empty") is not None
