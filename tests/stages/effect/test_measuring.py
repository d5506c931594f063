"""KPIs per tier and month, before against after, and the pages that show them."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.care import TODAY, at, customer
from tests.engine.conftest import fill
from tests.engine.conftest import session as session  # the lake in memory

from zhike.effect import actions, queries
from zhike.effect.actions import EffectRefusal
from zhike.effect.models import Effect, KpiNote, KpiReading
from zhike.kernel import lake
from zhike.kernel.models import AuditEntry
from zhike.strategies.models import Strategy, StrategyReview
from zhike.tiers.models import Placement

pytestmark = pytest.mark.django_db
MARCH, END = date(2017, 3, 1), date(2017, 3, 31)


@pytest.fixture
def shop(in_force, wang, chen, session, monkeypatch):
    """Four strategic customers of 王, two of 陈; all bought in February, four of them again in March."""
    people = [customer(wang if number < 4 else chen, tier="strategic") for number in range(6)]
    orders = [(one, date(2017, 2, 1)) for one in people] + [(one, date(2017, 3, 10)) for one in people[:4]]
    fill(session, "customers", [
        {"id": one.pk, "kind": "person", "code": one.code, "manager_id": one.manager_id,
         "department_id": one.department_id, "created_on": date(2017, 1, 1), "fields": "{}"} for one in people
    ])  # fmt: skip
    fill(session, "orders", [
        {"id": number, "customer_id": one.pk, "placed_at": day, "placed_on": day, "amount": 100, "discount": 0}
        for number, (one, day) in enumerate(orders, 1)
    ])  # fmt: skip
    fill(session, "placements", [
        {"id": placed.pk, "customer_id": placed.customer_id, "tier": "strategic", "since": placed.since}
        for placed in Placement.objects.all()
    ])  # fmt: skip

    @contextmanager
    def opened():
        yield session

    monkeypatch.setattr(lake, "session", opened)
    at(END)
    return people


def test_a_kpi_is_read_per_tier_and_month(shop, li):
    receipt = actions.measure(as_of=END)
    assert receipt.months == (MARCH,)
    found = queries.series(li)
    figure = found["repurchase_rate", "strategic", MARCH]
    assert (figure.customers, round(figure.value, 4)) == (6, Decimal("0.6667"))
    assert found["repurchase_rate", "", MARCH] == figure
    assert found["active_customers", "strategic", MARCH].value == 4
    assert round(found["spend_per_customer", "strategic", MARCH].value, 2) == Decimal("166.67")


def test_a_tier_is_held_to_the_targets_that_hold_for_it(shop, li, client_for):
    actions.measure(as_of=END)
    KpiReading.objects.filter(manager=shop[5].manager).update(tier="risk")
    held = {(one.kpi.key, one.tier) for one in queries.standings(li, queries.series(li))}
    assert {("repurchase_rate", "strategic"), ("repurchase_rate", ""), ("response", "strategic")} <= held
    assert ("response", "") not in held and ("repurchase_rate", "risk") not in held
    page = client_for(li).get(f"{url('index')}?kpi=response").content.decode()
    assert "60.0% · 战略会员" in page


def test_measuring_again_writes_nothing(shop):
    actions.measure(as_of=END)
    before = list(KpiReading.objects.order_by("pk").values()), list(Effect.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()
    assert actions.measure(as_of=END).changed == 0
    assert before == (
        list(KpiReading.objects.order_by("pk").values()),
        list(Effect.objects.order_by("pk").values()),
    )
    assert AuditEntry.objects.count() == entries


def test_an_earlier_day_does_not_overwrite_a_later_one(shop, li):
    actions.measure(as_of=END)
    actions.measure(as_of=END - timedelta(days=10))
    assert queries.series(li)["repurchase_rate", "strategic", MARCH].as_of == END


def test_own_customers_only(shop, wang, chen):
    actions.measure(as_of=END)
    assert queries.series(wang)["repurchase_rate", "strategic", MARCH].value == 1
    assert queries.series(chen)["repurchase_rate", "strategic", MARCH].value == 0
    assert queries.series(chen)["repurchase_rate", "strategic", MARCH].customers == 2
    assert queries.effects(wang) == []


def test_before_and_after_compare_the_same_customers_over_equal_periods(shop, li):
    actions.measure(as_of=END)
    [effect] = [one for one in queries.effects(li) if one.kpi == "spend_per_customer"]
    assert (effect.began_on, effect.days, effect.customers) == (TODAY, 28, 6)
    assert (effect.before, round(effect.after, 2)) == (100, Decimal("66.67"))


def test_no_placement_no_figure(in_force, li, session, monkeypatch):
    @contextmanager
    def opened():
        yield session

    monkeypatch.setattr(lake, "session", opened)
    assert actions.measure(as_of=END).readings == 0
    assert queries.series(li) == {}


def test_a_note_says_why_and_replaces_itself(shop, li):
    said = {"kpi": "repurchase_rate", "tier": "strategic", "month": MARCH, "by": li}
    actions.note(reason="缺货", adjustment="", **said)
    actions.note(reason="缺货两周", adjustment="备货", **said)
    assert KpiNote.objects.get().adjustment == "备货"
    with pytest.raises(EffectRefusal):
        actions.note(reason="x", adjustment="", kpi="repurchase_rate", tier="", month=date(2017, 4, 1), by=li)


def url(name: str, *args: object) -> str:
    return reverse(f"effect:{name}", args=args)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_works(shop, li, client_for, language):
    li.language = language
    li.save()
    actions.measure(as_of=END)
    note, decide = (
        url("note", "repurchase_rate", "2017-03", "strategic"),
        url("decide", "2017-Q1", "strategic"),
    )
    for address in (url("index"), url("compare"), url("review"), note, decide, url("export")):
        answer = client_for(li).get(address)
        assert answer.status_code == 200, address
        if not answer.streaming:
            assert "<c-" not in answer.content.decode()


def test_pages_say_it_in_words(shop, li, client_for):
    actions.measure(as_of=END)
    assert "2017-Q1" in client_for(li).get(f"{url('index')}?by=quarter").content.decode()
    page = client_for(li).get(url("index")).content.decode()
    assert "66.7%" in page and "6 位" in page
    compared = client_for(li).get(url("compare")).content.decode()
    assert "实施前" in compared and "不能证明因果" in compared and "6 位客户" in compared


def test_it_refuses_others(shop, wang, zhou, client_for):
    for who in (wang, zhou):
        assert client_for(who).get(url("note", "repurchase_rate", "2017-03", "all")).status_code == 403
        assert client_for(who).post(url("decide", "2017-Q1", "strategic")).status_code == 403


def test_it_explains_bad_input(shop, li, client_for):
    assert client_for(li).post(url("note", "repurchase_rate", "2017-03", "all"), {}).status_code == 422
    assert (
        client_for(li).post(url("note", "repurchase_rate", "2017-04", "all"), {"reason": "x"}).status_code
        == 422
    )
    assert client_for(li).post(url("decide", "2017-Q1", "strategic"), {}).status_code == 422
    for place in (
        ("nothing", "2017-03", "all"),
        ("repurchase_rate", "March", "all"),
        ("repurchase_rate", "2017-03", "x"),
    ):
        assert client_for(li).get(url("note", *place)).status_code == 404
    for place in (("2017-Q9", "strategic"), ("2017-Q1", "nothing")):
        assert client_for(li).get(url("decide", *place)).status_code == 404


def test_part_is_in_whole(shop, li, client_for):
    actions.measure(as_of=END)
    whole, part = client_for(li).get(url("index")), client_for(li).get(url("index"), HTTP_HX_REQUEST="true")
    assert part.content.decode().strip() in whole.content.decode()


@pytest.mark.parametrize("name", ["index", "compare", "review", "export"])
def test_it_works_empty(li, client_for, name):
    assert client_for(li).get(url(name)).status_code == 200


def test_a_review_is_decided_and_leads_to_the_blueprint(shop, li, client_for):
    actions.measure(as_of=END)
    answer = client_for(li).post(
        url("decide", "2017-Q1", "strategic"), {"decision": "change", "note": "加一次回访"}
    )
    assert answer.headers["Location"].startswith("/blueprint/")
    said = StrategyReview.objects.get()
    assert said.figures["kpis"]["active_customers"][1] == "4.000000"
    assert "加一次回访" in client_for(li).get(f"{url('review')}?quarter=2017-Q1").content.decode()


def test_the_export_holds_what_the_page_shows(shop, li, client_for):
    actions.measure(as_of=END)
    answer = client_for(li).get(url("export"))
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    figures, effects, _notes = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert ["近 90 天复购率", "2017-03"] in [[row[0], row[2]] for row in figures]
    assert len(effects) == 1 + Effect.objects.count()


def test_a_comparison_ends_with_its_strategy(shop, li):
    actions.measure(as_of=END)
    Strategy.objects.filter(tier="strategic").update(until=END)
    assert queries.effects(li) == []
