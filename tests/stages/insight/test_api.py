"""Scores and forecasts for other programs: within the scope, a page at a time, with reasons in both languages."""

from decimal import Decimal
from itertools import islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.api.conftest import Program
from tests.shop import customer, scored
from tests.stages.insight.test_forecast_pages import base, foreseen
from tests.stages.insight.test_pages import ran

from zhike.cli.export_sheets import forecasts
from zhike.core.text import speaking
from zhike.customers.models import Customer
from zhike.kernel import actions
from zhike.kernel.models import User

__all__ = ["base"]
pytestmark = [pytest.mark.usefixtures("retail", "today")]


@pytest.fixture(autouse=True)
def scores(retail: object, today: object, base: list[Customer]) -> None:
    """The run that scored them."""
    ran(champions=2, dormant=1, cannot_lose=1)


def program(user: User, right: str = "insight.view") -> Program:
    """A program with one right of the user."""
    return Program(actions.issue_token(user=user, name="t", rights=[right], expires_at=None, by=user)[1])


def test_forecasts_are_told_with_horizon_and_reasons(wang: User, base: list[Customer]) -> None:
    found = program(wang).get("/api/v1/forecasts?level=warning").json()
    (one,) = found["items"]
    assert (one["code"], one["level"], Decimal(one["value"])) == (base[1].code, "warning", 120)
    assert (one["horizon_days"], found["next"]) == (90, None)
    assert "3.2 倍" in one["reasons"][0]["zh"] and "3.2 of their average" in one["reasons"][0]["en"]


def test_both_stay_within_the_scope_and_come_a_page_at_a_time(
    wang: User, li: User, base: list[Customer]
) -> None:
    for path in ("scores", "forecasts"):
        first = program(wang).get(f"/api/v1/{path}?limit=2").json()
        rest = program(wang).get(f"/api/v1/{path}?limit=2&after={first['next']}").json()
        codes = [one["code"] for one in (*first["items"], *rest["items"])]
        assert codes == [one.code for one in base] and rest["next"] is None
        assert len(program(li).get(f"/api/v1/{path}").json()["items"]) == 4
        assert program(li, "tiers.view").get(f"/api/v1/{path}").status_code == 403


def test_scores_have_class_and_metrics(li: User, base: list[Customer]) -> None:
    (one,) = program(li).get(f"/api/v1/scores?customer={base[2].key}").json()["items"]
    assert one["rfm_class"] == "dormant" and "spend" in one["metrics"]
    assert program(li).get("/api/v1/scores?rfm_class=dormant").json()["items"] == [one]


@pytest.mark.parametrize("path", ["scores", "forecasts"])
def test_it_asks_as_often_for_many_as_for_one(path: str, li: User, base: list[Customer]) -> None:
    def asked(limit: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert program(li).get(f"/api/v1/{path}?limit={limit}").status_code == 200
        return len(seen)

    for one in (customer() for _ in range(20)):
        scored(one)
        foreseen(one, "50", "0.8", "warning", reasons=[["recency_days", None]])
    asked(2)  # the first of all reads the blueprint, which is kept from then on
    assert asked(2) == asked(24)


def test_the_sheet_of_forecasts_is_the_same_as_the_interface(wang: User, base: list[Customer]) -> None:
    with speaking("zh"):
        columns, rows = forecasts(wang)
        told = [dict(zip([column.key for column in columns], row, strict=True)) for row in islice(rows, 9)]
    assert [(one["code"], one["level"]) for one in told] == [
        (customer.code, level) for customer, level in zip(base, ("none", "warning", "critical"), strict=True)
    ]
    assert told[1]["reasons"].startswith("沉默时间是首购以来平均间隔的 3.2 倍")
