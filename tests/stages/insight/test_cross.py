"""The cross analysis: what a run finds and keeps, and the page that tells it."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook
from tests.shop import TODAY, buys, customer, line, placed, tiers
from tests.stages.insight.test_pages import behind

from zhike.blueprint import queries as blueprints
from zhike.core.rules import text as rule_text
from zhike.insight import actions, queries
from zhike.insight.models import Run
from zhike.kernel import lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import User
from zhike.tiers import queries as segments

pytestmark = [pytest.mark.usefixtures("retail", "today")]
PAGE = "insight:cross"


def told(group: list[str], trait: list[str], seen: list[int], low: float = 1.5) -> dict[str, Any]:
    return {
        "group": group, "trait": trait, "seen": seen, "share": [0.7, 0.9], "lift": [low, 2.4], "p": 1e-9, "q": 1e-7,
    }  # fmt: skip


TOLD = [
    told(["tier", "core"], ["channel", "门店"], [80, 100, 400, 950]),
    told(["field.gender", "female"], ["metric.discount_share", "low"], [40, 200, 100, 950], 1.7),
    told(["metric.spend_12m", "high"], ["category", "茶"], [90, 100, 300, 950], 1.2),
]


def ran(statements: list[dict[str, Any]]) -> Run:
    """A run as the loop would have kept it."""
    params = {
        "customers": 950, "tests": 6814, "clear": 74, "group": 30, "rate": 0.05, "least_lift": 1.2,
        "bands": {"discount_share": ["0.1869", "0.1046"], "spend_12m": ["500", "100"]}, "told": statements,
    }  # fmt: skip
    return Run.objects.create(
        kind="cross", method="cross/v1", version=blueprints.current_version(), params=params, as_of=TODAY,
        customers=950, counts={"customers": 950}, at=timezone.now(),
    )  # fmt: skip


@pytest.mark.usefixtures("lake")
def test_a_run_finds_what_was_planted_and_leads_to_its_customers(li: User) -> None:
    for number in range(120):
        one = customer(gender="female" if number % 2 else "male")
        shop = "门店" if number % 4 else "线上"
        orders = buys(one, 5 + number % 3, channel=shop)
        if number % 10 == 3:  # as often as the shop, for less
            buys(one, 40, channel="线上", amount="5")
        line(orders[0], "茶" if number % 2 else "酒")
    lake.sync()
    actions.refresh(as_of=TODAY)
    run = actions.cross(as_of=TODAY)
    assert run is not None and run.kind == Run.Kind.CROSS and run.customers == 120
    found = queries.crossed()
    said = {one.words.zh for one in found.told}
    assert "性别为「女」的客户中 100% 最常通过「门店」购买,为全体的 1.3 倍" in said
    assert "性别为「女」的客户中 100% 消费最多的品类是「茶」,为全体的 2 倍" in said
    for one in found.told:
        assert (
            one.whole
            and behind(li, f"?{'&'.join(f'{k}={v}' for k, v in one.narrowed.items())}") == one.seen.both
        )


@pytest.mark.usefixtures("lake")
def test_it_is_due_once_a_week() -> None:
    assert actions.cross(as_of=TODAY) is None  # nobody there yet
    for _ in range(60):
        customer()
    lake.sync()
    actions.refresh(as_of=TODAY)
    days = [TODAY + timedelta(days=one) for one in (0, 6, 7)]
    assert [actions.cross(as_of=day) is not None for day in days] == [True, False, True]
    assert actions.cross(as_of=TODAY, now=True) is None  # never back in time


def test_it_works(client_for, li: User) -> None:
    ran(TOLD)
    text = client_for(li).get(reverse(PAGE)).content.decode()
    assert "「核心会员」层级的客户中 80% 最常通过「门店」购买,为全体的 1.9 倍" in text
    assert "6,814" in text and "70%–90%" in text and "<c-" not in text
    assert "tier=core" in text and "habit=channel" in text


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(
    "side",
    [
        ["tier", "core"], ["metric.spend_12m", "high"], ["metric.spend_12m", "low"], ["field.gender", "female"],
        ["field.accepts_sms", "true"], ["field.accepts_sms", "false"], ["field.preferences.food", "true"], ["field.region", "31"],
        ["rfm", "rising"], ["channel", "门店"],
    ],
    ids=".".join,
)  # fmt: skip
def test_a_rule_finds_the_customers_that_the_list_shows(client_for, li: User, side: list[str]) -> None:
    tiers()
    for number in range(8):
        one = customer(
            gender="female" if number % 2 else "male",
            accepts_sms=bool(number % 4),
            preferences=["food", "sports"] if number % 3 else ["sports"],
            region="310115" if number < 5 else "440106",
        )
        placed(one, "core" if number < 3 else "ordinary")
        amount = "3000" if number < 2 else "900" if number < 6 else "90"
        buys(one, 5, amount=amount, channel="门店" if number < 5 else "线上")
    lake.sync()
    actions.refresh(as_of=TODAY)
    ran([told(["field.gender", "female"], side, [3, 4, 4, 8])])
    row = client_for(li).get(reverse(PAGE)).page.rows[0]
    rule = segments.readable(row.said.trait.rule())
    there = behind(li, "?" + urlencode(row.said.trait.narrowed()))
    assert 0 < segments.count_live(li, rule).count == there < 8
    if side[0] != "field.gender":
        builder = client_for(li).get(row.begun[0].url).page
        assert (
            builder.words == str(rule_text(segments.readable(row.said.rule), segments.labels()))
            and not builder.as_json
        )
        assert builder.name == str(row.said.title)[:80] and str(row.said.words) in builder.note


def test_only_what_a_rule_can_say_is_offered_and_only_to_those_who_may(
    client_for, li: User, zhou: User
) -> None:
    ran([*TOLD, told(["tier", "core"], ["metric.discount_share", "low"], [40, 200, 100, 950])])
    rows = client_for(li).get(reverse(PAGE)).page.rows
    assert [len(row.begun) for row in rows] == [1, 1, 1, 1]
    assert rows[0].said.rule == {"all": [{"tier": "core"}, {"class": "channel", "is": "门店"}]}
    assert rows[3].said.rule == {
        "all": [{"tier": "core"}, {"metric": "discount_share", "op": "<", "value": "0.1046"}]
    }
    assert "建成分群" in client_for(li).get(reverse(PAGE)).content.decode()
    assert not any(row.begun for row in client_for(zhou).get(reverse(PAGE)).page.rows)


@pytest.mark.parametrize(
    ("side", "zh", "en"),
    [
        (["tier", "gone"], "没有层级「gone」", "no tier “gone”"),
        (["field.gone", "x"], "没有字段「gone」", "no field “gone”"),
        (["field.address", "x"], "加密保存", "is sealed"),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_what_no_rule_can_say_says_why(
    client_for, li: User, zhou: User, side: list[str], zh: str, en: str
) -> None:
    ran([told(["field.gender", "female"], side, [40, 200, 100, 950])])
    row = client_for(li).get(reverse(PAGE)).page.rows[0]
    assert not row.begun and zh in row.unruled.zh and en in row.unruled.en
    assert "不能建成分群" in client_for(li).get(reverse(PAGE)).content.decode()
    assert client_for(zhou).get(reverse(PAGE)).page.rows[0].unruled is None


def test_it_works_empty(client_for, li: User) -> None:
    assert "尚未做过交叉分析" in client_for(li).get(reverse(PAGE)).content.decode()
    ran([])
    assert "没有符合的结论" in client_for(li).get(reverse(PAGE)).content.decode()


def test_it_refuses_others(client_for, wang: User, zhou: User) -> None:
    assert Client().get(reverse(PAGE)).status_code == 302
    ran(TOLD)
    response = client_for(wang).get(reverse(PAGE))
    assert response.page.crossed is None and "核心会员" not in response.content.decode()
    assert client_for(wang).get(reverse(PAGE) + "?format=xlsx")["Content-Type"].startswith("text/html")
    assert client_for(zhou).post(reverse("insight:recross")).status_code == 403


def test_it_speaks_english(client_for, li: User) -> None:
    li.language = "en"
    li.save()
    ran(TOLD)
    text = client_for(li).get(reverse(PAGE)).content.decode()
    assert "80% of customers of tier “Core” buy mostly through “门店”, 1.9 times the share among all" in text
    assert "的客户中" not in text


def test_it_narrows_sorts_and_searches(client_for, li: User) -> None:
    ran(TOLD)

    def groups(query: str) -> list[str]:
        return [row.said.group.key for row in client_for(li).get(reverse(PAGE) + query).page.rows]

    assert groups("") == ["tier", "field.gender", "metric.spend_12m"]
    assert groups("?sort=lift") == ["field.gender", "tier", "metric.spend_12m"]
    assert groups("?sort=share") == ["metric.spend_12m", "tier", "field.gender"]
    assert groups("?about=metric") == ["metric.spend_12m"] and groups("?q=门店") == ["tier"]
    assert groups("?about=nonsense&sort=nonsense") == []


def test_part_is_in_whole(client_for, li: User) -> None:
    ran(TOLD)
    client = client_for(li)
    part = client.get(reverse(PAGE), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and part.strip() in client.get(reverse(PAGE)).content.decode()


def test_it_exports_what_it_shows(client_for, li: User) -> None:
    ran(TOLD)
    response = client_for(li).get(reverse(PAGE) + "?about=tier&format=xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 2 and rows[1][3] == 0.8 and rows[1][10:12] == [80, 100]
    assert len(book.get_sheet_by_index(1).to_python()) == 5


def test_it_asks_as_often_for_fifty_as_for_one(client_for, li: User) -> None:
    client = client_for(li)

    def asked(statements: list[dict[str, Any]]) -> int:
        ran(statements)
        client.get(reverse(PAGE))
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(found)

    assert asked(TOLD[:1]) == asked(TOLD[:1] * 50)


def test_again_is_a_job(client_for, li: User, zhou: User) -> None:
    response = client_for(li).post(reverse("insight:recross"))
    assert response.status_code == 303 and "/jobs/" in response["Location"]


def test_filters_survive_nonsense(li: User) -> None:
    for nonsense in (
        "?habit=abc",
        "?habit=abc~x",
        "?habit=",
        "?metric=a~b,c~d",
        "?metric=spend~x~,orders~1~",
    ):
        assert behind(li, nonsense) == 0
