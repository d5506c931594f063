"""The pages of segments, asked the same questions as every page; and the builder, which keeps what was typed."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.shop import TODAY, buys, customer, placed, tiers

from zhike.customers.models import SavedView
from zhike.kernel import lake
from zhike.kernel import queries as kernel
from zhike.kernel.models import AuditEntry, Job, User
from zhike.tiers import actions, queries
from zhike.tiers.facts import TierRefusal
from zhike.tiers.models import HandPick, Membership, Segment

pytestmark = [pytest.mark.usefixtures("retail", "today")]
RULE = {
    "all": [
        {"metric": "spend", "op": ">=", "value": 500},
        {"metric": "recency_days", "op": ">=", "value": 90},
    ]
}
ROWS = {
    "node": ["1:0:g", "2:1:r", "3:1:g", "4:2:r", "5:2:r"],
    "n1-join": "all",
    "n2-what": "metric:spend",
    "n2-op": ">=",
    "n2-value": "5 万",
    "n3-join": "none",
    "n4-what": "field:gender",
    "n4-op": "in",
    "n4-value": ["female"],
    "n5-what": "metric:recency_days",
    "n5-op": "<",
    "n5-value": "30",
}


def segment(name: str = "沉默客户", rule: object = RULE) -> Segment:
    return actions.make_segment(name=name, rule=queries.readable(rule), by=None, start=False)


@pytest.fixture
def base(wang: User, chen: User, retail):
    """A segment that 王's customer left and to which two of 王's and one of 陈's belong."""
    tiers()
    one = segment()
    people = [
        customer(wang, code="A1"),
        customer(wang, code="A2"),
        customer(chen, code="B-stranger"),
        customer(wang, code="A3"),
    ]
    for who in people[:3]:
        Membership.objects.create(segment=one, customer=who, since=TODAY - timedelta(days=9), source="rule")
        placed(who, "core", since=TODAY - timedelta(days=31))
    Membership.objects.create(
        segment=one, customer=people[3], since=TODAY - timedelta(days=9), until=TODAY, source="rule"
    )
    Segment.objects.update(refreshed_at=one.created_at, as_of=TODAY, members=3, removed=1, seconds=0.2)
    one.refresh_from_db()
    return one, people


def urls(one: Segment | None) -> list[str]:
    found = [reverse("tiers:segments"), reverse("tiers:segment_new")]
    return (
        [*found, reverse("tiers:segment", args=[one.key]), reverse("tiers:segment_edit", args=[one.key])]
        if one
        else found
    )


def test_it_works(client_for, li: User, base) -> None:
    for url in [
        *urls(base[0]),
        reverse("tiers:segment_new") + "?example=rising",
        reverse("tiers:segments") + "?archived=1",
    ]:
        response = client_for(li).get(url)
        assert response.status_code == 200 and "<c-" not in response.content.decode()


def test_a_suggested_rule_is_filled_in_and_nothing_is_kept(client_for, li: User) -> None:
    asked = {"rule": json.dumps(RULE), "name": "名" * 200, "note": "来自交叉分析"}
    page = client_for(li).get(reverse("tiers:segment_new"), asked).page
    assert [row.row.what for row in page.top.rows] == ["metric:spend", "metric:recency_days"]
    assert (len(page.name), page.note, page.refusal) == (80, "来自交叉分析", None)
    assert Segment.objects.count() == 0
    other = client_for(li).get(reverse("tiers:segment_new"), {"rule": '{"tag": "x"}'}).page
    assert (
        other.unread is not None and other.begun != page.begun
    )  # a draft of the one is not taken for the other's
    assert client_for(li).get(reverse("tiers:segment_new"), {"rule": "{" * 999}).status_code == 200


def test_it_works_empty(client_for, li: User) -> None:
    for url in urls(None):
        assert client_for(li).get(url).status_code == 200
    assert "example=birthdays" in client_for(li).get(reverse("tiers:segments")).content.decode()


