"""Rules place every customer, close and open only what changed, and say why."""

from datetime import date, timedelta

import pytest
from django.test import Client
from tests.shop import TODAY, buys, customer

from zhike.blueprint import actions as blueprint
from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import write
from zhike.core.rules import parse
from zhike.core.text import speaking
from zhike.insight import actions as insight
from zhike.kernel import lake
from zhike.kernel.models import Job, User
from zhike.tiers import actions, promises, queries
from zhike.tiers.models import Placement, Tag
from zhike.tiers.queries import preview

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]


def ran(as_of: date = TODAY):
    lake.sync()
    insight.refresh(as_of=as_of)
    return actions.place(as_of=as_of)


def standing() -> dict[str, str]:
    return dict(Placement.objects.filter(until=None).values_list("customer__code", "tier__key"))


def shop() -> None:
    """A large spender, a regular, one long silent, one newcomer with nothing."""
    buys(customer(code="big"), 5, 30, 50, 70, amount="5000")
    buys(customer(code="regular"), *range(2, 170, 12), amount="100")
    buys(customer(code="silent"), 200, 220, amount="300")
    customer(code="new")


def test_every_customer_is_placed_with_reasons() -> None:
    shop()
    receipt = ran()
    assert standing() == {"big": "strategic", "regular": "ordinary", "silent": "risk", "new": "ordinary"}
    assert receipt.customers == sum(receipt.counts.values()) == 4
    assert (receipt.placed, receipt.moved) == (4, 0)
    kept = Placement.objects.get(customer__code="silent").reasons
    assert kept["method"] == "first_match/v1" and kept["version"] == 1
    assert kept["values"]["recency_days"] == 200
    assert [tick["holds"] for tick in kept["ticks"]] == [True, True]
    assert promises.one_open_placement() == [] and promises.tiers_sum() == []


def test_whoever_is_on_record_is_placed_even_with_a_joining_day_to_come() -> None:
    customer(code="later", joined_on="2031-05-04")
    customer(code="earlier", joined_on="2015-05-04")
    receipt = ran()
    assert standing() == {"later": "ordinary", "earlier": "ordinary"}
    assert sum(receipt.counts.values()) == 2
    assert queries.unplaced(_everybody()) == 0


def test_running_again_changes_nothing() -> None:
    shop()
    ran()
    before = list(Placement.objects.order_by("pk").values())
    receipt = ran()
    assert receipt.moves == ()
    assert list(Placement.objects.order_by("pk").values()) == before


def test_a_move_closes_and_opens_and_is_counted() -> None:
    shop()
    earlier = TODAY - timedelta(days=115)
    ran(earlier)
    assert standing()["silent"] == "potential"
    receipt = ran()
    moved = {(move.was, move.now): move.customers for move in receipt.moves}
    assert moved[("potential", "risk")] == 1
    closed, opened = Placement.objects.filter(customer__code="silent").order_by("pk")
    assert (closed.until, opened.since, opened.until) == (TODAY, TODAY, None)
    assert receipt.moved == sum(1 for _ in Placement.objects.filter(until=TODAY))


def test_a_placement_by_hand_holds_until_its_day(li: User) -> None:
    shop()
    ran()
    silent = Placement.objects.get(customer__code="silent").customer
    core = queries.tiers().get(key="core")
    actions.move(customer=silent, to=core, because="签了新合同", held_until=TODAY + timedelta(days=10), by=li)
    assert ran(TODAY + timedelta(days=10)).moves == ()
    assert standing()["silent"] == "core"
    ran(TODAY + timedelta(days=11))
    assert standing()["silent"] == "risk"


def test_rule_tags_come_and_go_and_hand_tags_stay(li: User) -> None:
    shop()
    ran(TODAY - timedelta(days=1))
    regular = Placement.objects.get(customer__code="regular").customer
    mine = actions.make_tag(name="运动爱好者", by=li)
    actions.tag(customers=[regular], tag=mine, by=li)
    assert {tag.key for tag in queries.carried_by([regular.pk])[regular.pk]} >= {"frequent_buyer", mine.key}
    later = TODAY + timedelta(days=60)
    ran(later)
    carried = {tag.key for tag in queries.carried_by([regular.pk])[regular.pk]}
    assert mine.key in carried and "frequent_buyer" not in carried
    assert Tag.objects.get(key="frequent_buyer").kind == "rule"


