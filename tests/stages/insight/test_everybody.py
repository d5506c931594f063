"""What the loop keeps of the whole base is what pages would ask for live, and is not shown once the facts are others."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.urls import reverse
from tests.shop import TODAY, brings_back, buys, customer

from zhike.insight import actions, queries
from zhike.insight.models import Answer
from zhike.insight.queries import everybody
from zhike.insight.queries.trends import course
from zhike.kernel import lake
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


def shown() -> tuple[object, ...]:
    """What the pages show of the whole base."""
    told = (
        course(lambda _: None, "month"),
        course(lambda _: None, "week"),
        queries.cohort_table(lambda _: None),
    )
    assert all(told)
    return told


@contextmanager
def nothing_live(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever asks the orders meanwhile fails."""
    with monkeypatch.context() as patched:
        patched.delattr(everybody, "periods")
        patched.delattr(everybody, "cohorts")
        yield


def test_kept_is_as_live_until_the_facts_are_others(
    client_for, li: User, wang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular, other = customer(), customer(manager=wang)
    brings_back(buys(regular, 3, 70, 200, amount="19.99")[0], "5.01")
    buys(other, 40, 400, amount="0.10")
    lake.sync()
    actions.refresh(as_of=TODAY)
    live = shown()
    actions.keep_everybody(as_of=TODAY)
    with nothing_live(monkeypatch):
        assert shown() == live
        for page in ("insight:trends", "insight:cohorts"):
            assert client_for(li).get(reverse(page)).status_code == 200
    lake.sync()  # brings nothing
    with nothing_live(monkeypatch):
        assert shown() == live
        assert course(lambda session: session.ids([other.pk]), "week") != live[1]
        assert queries.cohort_table(lambda session: session.ids([other.pk])) != live[2]
    buys(regular, 5)
    lake.sync()
    assert shown() != live
    kept = Answer.objects.count()
    actions.keep_everybody(as_of=TODAY)
    with nothing_live(monkeypatch):
        actions.keep_everybody(as_of=TODAY)  # finds everything kept
    assert Answer.objects.count() == kept + len(everybody.WHAT)
