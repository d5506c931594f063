"""Scores come from the lake, are written once and only where they differ."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.shop import TODAY, brings_back, buys, customer

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints.specs import RfmMethod
from zhike.engine import stored
from zhike.insight import actions, methods, queries
from zhike.insight.facts import RFM_CLASSES, InsightRefusal
from zhike.insight.models import Run, Score
from zhike.kernel import lake
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


def refreshed(as_of: date = TODAY):
    lake.sync()
    return actions.refresh(as_of=as_of)


def test_every_customer_gets_a_score_that_agrees_with_the_orders() -> None:
    regular, once, never = customer(), customer(), customer()
    orders = buys(regular, 3, 10, 20, 40, 60, 90, amount="19.99")
    brings_back(orders[0], "5.01")
    buys(once, 300, amount="900")

    receipt = refreshed()

    assert receipt.customers == receipt.written == 3
    assert set(receipt.counts) == set(RFM_CLASSES) and sum(receipt.counts.values()) == 3
    score = Score.objects.get(customer=regular)
    assert (score.spend, score.orders) == (Decimal("114.93"), 6)
    assert score.last_purchase_on == TODAY - timedelta(days=3)
    assert (score.r, score.f, score.rfm_class) == (1, 1, "regulars")
    assert Score.objects.get(customer=once).rfm_class == "cannot_lose"
    assert Score.objects.get(customer=never).rfm_class == "dormant"


def test_running_again_changes_nothing_and_keeps_no_second_run() -> None:
    buys(customer(), 3)
    first = refreshed()
    second = refreshed()
    assert (second.written, second.removed, second.run) == (0, 0, first.run)
    assert Run.objects.count() == 1


def test_a_day_later_only_the_customer_who_bought_is_written() -> None:
    quiet, active = customer(), customer()
    buys(quiet, 20)
    buys(active, 20)
    refreshed(TODAY - timedelta(days=1))
    buys(active, 0)
    receipt = refreshed(TODAY)
    assert receipt.written == 1 and receipt.unchanged == 1
    card = queries.score_of(quiet)
    assert card is not None and card.metrics["recency_days"] == 20 and card.as_of == TODAY


def test_a_large_base_is_refreshed_from_what_the_last_refresh_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "WORTHWHILE", 1)
    quiet, active = customer(), customer()
    buys(quiet, 20)
    order = buys(active, 20, 40, amount="50")[0]
    refreshed(TODAY - timedelta(days=1))
    buys(active, 0, amount="19.99")
    order.delete()
    refreshed(TODAY)
    from_kept = list(Score.objects.order_by("customer").values())
    assert from_kept[1]["spend"] == Decimal("69.99")
    monkeypatch.setattr(stored, "WORTHWHILE", 10**9)
    assert refreshed(TODAY).written == 0
    assert list(Score.objects.order_by("customer").values()) == from_kept


def test_days_are_kept_as_the_day_they_count_from() -> None:
    one = customer()
    buys(one, 200, 50)
    refreshed()
    assert Score.objects.get().metrics["tenure_days"] == "2017-01-01"
    card = queries.score_of(one)
    assert card is not None
    assert card.metrics["tenure_days"] == 364
    assert card.metrics["recency_days"] == 50
    assert card.metrics["gap_days"] == Decimal("150.0")


def test_the_score_of_a_customer_who_is_gone_goes() -> None:
    stays, goes = customer(), customer()
    refreshed()
    goes.delete()
    assert set(Score.objects.values_list("customer", flat=True)) == {stays.pk}
    assert refreshed().customers == 1


def test_the_run_keeps_method_parameters_and_day() -> None:
    buys(customer(), 3)
    refreshed()
    run = Run.objects.get()
    assert (run.method, run.as_of, run.version.number) == ("rfm/v1", TODAY, 1)
    assert run.params["metrics"] == ["recency_days", "orders_180d", "average_order"]
    assert run.params["cuts"]["monetary"] == ["150.00"]
    assert run.counts["newcomers"] == 1


def test_an_earlier_day_is_answered_from_its_run_or_refused() -> None:
    buys(customer(), 3)
    earlier = TODAY - timedelta(days=30)
    first = refreshed(earlier)
    refreshed(TODAY)
    again = actions.refresh(as_of=earlier)
    assert (again.run, again.written) == (first.run, 0)
    with pytest.raises(InsightRefusal) as refusal:
        actions.refresh(as_of=earlier - timedelta(days=1))
    assert "2017-12-31" in refusal.value.remedy.en


def test_a_changed_threshold_tells_who_would_change_class(li: User, wang: User) -> None:
    buys(customer(wang), 50)
    buys(customer(), 3)
    refreshed()
    spec = blueprints.current()
    wider = replace(spec, rfm=replace(spec.rfm, recency_days=60))
    assert queries.reclassified(wider, li) == {("dormant", "newcomers"): 1}
    assert queries.impact(spec, wider, wang)[0].count == 1
    assert queries.impact(spec, spec, li) == []
    assert Score.objects.filter(rfm_class="dormant").count() == 1


def test_quantile_cut_points_class_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        buys(customer(), *range(number, 100, 11 - number), amount=f"{10 * number + 1}")
    spec = blueprints.current()
    quantiles = replace(spec, rfm=replace(spec.rfm, method=RfmMethod.QUANTILES))
    monkeypatch.setattr(blueprints, "current", lambda: quantiles)
    first = refreshed()
    assert sum(first.counts.values()) == 10
    assert refreshed().written == 0
    run = Run.objects.get()
    assert run.params["kind"] == "quantiles" and len(run.params["cuts"]["monetary"]) == 4
    assert len(methods.in_words(run.params)) == 3
