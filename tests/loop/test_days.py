"""The loop goes round for days that have come: one run for a future day would shut out every day before it."""

from datetime import date, timedelta

import pytest
from tests.chunks import retail
from tests.shop import TODAY, ran, today

from zhike.core.text import Text
from zhike.insight.models import Run
from zhike.kernel import jobs, slots
from zhike.kernel.models import Job
from zhike.loop import daily, days, quarterly

__all__ = ["retail", "today"]
pytestmark = pytest.mark.usefixtures("retail", "today")


@pytest.mark.parametrize("round_", [daily.run, quarterly.run])
def test_a_day_that_has_not_come_is_refused(round_) -> None:
    with pytest.raises(days.BadDay) as caught:
        round_(as_of=TODAY + timedelta(days=1))
    told = caught.value.as_json()
    assert "2018-01-01" in told["reason"]["zh"] and "2018-01-01" in told["reason"]["en"]
    assert told["place"] and told["remedy"]["zh"] and told["remedy"]["en"]
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["loop.daily", "loop.quarterly"])
def test_the_job_says_why(name: str, transactional_db: None) -> None:
    job: Job = jobs.perform(name, by=None, title=Text("试", "Try"), as_of="2030-01-01")
    assert job.state == "failed"
    assert "2030-01-01" in job.error["reason"]["zh"]


def test_today_and_the_days_before_are_let_pass() -> None:
    for day in (TODAY, TODAY - timedelta(days=400)):
        days.must_have_come(day)
    ran(as_of=TODAY + days.GRACE)  # the time zone was changed
    days.must_have_come(TODAY)
    assert days.nothing_ahead() == []


def test_a_run_ahead_of_today_is_named_with_the_way_back() -> None:
    assert days.nothing_ahead() == []
    ran("tiers", as_of=date(2030, 1, 1))
    findings = [one for found in slots.check_invariants().values() for one in found]
    (finding,) = [one for one in findings if "2030-01-01" in one.what.en]
    assert "zhike restore" in finding.remedy.zh and "zhike restore" in finding.remedy.en
    with pytest.raises(days.BadDay, match="2030-01-01"):
        daily.run(as_of=TODAY)
