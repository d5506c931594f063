"""The pages of the tiers stage, asked the same questions as every page."""

from datetime import timedelta
from urllib.parse import urlparse

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.shop import TODAY, customer, placed, ran, scored, tiers

from zhike.customers import listing
from zhike.customers import queries as customers
from zhike.kernel import queries as kernel
from zhike.kernel.models import AuditEntry, User
from zhike.tiers import actions, queries
from zhike.tiers.models import Placement, Tagging

pytestmark = [pytest.mark.usefixtures("retail", "today")]
EARLIER = TODAY - timedelta(days=31)
PAGES = ["tiers:board", "tiers:moves", "tiers:tags"]


@pytest.fixture
def base(wang: User, chen: User, retail):
    """王 has a strategic customer, one who slipped into risk and one new; 陈 has one core customer."""
    tiers()
    first, slipped, new, other = (
        customer(wang, code="A1"),
        customer(wang, code="A2"),
        customer(wang),
        customer(chen),
    )
    placed(first, "strategic", since=EARLIER)
    placed(slipped, "core", since=EARLIER, until=TODAY)
    placed(slipped, "risk", since=TODAY)
    placed(new, "ordinary", since=TODAY)
    placed(other, "core", since=EARLIER)
    customer(None)
    for one, spend in ((first, "900.50"), (slipped, "300.00"), (new, "1.00"), (other, "500.00")):
        scored(one, spend=spend)
    ran("rfm", champions=4)
    ran("tiers", EARLIER, strategic=1, core=2)
    ran("tiers", TODAY, strategic=1, core=1, risk=1, ordinary=1)
    return first, slipped, new, other


def behind(user: User, url: str) -> int:
    """How many customers the list shows where a number leads."""
    asked = listing.Wanted.read(QueryDict(urlparse(url).query), user)
    return listing.narrowed(user, asked, listing.filters(user, customers.fields())).count()


@pytest.mark.parametrize("page", PAGES)
def test_it_works(page: str, client_for, li: User, base) -> None:
    response = client_for(li).get(reverse(page))
    assert response.status_code == 200
    assert "<c-" not in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_it_works_empty(page: str, client_for, li: User) -> None:
    assert client_for(li).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_it_refuses_others(page: str) -> None:
    assert Client().get(reverse(page)).status_code == 302


def test_tiers_and_those_not_placed_sum_to_the_customers(client_for, li: User, wang: User, base) -> None:
    for user, everybody in ((li, 5), (wang, 3)):
        page = client_for(user).get(reverse("tiers:board")).page
        assert page.customers + page.unplaced == everybody
        for row in page.rows:
            assert behind(user, row.customers_url) == row.figures.customers
        assert behind(user, page.unplaced_url) == page.unplaced
    assert queries.counts(wang) == {"strategic": 1, "core": 0, "risk": 1, "potential": 0, "ordinary": 1}


def test_one_tier_shows_who_came_and_left(client_for, li: User, base) -> None:
    page = client_for(li).get(reverse("tiers:tier", args=["core"])).page
    assert [(str(move.label.en), move.customers) for move in page.left] == [("Churn warning", 1)]
    assert page.came == [] and "累计消费额" in page.rule
    assert client_for(li).get(reverse("tiers:tier", args=["nothing"])).status_code == 404


def test_every_cell_of_the_moves_leads_to_its_customers(client_for, li: User, wang: User, base) -> None:
    for user, moved, customers_ in ((li, 1, 4), (wang, 1, 3)):
        page = client_for(user).get(reverse("tiers:moves")).page
        cells = [cell for line in page.lines for cell in line.cells]
        assert sum(cell.customers for cell in cells) == customers_
        assert (page.moved, page.up, page.down) == (moved, 0, 1)
        assert all(behind(user, cell.url) == cell.customers for cell in cells)


def test_days_of_moves_can_be_chosen(client_for, li: User, base) -> None:
    page = client_for(li).get(reverse("tiers:moves") + f"?from={TODAY}&to={EARLIER}").page
    assert (page.first, page.second) == (EARLIER, TODAY)
    page = client_for(li).get(reverse("tiers:moves") + "?from=nonsense&to=2031-01-01").page
    assert (page.first, page.second) == (EARLIER, TODAY)


def test_part_is_in_whole(client_for, li: User, base) -> None:
    whole = client_for(li).get(reverse("tiers:moves")).content.decode()
    part = client_for(li).get(reverse("tiers:moves"), headers={"HX-Request": "true"})
    assert part.content.decode().strip() in whole