def test_it_refuses_others(client_for, li: User, wang: User, zhou: User, base) -> None:
    one = base[0]
    for url in urls(one):
        assert Client().get(url).status_code == 302
    for who in (wang, zhou):
        assert client_for(who).get(reverse("tiers:segment_new")).status_code == 403
        for verb in ("refresh", "archive", "restore", "pick", "unpick"):
            assert client_for(who).post(reverse(f"tiers:segment_{verb}", args=[one.key])).status_code == 403
    assert client_for(zhou).get(reverse("tiers:segment_export", args=[one.key])).status_code == 403
    assert client_for(li).get(reverse("tiers:segment", args=[uuid4()])).status_code == 404


def test_names_and_counts_stay_within_the_scope(client_for, li: User, wang: User, zhou: User, base) -> None:
    one = base[0]
    page = client_for(wang).get(reverse("tiers:segment", args=[one.key])).page
    assert (page.standing.members, page.standing.left, page.sees_all) == (2, 1, False)
    assert {row.person.code for row in page.came} == {"A1", "A2"} and [
        row.person.code for row in page.left
    ] == ["A3"]
    text = client_for(wang).get(reverse("tiers:segment", args=[one.key])).content.decode()
    assert "B-stranger" not in text and "上次更新" not in text
    everything = client_for(zhou).get(reverse("tiers:segment", args=[one.key])).content.decode()
    assert "B-stranger" in everything and "张三丰" not in everything and "张" in everything
    listed = client_for(wang).get(reverse("tiers:segments")).page.rows[0]
    assert (listed.standing.members, listed.standing.left) == (2, 1)
    assert client_for(li).get(reverse("tiers:segments")).page.rows[0].standing.members == 3


def test_the_list_of_customers_knows_segments(client_for, wang: User, base) -> None:
    one = base[0]
    page = client_for(wang).get(f"/customers/?segment={one.key}&columns=name,segments").page
    assert {row.code for row in page.rows} == {"A1", "A2"} and "沉默客户" in str(page.chips[0].label)
    assert client_for(wang).get("/customers/?segment=nonsense").page.rows == []


def test_part_is_in_whole(client_for, li: User, base) -> None:
    for url in (reverse("tiers:segments"), reverse("tiers:segment", args=[base[0].key])):
        whole = client_for(li).get(url).content.decode()
        part = client_for(li).get(url, headers={"HX-Request": "true"}).content.decode()
        assert part.strip() in whole and "<html" not in part


@pytest.mark.usefixtures("lake")
def test_classes_are_chosen_by_name_and_habits_proposed(client_for, li: User) -> None:
    buys(customer(), 3, channel="天猫")
    lake.sync()
    rule = {"all": [{"not": {"class": "rfm", "is": "champions"}}, {"class": "channel", "is": "天猫"}]}
    url = reverse("tiers:segment_new") + "?" + urlencode({"rule": json.dumps(rule)})
    page = client_for(li).get(url).page
    assert page.words == "RFM 类别不为 重要价值 且 常用渠道为 天猫" and not page.as_json
    assert [(row.row.what, row.op, row.value, row.widget) for row in page.top.rows] == [
        ("class:rfm", "not", "champions", "pick"), ("class:channel", "is", "天猫", "text"),
    ]  # fmt: skip
    assert page.suggestions["class-channel"] == ["天猫"]
    sent = {"name": "天猫", "node": ["1:0:g", "2:1:r", "3:1:r"], "n1-join": "all"}
    sent |= {"n2-what": "class:rfm", "n2-op": "not", "n2-value": "champions"}
    sent |= {"n3-what": "class:channel", "n3-op": "is", "n3-value": "天猫"}
    assert client_for(li).post(reverse("tiers:segment_new"), sent).status_code == 303
    assert Segment.objects.get().rule == rule


def test_a_nested_rule_is_kept_as_it_was_built(client_for, li: User) -> None:
    answer = client_for(li).post(reverse("tiers:segment_new"), {**ROWS, "name": "老客户", "note": "试"})
    made = Segment.objects.get()
    assert answer.status_code == 303 and answer.url == reverse("tiers:segment", args=[made.key])
    gender = {"field": "gender", "op": "in", "value": ["female"]}
    recent = {"metric": "recency_days", "op": "<", "value": 30}
    assert made.rule == {
        "all": [{"metric": "spend", "op": ">=", "value": 50000}, {"not": {"any": [gender, recent]}}]
    }
    page = client_for(li).get(reverse("tiers:segment_edit", args=[made.key])).page
    assert [row.row.what for row in page.top.rows] == ["metric:spend", "field:gender", "metric:recency_days"]
    assert page.top.items[1].join == "none" and Job.objects.filter(name="tiers.refresh_segment").count() == 1