def test_reasons_read_as_ticked_conditions_in_both_languages() -> None:
    shop()
    ran()
    rows = {code: reasons for code, _tier, _since, reasons in queries.placements_for_export(_everybody())}
    assert "距上次购买天数 ≥ 90 天 ✓ (200 天)" in rows["silent"]
    with speaking("en"):
        rows = {code: reasons for code, _tier, _since, reasons in queries.placements_for_export(_everybody())}
    assert "Days since last purchase ≥ 90 days ✓ (200 days)" in rows["silent"]
    assert rows["new"].count("✗") == 4


def test_preview_tells_who_would_move_without_moving(li: User, wang: User) -> None:
    shop()
    ran()
    spec = _with_risk_after(300)
    found = preview(spec, li)
    assert found.moves == (("risk", "ordinary", 1),)
    assert found.customers == 4
    assert standing()["silent"] == "risk"
    assert preview(spec, wang).moves == ()
    impact = queries.impact(None, spec, li)[0]
    (line,) = impact.lines
    silent = Placement.objects.get(customer__code="silent").customer
    assert impact.count == 1 and line.text.zh == "流失预警 → 普通会员:1" and not line.href
    assert line.examples == ((silent.name or silent.code, f"/customers/{silent.key}/"),)


def test_a_draft_leads_to_all_whom_it_would_move(li: User, client_for: type[Client]) -> None:
    shop()
    ran()
    spec = _with_risk_after(300)
    blueprint.save_draft(write(spec), by=li, revision=0)
    (line,) = queries.impact(None, spec, li)[0].lines
    page = client_for(li).get(line.href).page
    assert [row.code for row in page.rows] == ["silent"]
    silent = Placement.objects.get(customer__code="silent").customer.key
    assert "按草稿发布后:流失预警 → 普通会员" in str(page.chips[0])
    assert client_for(li).get("/customers/?would=nonsense").page.rows == []
    draft = (
        client_for(li).get(f"/blueprint/versions/{blueprints.draft().key}/publish/?impact=1").content.decode()
    )
    assert "/customers/?would=" in draft and f"/customers/{silent}/" in draft


def test_moves_tell_whether_the_rules_or_the_customers_changed(li: User, client_for: type[Client]) -> None:
    shop()
    ran(TODAY - timedelta(days=120))
    ran(TODAY - timedelta(days=1))
    earlier = queries.causes(li, TODAY - timedelta(days=120), TODAY - timedelta(days=1))
    assert earlier.rules == 0 and earlier.behaviour
    draft = blueprint.save_draft(write(_with_risk_after(300)), by=li, revision=0)
    blueprint.publish(draft, by=li)
    ran()
    found = queries.causes(li, TODAY - timedelta(days=1), TODAY)
    assert (found.rules, found.hand) == (1, 0)
    silent = Placement.objects.get(customer__code="silent", until=None)
    client = client_for(li)
    assert "规则在当天变更:模板版本 2" in client.get(f"/customers/{silent.customer.key}/").content.decode()
    assert "1 位在规则变更当天变动" in client.get("/tiers/moves/").content.decode()
    shown = client.get("/blueprint/").content.decode()
    assert "按这个版本" in shown and f"/jobs/{Job.objects.get(name=blueprint.REPUBLISHED).key}/" in shown


def _everybody() -> User:
    return User.objects.filter(scope="all").first() or _made()


def _made() -> User:
    from zhike.kernel import actions as kernel

    return kernel.add_staff(
        email="all@example.com", name="all", role="operations", scope="all", department=None, by=None
    )


def _with_risk_after(days: int):
    from dataclasses import replace

    from zhike.blueprint import queries as blueprints

    spec = blueprints.current()
    rule = parse({"metric": "recency_days", "op": ">=", "value": days}, fields={}, metrics=blueprints.METRICS)
    tiers = tuple(replace(tier, rule=rule) if tier.key == "risk" else tier for tier in spec.tiers)
    return replace(spec, tiers=tiers)