def test_why_ticks_the_conditions_with_their_values(client_for, wang: User, chen: User, base) -> None:
    first = base[0]
    text = client_for(wang).get(reverse("tiers:why", args=[first.key])).content.decode()
    assert "平均的 3.5 倍" in text and "¥ 700" in text and "6 天" in text
    assert client_for(chen).get(reverse("tiers:why", args=[first.key])).status_code == 404


def test_move_by_hand_needs_the_right_a_reason_and_a_day(client_for, li: User, wang: User, base) -> None:
    slipped = base[1]
    url = reverse("tiers:move", args=[slipped.key])
    assert client_for(wang).get(url).status_code == 403
    bad = client_for(li).post(url, {"tier": "core", "because": " ", "held_until": "2018-01-31"})
    assert bad.status_code == 422
    late = client_for(li).post(url, {"tier": "core", "because": "新合同", "held_until": "2031-01-31"})
    assert late.status_code == 422 and "24 个月" in late.content.decode()
    good = client_for(li).post(url, {"tier": "core", "because": "新合同", "held_until": "2018-01-31"})
    assert good.status_code == 303
    now = queries.current(slipped)
    assert (now.tier.key, now.note, now.by) == ("core", "新合同", li)
    assert Placement.objects.filter(customer=slipped, until=None).count() == 1
    assert AuditEntry.objects.filter(what="tiers.moved", by=li, note="新合同").exists()
    client_for(li).post(reverse("tiers:release", args=[slipped.key]))
    assert queries.current(slipped).held_until is None


def test_tags_are_given_and_taken(client_for, li: User, wang: User, zhou: User, base) -> None:
    first, slipped, _new, other = base
    url = reverse("tiers:tag", args=[first.key])
    assert client_for(zhou).post(url, {"name": "行业峰会"}).status_code == 403
    assert client_for(wang).post(url, {"name": ""}).status_code == 422
    assert client_for(wang).post(url, {"name": "行业峰会"}).status_code == 303
    tag = Tagging.objects.get(customer=first).tag
    everybody = {"keys": [str(first.key), str(slipped.key), str(other.key)]}
    asked = client_for(wang).post(reverse("tiers:give"), everybody)
    assert asked.page.number == 2  # not 陈's
    client_for(wang).post(reverse("tiers:give"), {**everybody, "name": "行业峰会"})
    assert set(queries.carriers(tag.key)) == {first.pk, slipped.pk}
    client_for(wang).post(reverse("tiers:untag", args=[first.key]), {"tag": tag.key})
    assert set(queries.carriers(tag.key)) == {slipped.pk}
    assert client_for(wang).post(reverse("tiers:tag_retire", args=[tag.key])).status_code == 403
    assert client_for(li).post(reverse("tiers:tag_retire", args=[tag.key])).status_code == 303
    assert not queries.carriers(tag.key).exists()


def test_rule_tags_are_not_given_by_hand(client_for, li: User, base) -> None:
    url = reverse("tiers:untag", args=[base[0].key])
    assert client_for(li).post(url, {"tag": "frequent_buyer"}).status_code == 404
    page = client_for(li).get(reverse("tiers:tags")).page
    assert {row.tag.key: row.rule for row in page.rows}["frequent_buyer"]


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_as_often_for_fifty_as_for_one(page: str, client_for, li: User, base) -> None:
    client = client_for(li)
    client.get(reverse(page))

    def asked() -> int:
        kernel.forget_installation()  # remembered for some seconds only
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(page)).status_code == 200
        return len(found)

    one = asked()
    for number in range(50):
        fresh = customer()
        scored(fresh)
        placed(fresh, ["core", "risk", "potential"][number % 3], since=EARLIER)
        actions.tag(customers=[fresh], tag=actions.make_tag(name=f"标签{number}", by=li), by=li)
    assert asked() == one


def test_merging_keeps_one_history_and_both_tags(li: User, base) -> None:
    from django.db import transaction

    from zhike.kernel import slots

    first, slipped, _new, _other = base
    for one, name in ((first, "甲"), (slipped, "甲"), (slipped, "乙")):
        actions.tag(customers=[one], tag=actions.make_tag(name=name, by=li), by=li)
    with transaction.atomic():
        slots.merge_customer(first.pk, slipped.pk)
    assert queries.current(first).tier.key == "strategic" and queries.current(slipped) is None
    assert [str(tag.name) for tag in queries.carried_by([first.pk])[first.pk]] == ["甲", "乙"]


def test_the_timeline_tells_moves(li: User, base) -> None:
    from zhike.customers.timeline import EVER
    from zhike.tiers.panels import moments

    told = [str(one.title) for one in moments(li, base[1], EVER)]
    assert told == ["层级变动:核心会员 → 流失预警", "首次分层:核心会员"]