def test_it_explains_bad_input_at_the_row_and_keeps_it(client_for, li: User) -> None:
    bad = {**ROWS, "n5-value": "soon", "name": "甲"}
    answer = client_for(li).post(reverse("tiers:segment_new"), bad)
    text = answer.content.decode()
    assert answer.status_code == 422 and not Segment.objects.exists()
    errors = {row.row.id: row.row.error for row in answer.page.top.rows}
    assert "soon" in errors[5] and not errors[2] and 'value="soon"' in text and 'value="5 万"' in text
    blank = client_for(li).post(reverse("tiers:segment_new"), {**ROWS, "n5-value": "", "name": "甲"})
    assert blank.status_code == 422 and "1 个条件没有填完整" in blank.content.decode()
    unnamed = client_for(li).post(reverse("tiers:segment_new"), {**ROWS, "name": " "})
    assert unnamed.status_code == 422 and unnamed.page.name_error is not None
    nothing = client_for(li).post(reverse("tiers:segment_new"), {"name": "甲"})
    assert nothing.status_code == 422 and "还没有条件" in nothing.content.decode()


def test_hostile_rules_are_refused_with_words(client_for, li: User) -> None:
    deep: object = {"metric": "spend", "op": ">=", "value": 1}
    for _step in range(40):
        deep = {"not": deep}
    for said in (
        '{"metric": "spend; DROP TABLE x", "op": "=", "value": 1}',
        "[" * 9_000,
        json.dumps(deep),
        "no json",
    ):
        answer = client_for(li).post(reverse("tiers:segment_rebuild"), {**ROWS, "do": "json", "json": said})
        assert answer.status_code == 422 and answer.page.refusal is not None
        assert next(row.row.what for row in answer.page.top.rows) == "metric:spend"
    many = {
        "node": ["1:0:g", *(f"{n}:{n}:g" for n in range(2, 4000)), "x", "9:9:9:9", "7:-1:r"],
        "do": "group:1",
    }
    assert client_for(li).post(reverse("tiers:segment_rebuild"), many).status_code == 200


def test_rows_are_added_moved_grouped_and_removed(client_for, li: User) -> None:
    client, url = client_for(li), reverse("tiers:segment_rebuild")

    def after(wish: str) -> list[tuple[int, int]]:
        page = client.post(url, {**ROWS, "do": wish}, headers={"HX-Request": "true"}).page
        return [(row.id, row.depth) for row in page.top.rows]

    assert after("nothing") == [(2, 1), (4, 2), (5, 2)] == after("remove:99") == after("add:2")
    assert after("add:1") == [(2, 1), (4, 2), (5, 2), (6, 1)]
    assert after("group:3") == [(2, 1), (4, 2), (5, 2), (7, 3)]
    assert after("remove:3") == [(2, 1)] and after("remove:4") == [(2, 1), (5, 2)]
    assert after("copy:3") == [(2, 1), (4, 2), (5, 2), (7, 2), (8, 2)]
    assert after("in:2") == [(2, 2), (4, 2), (5, 2)] and after("out:4") == [(2, 1), (5, 2), (4, 1)]
    assert after("up:5") == [(2, 1), (5, 2), (4, 2)] and after("down:2") == [(4, 2), (5, 2), (2, 1)]


def test_an_earlier_edit_of_somebody_else_is_not_overwritten(client_for, li: User, base) -> None:
    one = base[0]
    actions.edit_segment(segment=one, name="改名", note="", rule=queries.readable(RULE), revision=1, by=li)
    sent = {**ROWS, "name": "甲", "revision": "1", "segment": str(one.key)}
    answer = client_for(li).post(reverse("tiers:segment_edit", args=[one.key]), sent)
    assert answer.status_code == 422 and "刚被别人改过" in answer.content.decode()
    assert Segment.objects.get().name == "改名"


