"""The pages of value and churn, the filters they lead to, and what a customer's own page says."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from tests.shop import TODAY, buys, customer, scored
from tests.stages.insight.test_pages import behind

from zhike.blueprint import queries as blueprints
from zhike.customers.models import Customer
from zhike.engine.churn.words import ALL
from zhike.insight import promises, queries
from zhike.insight.models import Forecast, Run
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("retail", "today")]
PAGES = ["insight:value", "insight:churn"]
BINS = [
    {"frequency": 0, "open_ended": False, "customers": 3, "expected": 0.5, "actual": 0.6},
    {"frequency": 7, "open_ended": True, "customers": 2, "expected": 4.0, "actual": 4.4},
]
VALUE = {
    "horizon_days": 365, "trial_days": 90, "learnt_on": "2017-12-31", "customers": 4, "counted": None,
    "fit": {"r": 0.2, "alpha": 4.0, "a": 0.8, "b": 2.4, "customers": 4, "repeaters": 3, "too_small": None, "degenerate": None},
    "spend": {"p": 1.0, "q": 2.0, "v": 3.0, "customers": 3, "too_small": None, "degenerate": None, "correlation": 0.5},
    "holdout": {"bins": BINS, "expected": 11.0, "actual": 10.0, "mean_absolute": 2.1, "naive_mean_absolute": 2.3},
}  # fmt: skip
GOOD = {"auc": 0.842, "brier": 0.0999}
CHURN = {
    "horizon_days": 90, "learnt_on": "2017-12-31", "customers": 4, "why": None,
    "model": {"horizon": 90, "trained_on": "2017-10-02", "customers": 4, "base_rate": 0.25, "usual": [1.5] * len(ALL)},
    "trial": {
        "trained_on": "2017-07-04", "tried_on": "2017-10-02", "customers": 4, "horizon": 90, "base_rate": 0.25,
        "model": GOOD, "recency_rule": {"auc": 0.796, "brier": 0.105}, "bg_nbd": {"auc": 0.83, "brier": None},
        "bands": [{"lowest": 0.0, "highest": 0.5, "expected": 0.2, "actual": 0.3}],
    },
}  # fmt: skip


def foreseen(
    one: Customer, value: str = "100", churn: str = "0.10", level: str = "none", **more: Any
) -> Forecast:
    """A forecast as a run would have written it."""
    amount = Decimal(value)
    return Forecast.objects.create(
        customer=one, as_of=TODAY, purchases=3, value=amount, low=amount / 2, high=amount * 2, alive=Decimal("0.9"),
        churn=Decimal(churn), level=level, **more,
    )  # fmt: skip


def told(**counts: int) -> None:
    """The runs of a day."""
    for kind, method, params in (("value", "clv/v1", VALUE), ("churn", "churn/v1", CHURN)):
        Run.objects.create(
            kind=kind, method=method, version=blueprints.current_version(), params=params, as_of=TODAY,
            customers=sum(counts.values()), counts=counts, at=timezone.now(),
        )  # fmt: skip


@pytest.fixture
def base(wang: User, chen: User) -> list[Customer]:
    """Three customers of 王 with forecasts, one of 陈, and one of nobody who never bought."""
    mine = [customer(wang) for _ in range(3)]
    other = customer(chen)
    for one, rfm in zip([*mine, other], ("champions", "champions", "dormant", "cannot_lose"), strict=True):
        scored(one, rfm)
    foreseen(mine[0], "1000")
    foreseen(mine[1], "120", "0.75", "warning", reasons=[["silence_gaps", 3.2], ["recency_days", None]])
    foreseen(mine[2], "0", "0.95", "critical", reasons=[["recency_days", None]])
    foreseen(other, "80000", "0.55", "watch", reasons=[["silence_gaps", 1.9]])
    customer(None)
    told(none=1, watch=1, warning=1, critical=1)
    return mine


@pytest.mark.parametrize("page", PAGES)
def test_it_works(page: str, client_for, li: User, base: list[Customer]) -> None:
    response = client_for(li).get(reverse(page))
    assert response.status_code == 200
    assert "<c-" not in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_works_empty(page: str, client_for, li: User) -> None:
    assert "尚未" in client_for(li).get(reverse(page)).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_speaks_english(page: str, client_for, li: User, base: list[Customer]) -> None:
    li.language = "en"
    li.save()
    text = client_for(li).get(reverse(page)).content.decode()
    assert "How it is computed" in text and "怎样" not in text


@pytest.mark.parametrize("page", PAGES)
def test_it_refuses_others(page: str) -> None:
    assert Client().get(reverse(page)).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_it_rejects_post(page: str, client_for, li: User) -> None:
    assert client_for(li).post(reverse(page)).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_as_often_for_fifty_as_for_one(
    page: str, client_for, li: User, base: list[Customer], django_assert_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from zhike.kernel import queries as kernel

    client = client_for(li)
    client.get(reverse(page))

    def asked() -> int:
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(page)).status_code == 200
        return len(found)

    few = asked()
    for number in range(50):
        foreseen(customer(), f"{number}00", "0.80", "warning", reasons=[[list(ALL)[number % 17], 1.0]])
    assert asked() == few


def test_parts_sum_to_the_whole_and_lead_to_their_customers(
    client_for, li: User, wang: User, base: list[Customer]
) -> None:
    for user, customers, value, everybody in ((li, 4, 81_120, 5), (wang, 3, 1120, 3)):
        page = client_for(user).get(reverse("insight:value")).page
        assert (page.whole.customers, page.whole.value) == (customers, value)
        for rows in (page.classes, page.bands):
            assert sum(row.part.customers for row in rows) == customers
            assert sum(row.part.value for row in rows) == value
            assert [behind(user, row.url) for row in rows] == [row.part.customers for row in rows]
        assert behind(user, page.whole_url) == customers
        assert page.untold == everybody - customers == behind(user, page.untold_url)


def test_levels_sum_to_the_whole_and_lead_to_their_customers(
    client_for, li: User, wang: User, base: list[Customer]
) -> None:
    for user, customers, lost, warned in ((li, 4, "44190.00", 3), (wang, 3, "190.00", 2)):
        page = client_for(user).get(reverse("insight:churn")).page
        assert sum(row.part.customers for row in page.levels) == page.whole.customers == customers
        assert f"{page.whole.lost:.2f}" == lost
        assert page.warned.customers == warned == behind(user, page.warned_url)
        assert [behind(user, row.url) for row in page.levels] == [row.part.customers for row in page.levels]
        table = page.reasons.table
        assert [behind(user, url) for url in table.urls] == [row[1] for row in table.rows]


def test_the_interval_of_a_sum_is_narrower_than_the_sum_of_intervals(li: User, base: list[Customer]) -> None:
    parts = queries.by_level(li)
    whole = queries.together(parts.values())
    assert max(one.off for one in parts.values()) < whole.off < sum(one.off for one in parts.values())


def test_one_customer_alone_keeps_their_own_interval(li: User, base: list[Customer]) -> None:
    alone = queries.by_class(li)["cannot_lose"]
    assert (alone.customers, alone.low, alone.high) == (1, 40_000, 160_000)


def test_the_most_valuable_at_risk_come_first(client_for, li: User, wang: User, base: list[Customer]) -> None:
    page = client_for(li).get(reverse("insight:churn")).page
    assert [int(row.told.value) for row in page.top] == [80_000, 120, 0]
    assert len(client_for(wang).get(reverse("insight:churn")).page.top) == 2


def test_it_states_horizon_trial_and_warnings(client_for, li: User, base: list[Customer]) -> None:
    text = client_for(li).get(reverse("insight:churn")).content.decode()
    assert "90 天" in text and "0.842" in text and "0.796" in text
    text = client_for(li).get(reverse("insight:value")).content.decode()
    assert "365 天" in text and "r = 0.2" in text and "0.50" in text


def test_it_tells_apart_who_may_stay_away_and_who_is_asleep(
    client_for, li: User, base: list[Customer]
) -> None:
    text = client_for(li).get(reverse("insight:churn")).content.decode()
    assert "可能流失的客户" in text and "未来 90 天内不购买的概率达到“关注”或以上" in text
    assert f'<a href="{reverse("insight:ledger")}">沉睡或临近沉睡</a>' in text and "有预警" not in text
    li.language = "en"
    li.save()
    text = client_for(li).get(reverse("insight:churn")).content.decode()
    assert "Customers likely to stay away" in text and "Asleep or close to it</a>" in text


def test_it_shows_no_names(client_for, zhou: User, base: list[Customer]) -> None:
    for page in PAGES:
        assert "张三丰" not in client_for(zhou).get(reverse(page)).content.decode()


def test_the_list_shows_and_sorts_value_and_risk(client_for, li: User, base: list[Customer]) -> None:
    url = reverse("customers:list") + "?columns=value_12m,risk&sort=-value_12m"
    text = client_for(li).get(url).content.decode()
    assert "¥ 80,000" in text and "紧急" in text
    assert text.index("¥ 80,000") < text.index("¥ 1,000") < text.index("¥ 120")


def test_filters_say_what_they_mean_and_survive_nonsense(li: User, base: list[Customer]) -> None:
    from zhike.customers import listing
    from zhike.customers import queries as customers

    with override("zh-hans"):
        known = listing.filters(li, customers.fields())
        assert known["risk"].words("warning") == "流失风险: 预警"
    assert "¥ 500 – ¥ 1,000" in known["forecast"].words("500~1000")
    assert "沉默" in known["churn_reason"].words("silence_gaps")
    assert behind(li, "?forecast=abc~") == behind(li, "?churn_reason=abc") == behind(li, "?risk=abc") == 0


def test_the_customer_page_shows_value_and_risk(client_for, wang: User, base: list[Customer]) -> None:
    text = client_for(wang).get(reverse("customers:customer", args=[base[1].key])).content.decode()
    assert "12 个月价值" in text and "±100%" in text
    assert "75%" in text and "90 天" in text
    assert "沉默时间是首购以来平均间隔的 3.2 倍" in text and "已 6 天未购买" in text


def test_the_customer_page_shows_the_past_year_while_there_is_no_forecast(client_for, wang: User) -> None:
    one = customer(wang)
    buys(one, 3)
    text = client_for(wang).get(reverse("customers:customer", args=[one.key])).content.decode()
    assert "12 个月价值" not in text and "12 个月消费" in text


def test_doctor_finds_what_does_not_add_up(base: list[Customer]) -> None:
    assert promises.levels_sum() == []
    Forecast.objects.filter(customer=base[0]).update(low=Decimal(5000))
    assert len(promises.levels_sum()) == 1
