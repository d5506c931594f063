"""Forecasts come from the lake's orders, are written once and only where they differ, and say when they are mere counts."""

import random
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from tests.shop import TODAY, buys, customer

from zhike.activity.models import Order
from zhike.blueprint import actions as blueprint
from zhike.blueprint import queries as blueprints
from zhike.core import figures
from zhike.core.blueprints import ForecastSpec, write
from zhike.customers.models import Customer
from zhike.engine import classes
from zhike.insight import actions, forecast_words, promises, queries
from zhike.insight.facts import SINCE_PURCHASE
from zhike.insight.models import Forecast, Run
from zhike.insight.queries import terms
from zhike.kernel import lake
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
LONG = 720


def shop(number: int = 300, seed: int = 7) -> list[Customer]:
    """Customers who come at their own pace, and of whom most stop one day."""
    draw = random.Random(seed)
    found = [customer() for _ in range(number)]
    orders = []
    for one in found:
        day, left = draw.randrange(400, LONG), draw.choice((0, draw.randrange(30, 400)))
        pace = draw.choice((12, 25, 50, 110))
        while day >= left:
            orders.append(_order(one, day, Decimal(draw.randrange(1500, 30_000)) / 100))
            day -= max(1, round(draw.expovariate(1 / pace)))
    Order.objects.bulk_create(orders)
    return found


def _order(one: Customer, days_ago: int, amount: Decimal) -> Order:
    at = timezone.now().replace(year=2017, month=12, day=31, hour=4) - timedelta(days=days_ago)
    return Order(
        customer=one, source="test", number=f"F{one.pk}-{days_ago}-{amount}", placed_at=at, amount=amount
    )


def adopt(terms: ForecastSpec) -> None:
    """Put a blueprint in force that reckons by these terms."""
    spec = replace(blueprints.current(), forecast=terms)
    blueprint.publish(blueprint.save_draft(write(spec), by=None), by=None)


def told(as_of: date = TODAY):
    lake.sync()
    return actions.forecast(as_of=as_of)


def test_every_customer_who_bought_gets_a_forecast_and_its_runs() -> None:
    found, never = shop(), customer()
    receipt = told()
    assert receipt.customers == receipt.written == len(found) == Forecast.objects.count()
    assert not Forecast.objects.filter(customer=never).exists()
    value, churn = queries.latest(Run.Kind.VALUE), queries.latest(Run.Kind.CHURN)
    assert (value.method, churn.method) == ("clv/v1", "churn/v1")
    assert (value.params["horizon_days"], churn.params["horizon_days"]) == (365, 90)
    assert value.customers == churn.customers == sum(churn.counts.values()) == len(found)
    for one in Forecast.objects.all():
        assert one.low <= one.high and 0 <= one.churn <= 1 and 0 <= one.alive <= 1
        assert bool(one.reasons) <= (one.level != "none")
    assert churn.counts["none"] and churn.counts["critical"]
    assert churn.params["trial"]["model"]["auc"] > 0.7
    assert promises.levels_sum() == []


def test_the_interval_holds_the_value_and_figures_are_rounded() -> None:
    shop()
    told()
    for one in Forecast.objects.filter(value__gte=100):
        assert one.low <= one.value
        assert one.value <= one.high or one.high == 0, "most likely nothing, at best much"
        assert len(f"{one.value}".rstrip("0")) <= 2


def test_running_again_changes_nothing_and_keeps_no_second_run() -> None:
    shop()
    told()
    again = told()
    assert (again.written, again.removed) == (0, 0)
    assert Run.objects.count() == 2


def test_margin_discount_and_levels_are_those_of_the_blueprint() -> None:
    shop()
    told()
    revenue = dict(Forecast.objects.values_list("customer_id", "value"))
    usual = queries.latest(Run.Kind.CHURN).counts
    adopt(ForecastSpec(margin=Decimal("0.5"), discount=Decimal("0.1"), critical=Decimal("0.75")))
    assert told().written > len(revenue) / 2
    profit = dict(Forecast.objects.values_list("customer_id", "value"))
    half = sum(profit.values()) / sum(revenue.values())
    assert Decimal("0.46") < half < Decimal("0.49"), "half of it, and months later worth less"
    assert queries.latest(Run.Kind.CHURN).counts["critical"] > usual["critical"]
    said = f"{forecast_words.value(queries.latest(Run.Kind.VALUE).params)[0]}"
    assert "毛利率 50%" in said and "折现 10.0%" in said