def test_what_rows_cannot_say_is_edited_as_text(client_for, li: User) -> None:
    rule = {"did": "orders", "op": ">=", "times": 2, "within": {"days": 90, "before": {"days": 30}}}
    one = segment(rule=rule)
    page = client_for(li).get(reverse("tiers:segment_edit", args=[one.key])).page
    assert page.as_json and json.loads(page.json) == one.rule and page.words
    sent = {"mode": "json", "json": page.json, "name": "改名", "revision": "1", "segment": str(one.key)}
    assert client_for(li).post(reverse("tiers:segment_edit", args=[one.key]), sent).status_code == 303
    assert Segment.objects.get().rule == one.rule and Segment.objects.get().name == "改名"


def test_picks_by_code_and_by_the_list(client_for, li: User, wang: User, base) -> None:
    one, people = base
    url = reverse("tiers:segment_pick", args=[one.key])
    bad = client_for(li).post(url, {"codes": "A3, Z9", "kind": "include"})
    assert bad.status_code == 422 and "Z9" in bad.content.decode() and not HandPick.objects.exists()
    assert client_for(li).post(url, {"codes": "A3", "kind": "include"}).status_code == 303
    assert client_for(li).post(url, {"codes": "A1、B-stranger", "kind": "exclude"}).status_code == 303
    inside = set(Membership.objects.filter(segment=one, until=None).values_list("customer__code", "source"))
    assert inside == {("A2", "rule"), ("A3", "hand")}
    client_for(li).post(reverse("tiers:segment_unpick", args=[one.key]), {"customer": str(people[3].key)})
    assert not HandPick.objects.filter(customer=people[3]).exists()
    keys = {"keys": [str(who.key) for who in people]}
    assert client_for(li).post(reverse("tiers:join"), keys).page.number == 4
    assert client_for(li).post(reverse("tiers:join"), {**keys, "segment": "none"}).status_code == 422
    assert client_for(li).post(reverse("tiers:join"), {**keys, "segment": str(one.key)}).status_code == 303
    assert queries.in_segment(str(one.key)).count() == 4


def test_exports_hold_what_the_asker_may_see(client_for, li: User, wang: User, base) -> None:
    url = reverse("tiers:segment_export", args=[base[0].key])
    text = b"".join(client_for(wang).get(url).streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.split()] == ["客户编号", "A1", "A2"]
    assert client_for(li).get(reverse("tiers:segments_export")).status_code == 200
    assert AuditEntry.objects.filter(what="tiers.segment_exported").count() == 2


def test_put_away_and_brought_back(client_for, li: User, base) -> None:
    one = base[0]
    user = segment("引用", {"segment": str(one.key)})
    client_for(li).post(reverse("tiers:segment_archive", args=[one.key]))
    assert Segment.objects.filter(archived_at=None).count() == 2  # the other's rule looks at it
    client_for(li).post(reverse("tiers:segment_archive", args=[user.key]))
    client_for(li).post(reverse("tiers:segment_archive", args=[one.key]))
    page = client_for(li).get(reverse("tiers:segments")).page
    assert (
        page.rows == [] and len(client_for(li).get(reverse("tiers:segments") + "?archived=1").page.rows) == 2
    )
    assert "恢复" in client_for(li).get(reverse("tiers:segment", args=[one.key])).content.decode()
    client_for(li).post(reverse("tiers:segment_restore", args=[one.key]))
    assert [row.segment.name for row in client_for(li).get(reverse("tiers:segments")).page.rows] == [
        "沉默客户"
    ]


def test_search_and_sort(client_for, li: User, base) -> None:
    segment("最近下单", {"did": "orders", "within": {"days": 30}})
    client, url = client_for(li), reverse("tiers:segments")

    def names(query: str) -> list[str]:
        return [row.segment.name for row in client.get(f"{url}?{query}").page.rows]

    assert names("q=下单") == ["最近下单"] and names("q=沉默") == ["沉默客户"] and names("q=zzz") == []
    assert names("sort=-members") == ["沉默客户", "最近下单"] == names("sort=-members")[::1]
    assert names("sort=nonsense") == sorted(["沉默客户", "最近下单"])


