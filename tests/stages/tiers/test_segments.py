"""Segments: a refresh writes only what changed, picks survive it, one that fails keeps its last good result."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from tests.shop import TODAY, buys, customer

from zhike.customers.models import Customer
from zhike.desk import middleware
from zhike.kernel import jobs, lake, slots
from zhike.kernel.models import AuditEntry, Job, User
from zhike.tiers import actions, queries
from zhike.tiers.facts import TierRefusal
from zhike.tiers.models import HandPick, Membership, Segment

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
SILENT = {"metric": "recency_days", "op": ">=", "value": 90}


def segment(name: str = "沉默客户", rule: object = SILENT) -> Segment:
    return actions.make_segment(name=name, rule=queries.readable(rule), by=None, start=False)


def refreshed(one: Segment, as_of: date = TODAY):
    lake.sync()
    receipt = actions.refresh_segment(segment=one, as_of=as_of)
    one.refresh_from_db()
    return receipt


def inside(one: Segment) -> dict[str, str]:
    return dict(Membership.objects.filter(segment=one, until=None).values_list("customer__code", "source"))


@pytest.fixture
def shop(db: None) -> dict[str, Customer]:
    people = {code: customer(code=code) for code in ("fresh", "silent", "gone", "new")}
    buys(people["fresh"], 5, 80)
    buys(people["silent"], 95)
    buys(people["gone"], 300)
    return people


def test_a_refresh_writes_only_the_difference(shop: dict[str, Customer]) -> None:
    one = segment()
    first = refreshed(one, TODAY - timedelta(days=10))
    assert inside(one) == {"gone": "rule"} and (first.added, first.removed) == (1, 0)
    kept = Membership.objects.get(segment=one).pk
    buys(shop["gone"], 3)
    second = refreshed(one)
    assert inside(one) == {"silent": "rule"} and (second.added, second.removed, second.members) == (1, 1, 1)
    closed = Membership.objects.get(pk=kept)
    assert (closed.since, closed.until) == (TODAY - timedelta(days=10), TODAY)
    before = list(Membership.objects.order_by("pk").values())
    third = refreshed(one)
    assert (third.added, third.removed) == (0, 0) and list(
        Membership.objects.order_by("pk").values()
    ) == before
    assert (one.members, one.as_of, one.error) == (1, TODAY, None) and one.seconds > 0


def test_an_earlier_day_changes_nothing(shop: dict[str, Customer]) -> None:
    one = segment()
    refreshed(one)
    again = refreshed(one, TODAY - timedelta(days=50))
    assert (again.as_of, again.members) == (TODAY, 2) and set(inside(one)) == {"silent", "gone"}


def test_picks_by_hand_survive_the_rule(shop: dict[str, Customer], li: User) -> None:
    one = segment()
    refreshed(one)
    assert actions.pick_in(segment=one, customers=[shop["fresh"], shop["silent"]], by=li) == 1
    assert actions.pick_out(segment=one, customers=[shop["gone"]], by=li) == 1
    expected = {"fresh": "hand", "silent": "hand"}
    assert dict.fromkeys(inside(one), "hand") == expected
    refreshed(one)
    assert inside(one) == expected
    actions.unpick(segment=one, customers=list(shop.values()), by=li)
    assert refreshed(one).members == 2 and inside(one) == {"silent": "rule", "gone": "rule"}


def test_one_that_fails_keeps_its_result_and_stops_nobody(shop: dict[str, Customer]) -> None:
    bad, good = segment("甲"), segment("乙")
    refreshed(bad)
    Segment.objects.filter(pk=bad.pk).update(rule={"field": "no_such_field", "op": "empty"})
    receipt = actions.refresh_segments(as_of=TODAY)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert [one.name for one in receipt.failed] == ["甲"] and good.members == 2
    assert bad.members == 2 and set(inside(bad)) == {"silent", "gone"}
    assert "no_such_field" in bad.error["reason"]["zh"] and "no_such_field" in bad.error["reason"]["en"]
    assert bad.failed_at is not None and receipt.told()["failed"] == 1
    actions.edit_segment(
        segment=bad, name="甲", note="", rule=queries.readable(SILENT), revision=bad.revision, by=None
    )
    refreshed(bad)
    assert bad.error is None and bad.failed_at is None


def test_a_new_segment_is_refreshed_by_a_job(shop: dict[str, Customer], li: User) -> None:
    one = actions.make_segment(name="  沉默   客户 ", rule=queries.readable(SILENT), by=li)
    job = Job.objects.get(name="tiers.refresh_segment")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"members": 2, "added": 2, "removed": 0})
    assert one.name == "沉默 客户" and set(inside(one)) == {"silent", "gone"}


def test_names_are_not_used_twice_and_edits_do_not_overwrite(li: User) -> None:
    one = segment("甲")
    with pytest.raises(TierRefusal):
        segment("甲")
    rule = queries.readable({"metric": "recency_days", "op": ">=", "value": 60})
    actions.edit_segment(segment=one, name="乙", note="", rule=rule, revision=1, by=li)
    with pytest.raises(TierRefusal):
        actions.edit_segment(segment=one, name="丙", note="", rule=rule, revision=1, by=li)
    told = AuditEntry.objects.get(what="tiers.segment_edited").changes
    assert told["name"] == {"from": "甲", "to": "乙"}
    assert "≥ 90 天" in told["rule"]["from"]["zh"] and "≥ 60 天" in told["rule"]["to"]["zh"]


def test_put_away_and_brought_back(shop: dict[str, Customer], li: User) -> None:
    one = segment()
    refreshed(one)
    actions.archive_segment(segment=one, by=li)
    assert not queries.segments().exists() and not queries.in_segment(str(one.key)).exists()
    actions.restore_segment(segment=one, by=li)
    assert set(queries.in_segment(str(one.key))) == {shop["silent"].pk, shop["gone"].pk}


def test_counts_stay_within_the_scope(shop: dict[str, Customer], li: User, wang: User, chen: User) -> None:
    Customer.objects.filter(code="silent").update(manager=wang)
    one = segment()
    refreshed(one)
    seen = {who: queries.segment_counts(who, [one]).get(one.pk) for who in (li, wang, chen)}
    assert seen[li].members == 2 and seen[wang].members == 1 and seen[chen] is None
    assert [day for day, _n in queries.sizes(li, one)] == [TODAY] and queries.sizes(wang, one) == [(TODAY, 1)]
    assert [m.customer.code for m in queries.latest_comers(wang, one, 5)] == ["silent"]


def test_merging_keeps_one_history_and_erasing_leaves_none(shop: dict[str, Customer], li: User) -> None:
    one = segment()
    refreshed(one)
    actions.pick_out(segment=one, customers=[shop["new"]], by=li)
    with transaction.atomic():
        slots.merge_customer(shop["silent"].pk, shop["gone"].pk)
        slots.merge_customer(shop["silent"].pk, shop["new"].pk)
    assert inside(one) == {"silent": "rule"}
    assert HandPick.objects.get(segment=one).customer_id == shop["silent"].pk
    with transaction.atomic():
        slots.erase_customer(shop["silent"].pk)
    assert not Membership.objects.exists() and not HandPick.objects.exists()


def test_the_lake_knows_who_is_in(shop: dict[str, Customer]) -> None:
    one = segment()
    refreshed(one)
    lake.sync()
    with lake.session() as session:
        found = session.rows(session.table("memberships").select("customer_id", "segment", "since", "until"))
    assert {row["customer_id"] for row in found} == {shop["silent"].pk, shop["gone"].pk}
    assert {(row["segment"], row["since"], row["until"]) for row in found} == {(str(one.key), TODAY, None)}


def test_segments_that_look_at_others_come_after_them(shop: dict[str, Customer], li: User) -> None:
    lake.sync()
    late = segment("后", {"metric": "orders", "op": ">=", "value": 0})
    first = segment("先")
    rule = {"all": [{"segment": str(first.key)}, {"metric": "recency_days", "op": ">", "value": 200}]}
    actions.edit_segment(segment=late, name="后", note="", rule=queries.readable(rule), revision=1, by=li)
    assert [[one.name for one in ready] for ready in queries.in_order(queries.segments())] == [["先"], ["后"]]
    actions.refresh_segments(as_of=TODAY)
    assert inside(late) == {"gone": "rule"}
    with pytest.raises(TierRefusal):
        actions.edit_segment(
            segment=first,
            name="先",
            note="",
            rule=queries.readable({"segment": str(late.key)}),
            revision=1,
            by=li,
        )
    with pytest.raises(TierRefusal):
        actions.archive_segment(segment=first, by=li)


def test_new_facts_wake_the_segments_once() -> None:
    assert actions.keep_up() is None
    one = segment()
    job = actions.keep_up()
    assert job is not None and actions.keep_up() is None
    customer(code="late")
    buys(Customer.objects.get(code="late"), 120)
    jobs.run(job.pk)
    assert set(inside(one)) == {"late"} and actions.keep_up() is not None


def test_the_api_lists_makes_and_counts_within_the_scope(
    shop: dict[str, Customer], li: User, wang: User, program
) -> None:
    Customer.objects.filter(code="silent").update(manager=wang)
    mine, ours = program(wang), program(li)
    made = ours.send("POST", "/segments", {"name": "沉默", "rule": SILENT})
    assert made.status_code == 201 and made.json()["sentence"]["zh"] == "距上次购买天数 ≥ 90 天"
    refreshed(Segment.objects.get())
    told = {
        who: api.get("/api/v1/segments").json()[0]["customers"] for who, api in (("li", ours), ("wang", mine))
    }
    assert told == {"li": 2, "wang": 1}
    members = mine.get(f"/api/v1/segments/{made.json()['key']}/members").json()["items"]
    assert [(row["code"], row["source"]) for row in members] == [("silent", "rule")]
    assert [
        api.send("POST", "/segments/count", {"rule": SILENT}).json()["customers"] for api in (ours, mine)
    ] == [2, 1]
    assert mine.send("POST", "/segments", {"name": "甲", "rule": SILENT}).status_code == 403
    bad = ours.send(
        "POST", "/segments", {"name": "甲", "rule": {"metric": "x; DROP TABLE y", "op": ">", "value": 1}}
    )
    assert (
        bad.status_code == 422
        and bad.json()["reason"]["en"]
        and not Segment.objects.filter(name="甲").exists()
    )


def test_a_key_sent_twice_is_refused(li: User, program) -> None:
    sent = '{"rule": {"tier": "core", "tier": "risk"}}'
    answer = program(li).post("/api/v1/segments/count", sent, content_type="application/json")
    assert answer.status_code == 400 and "“tier”出现了两次" in answer.json()["reason"]["zh"]


def test_programs_are_answered_in_the_currency_of_the_house(
    li: User, program, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force = middleware.blueprint.current_or_none()
    assert in_force is not None
    spec = replace(in_force, currency="USD")
    monkeypatch.setattr(middleware.blueprint, "current_or_none", lambda: spec)
    rule = {"metric": "spend", "op": ">=", "value": 500}
    told = program(li).send("POST", "/segments", {"name": "大客户", "rule": rule}).json()
    assert "$ 500" in told["sentence"]["zh"]


def test_a_count_while_editing_stays_within_the_scope(
    shop: dict[str, Customer], li: User, wang: User, zhou: User, client_for
) -> None:
    Customer.objects.filter(code="silent").update(manager=wang)
    lake.sync()
    sent = {"node": ["1:0:g", "2:1:r"], "n2-what": "metric:recency_days", "n2-op": ">=", "n2-value": "90"}
    head = {"HX-Request": "true"}
    pages = {
        who: client_for(who).post("/tiers/segments/count/", sent, headers=head) for who in (li, wang, zhou)
    }
    assert [answer.page.found.count for answer in pages.values()] == [2, 1, 2]
    assert [one.code for one in pages[wang].page.found.sample] == ["silent"]
    assert "张三丰" in pages[li].content.decode() and "张三丰" not in pages[zhou].content.decode()
    wrong = client_for(li).post("/tiers/segments/count/", {**sent, "n2-value": "soon"}, headers=head)
    assert (
        'id="n2-error"' in wrong.content.decode()
        and "soon" in wrong.content.decode()
        and wrong.page.found is None
    )
