"""Metrics as users meet them: the catalogue, one metric, a customer's own, a column and a filter of the list."""

import pytest
from django.urls import reverse
from tests.shop import TODAY, buys, customer

from zhike.customers import listing
from zhike.customers import queries as customers
from zhike.engine.metrics import CATALOGUE
from zhike.insight import actions, queries, storing
from zhike.insight.models import Score
from zhike.kernel import lake
from zhike.kernel.models import User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


@pytest.fixture
def base(wang: User, chen: User) -> list[int]:
    """王 has one who bought twice and one who never did, 陈 one who bought once."""
    often, never, once = customer(wang), customer(wang), customer(chen)
    buys(often, 40, amount="100.00")
    buys(often, 10, amount="300.00")
    buys(once, 100, amount="50.00")
    lake.sync()
    actions.refresh(as_of=TODAY)
    return [often.pk, never.pk, once.pk]


def listed(user: User, query: str) -> list[int]:
    """The customers that the list shows."""
    from django.http import QueryDict

    wanted = listing.Wanted.read(QueryDict(query), user)
    found = listing.narrowed(user, wanted, listing.filters(user, customers.fields()))
    order = listing.order_of(wanted)
    sign = "-" if order.falling else ""
    return list(listing.annotated(found, wanted).order_by(f"{sign}{order.by}").values_list("pk", flat=True))


def test_all_of_it(client_for, li: User, wang: User, base: list[int]) -> None:
    often, never, _once = base
    the_catalogue_tells_how_each_metric_is_spread(client_for, li, wang)
    the_part_is_in_the_whole(client_for, li)
    a_metric_says_what_relies_on_it(client_for, li)
    every_band_leads_to_its_customers(client_for, li, wang)
    the_median_belongs_to_the_upper_half(client_for, li)
    a_customer_has_a_place_in_the_base(often, never)
    any_metric_sorts_and_narrows_the_list(li, base)
    a_score_keeps_only_what_is_in_use(often)


def the_catalogue_tells_how_each_metric_is_spread(client_for, li: User, wang: User) -> None:
    page = client_for(li).get(reverse("insight:metrics")).page
    rows = {row.metric.key: row for group in page.groups for row in group.rows}
    assert rows.keys() == CATALOGUE.keys()
    assert rows["longest_gap"].known == "33%" and rows["longest_gap"].median.startswith("30")
    assert queries.overview(li)["orders"].points[-1] == 2
    assert queries.overview(wang)["gap_evenness"].known == 1 and queries.overview(wang)["orders"].known == 2


def the_part_is_in_the_whole(client_for, li: User) -> None:
    client, address = client_for(li), reverse("insight:metrics") + "?q=gap"
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in client.get(address).content.decode()
    assert "longest_gap" in part and "weekend_share" not in part
    assert "ruler-off" in client.get(reverse("insight:metrics") + "?q=nothing+of+the+kind").content.decode()


def a_metric_says_what_relies_on_it(client_for, li: User) -> None:
    page = client_for(li).get(reverse("insight:metric", args=["recency_days"])).page
    assert "RFM" in page.uses
    dated = client_for(li).get(reverse("insight:metric", args=["second_purchase_on"])).page
    assert {one.value.endswith("天前") for one in dated.facts if one.label in {"中位数", "平均值"}} == {True}
    assert all("天前" in row[0] for row in dated.chart.table.rows)
    answer = client_for(li).get(reverse("insight:metric", args=["evening"]))
    assert answer.status_code == 404


def every_band_leads_to_its_customers(client_for, li: User, wang: User) -> None:
    for user in (li, wang):
        for key in ("longest_gap", "second_purchase_on", "largest_share", "spend"):
            page = client_for(user).get(reverse("insight:metric", args=[key])).page
            for row, url in zip(page.chart.table.rows, page.chart.table.urls, strict=True):
                assert len(listed(user, url.partition("?")[2])) == row[1], (key, row)
            assert sum(row[1] for row in page.chart.table.rows) == int(page.facts[0].value)


def the_median_belongs_to_the_upper_half(client_for, li: User) -> None:
    page = client_for(li).get(reverse("insight:metric", args=["orders"])).page
    (upper,) = [fact for fact in page.facts if fact.label == "中位数及以上"]
    assert len(client_for(li).get(upper.url).page.rows) == 2


def a_customer_has_a_place_in_the_base(often: int, never: int) -> None:
    found = queries.standing(often)
    assert found["spend"].value == 400
    assert round(found["spend"].lower * 6) == 5
    assert queries.standing(never)["recency_days"].lower is None
    assert queries.standing(0) == {}


def any_metric_sorts_and_narrows_the_list(li: User, base: list[int]) -> None:
    often, _never, once = base
    assert listed(li, "metric=longest_gap~none~") == [pk for pk in sorted(base, reverse=True) if pk != often]
    assert listed(li, "metric=largest_share~0.9~") == [once]
    assert listed(li, "metric=largest_share~1e99~") == [] == listed(li, "metric=largest_share~NaN~")
    ranked = listed(li, "sort=-metric.largest_share&metric=largest_share~0~")
    assert ranked == [once, often]


def a_score_keeps_only_what_is_in_use(often: int) -> None:
    kept = Score.objects.get(pk=often).metrics
    assert set(storing.KEPT) <= kept.keys() and "weekend_share" not in kept
    assert len(kept) < 40


def test_before_the_first_run_there_is_nothing(client_for, li: User, wang: User) -> None:
    one = customer(wang)
    assert client_for(li).get(reverse("insight:metrics")).status_code == 200
    assert client_for(li).get(reverse("insight:metric", args=["longest_gap"])).page.chart is None
    assert listed(li, "metric=longest_gap~1~") == []
    assert (
        "每日更新"
        in client_for(li).get(reverse("customers:customer", args=[one.key]) + "?tab=metrics").content.decode()
    )