def test_a_failure_is_shown_beside_the_last_good_result(client_for, li: User, base) -> None:
    one = base[0]
    error = {"reason": {"zh": "坏了", "en": "broken"}, "remedy": {"zh": "修", "en": "mend"}}
    Segment.objects.update(error=error, failed_at=one.created_at)
    text = client_for(li).get(reverse("tiers:segment", args=[one.key])).content.decode()
    assert "坏了" in text and "上次成功的结果" in text and ">3<" in text.replace("\n", "")
    assert client_for(li).get(reverse("tiers:segments")).page.failed == 1


@pytest.mark.parametrize("page", ["tiers:segments", "tiers:segment"])
def test_it_asks_as_often_for_fifty_as_for_one(page: str, client_for, li: User, base) -> None:
    one = base[0]
    client, url = client_for(li), reverse(page, args=[one.key] if page == "tiers:segment" else [])
    client.get(url)

    def asked() -> int:
        kernel.forget_installation()
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    actions.pick_in(segment=one, customers=[customer()], by=li)
    once = asked()
    for number in range(50):
        segment(f"分群{number}")
        fresh = customer()
        placed(fresh, "core", since=TODAY)
        actions.pick_in(segment=one, customers=[fresh], by=li)
    assert asked() == once


def test_it_tells_where_it_is_used_and_cannot_be_put_away_before(
    client_for, li: User, wang: User, base
) -> None:
    one, here = base[0], reverse("tiers:segment", args=[base[0].key])
    archive = reverse("tiers:segment_archive", args=[one.key])
    assert "没有规则和视图" in client_for(li).get(here).content.decode()
    inner = segment("外层", {"segment": str(one.key)})
    shared, _own = (
        SavedView.objects.create(
            user=wang, name=name, query=f"segment={one.key}&sort=name", shared=name == "周报"
        )
        for name in ("周报", "自用")
    )
    SavedView.objects.create(user=wang, name="别的", query=f"segment={uuid4()}")
    page = client_for(li).get(here)
    assert [(str(use.kind), str(use.name), use.owner) for use in page.page.used.seen] == [
        ("分群规则", "外层", ""), ("客户列表视图", "周报", wang.name),
    ]  # fmt: skip
    assert (
        page.page.used.private == 1
        and "另有 1 个" in page.content.decode()
        and "自用" not in page.content.decode()
    )
    told = client_for(li).post(archive, follow=True).content.decode()
    one.refresh_from_db()
    assert one.archived_at is None and "外层" in told and "周报" in told
    inner.delete()
    shared.delete()
    with pytest.raises(TierRefusal, match="自用"):
        actions.archive_segment(segment=one, by=wang)
    client_for(li).post(archive)  # what a colleague keeps for himself stands in nobody's way
    one.refresh_from_db()
    assert one.archived_at is not None


def test_what_is_shipped_has_both_names(client_for, li: User, base) -> None:
    made = actions.make_example(key="birthdays", by=li)
    assert made.title.en == "Birthday within 30 days" and segment("自己的").title.en == "自己的"
    Membership.objects.create(segment=made, customer=base[1][0], since=TODAY, source="rule")
    li.language = "en"
    li.save()
    client = client_for(li)
    for where in (
        reverse("tiers:segments"), reverse("tiers:segment", args=[made.key]), reverse("tiers:segment_edit", args=[made.key]),
        "/customers/?segment=" + str(made.key) + "&columns=segments", reverse("execution:for_segment", args=[made.key]),
    ):  # fmt: skip
        text = client.get(where).content.decode()
        assert "Birthday within 30 days" in text and "近 30 天生日" not in text, where
    assert "birthdays" not in [one.key for one in client.get(reverse("tiers:segments")).page.examples]
    with pytest.raises(
        TierRefusal
    ):  # the same name in another language would be two of one name on the screen
        segment("Birthday within 30 days")