def test_publishing_other_terms_says_what_they_touch(chen: User, li: User) -> None:
    found = shop(60)
    Customer.objects.filter(pk__in=[one.pk for one in found[:20]]).update(manager=chen)
    told()
    spec = blueprints.current()

    def said(user: User = li, **changed) -> tuple[int, list[str]]:
        (one,) = terms.impact(spec, replace(spec, forecast=replace(spec.forecast, **changed)), user)
        return one.count, [f"{line}" for line in one.detail]

    value = sum(Forecast.objects.values_list("value", flat=True))
    third = figures.money_whole(value * Decimal("0.3"))
    assert said(margin=Decimal("0.3")) == (60, [f"12 个月价值合计:{figures.money_whole(value)} → 约 {third}"])
    assert said(chen, margin=Decimal("0.3"))[0] == 20
    lower = {"watch": Decimal("0.1"), "warning": Decimal("0.2"), "critical": Decimal("0.4")}
    before, (count, lines) = queries.latest(Run.Kind.CHURN).counts, said(**lower)
    adopt(replace(spec.forecast, **lower))
    told()
    then = queries.latest(Run.Kind.CHURN).counts
    words = {"watch": "关注", "warning": "预警", "critical": "紧急"}
    assert count == 60 and lines == [f"{word}:{before[key]} → {then[key]}" for key, word in words.items()]
    assert then["critical"] > before["critical"], "no cut moved anybody"
    assert "要等发布后" in said(silence_days=60)[1][0] and "要等发布后" in said(discount=Decimal("0.1"))[1][0]
    assert terms.impact(spec, replace(spec, forecast=replace(spec.forecast, churn_reasons=())), li) == []


def test_a_day_without_news_writes_little() -> None:
    found = shop()
    told(TODAY - timedelta(days=1))
    receipt = told()
    assert receipt.written < len(found) / 3
    first, second = Run.objects.filter(kind="value").order_by("pk")
    assert second.params == first.params, "learnt anew within a week"


def test_a_week_later_and_for_many_more_customers_it_learns_anew() -> None:
    shop()
    told(TODAY - timedelta(days=8))
    told(TODAY - timedelta(days=1))
    shop(40, seed=8)
    told()
    learnt = Run.objects.filter(kind="value").order_by("pk").values_list("params__learnt_on", flat=True)
    assert list(learnt) == [f"{TODAY - timedelta(days=8)}", f"{TODAY - timedelta(days=1)}", f"{TODAY}"]


def test_too_little_data_is_counted_and_said() -> None:
    for _ in range(12):
        buys(customer(), 5, 60)
    assert told().customers == 12
    value, churn = queries.latest(Run.Kind.VALUE), queries.latest(Run.Kind.CHURN)
    assert (value.method, churn.method) == ("empirical/v1", "empirical/v1")
    assert "12" in forecast_words.value_warnings(value.params)[0].zh
    assert any("经验估计" in sentence.zh for sentence in forecast_words.value(value.params))
    assert any("经验估计" in sentence.zh for sentence in forecast_words.churn(churn.method, churn.params))


def test_a_base_of_which_nobody_leaves_is_counted_and_said() -> None:
    for number in range(120):
        buys(customer(), *range(number % 5, 100, 5))
    told()
    value = queries.latest(Run.Kind.VALUE)
    assert value.method == "empirical/v1" and value.params["counted"]
    assert any("退化" in warning.zh for warning in forecast_words.value_warnings(value.params))
    assert told().written == 0, "what was learnt is remembered as it was"


def test_nobody_has_bought_yet() -> None:
    customer()
    assert told().customers == 0
    assert Run.objects.count() == 0


def test_who_is_gone_has_no_forecast() -> None:
    found = shop()
    told()
    found[0].delete()
    assert told().customers == len(found) - 1 == Forecast.objects.count()


def test_rules_find_everybody_at_their_level_until_nobody_has_one() -> None:
    shop()
    told()
    with lake.session() as session:
        held = {row["customer_id"]: row["key"] for row in session.rows(classes.held(session, "risk"))}
    assert held == dict(Forecast.objects.values_list("pk", "level")) and held
    Order.objects.all().delete()
    assert told().customers == 0
    with lake.session() as session:
        assert session.rows(classes.held(session, "risk")) == []


def test_forecasts_do_not_go_back_in_time() -> None:
    shop()
    told()
    assert told(TODAY - timedelta(days=20)).written == 0
    assert Run.objects.filter(as_of__lt=TODAY).count() == 0


def test_a_card_tells_reasons_in_words_as_of_the_run() -> None:
    shop()
    lake.sync()
    actions.refresh(as_of=TODAY)
    told()
    silent = next(one for one in Forecast.objects.order_by("-churn") if one.reasons)
    silent.reasons = [[SINCE_PURCHASE, None], *silent.reasons[:1]]
    silent.save()
    card = queries.forecast_of(silent.pk)
    score = queries.score_of(silent.pk)
    assert card is not None and score is not None
    assert card.horizon == 90
    assert f"已 {score.metrics['recency_days']} 天未购买" in card.reasons[0].zh


def test_pages_do_without_scipy() -> None:
    code = """if True:
        import os, sys, django
        os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.settings"
        django.setup()
        import zhike.insight.actions, zhike.insight.urls, zhike.loop.daily
        sys.exit("scipy" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
