"""The balance sheet on a shop of its own: exact, reconciled with the orders, within the asker's scope, and never in the way."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.shop import TODAY, buys, placed, ran, tiers
from tests.stages.insight.test_forecast import adopt as adopt_terms
from tests.stages.insight.test_forecast import shop

from zhike.core.blueprints import ForecastSpec
from zhike.customers.models import Customer
from zhike.engine.lake import erase, reset
from zhike.engine.ledger import DIMENSIONS, Movement
from zhike.insight import actions
from zhike.insight.facts import InsightRefusal
from zhike.insight.ledger import computing, periods, promises, reading
from zhike.insight.ledger.periods import Period
from zhike.insight.models import Forecast, Statement
from zhike.kernel import bulk, jobs, lake
from zhike.kernel.models import Job, User

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
FIRST, MIDDLE = TODAY - timedelta(days=120), TODAY - timedelta(days=60)
QUERY = f"?first={FIRST}&second={TODAY}"


def grown(wang: User, chen: User, number: int = 8, days: tuple[date, ...] = (FIRST, TODAY)) -> list:
    """A shop of two managers whose value was foretold on some days, with tiers that changed."""
    tiers()
    found = shop(number)
    for place, one in enumerate(found):
        one.manager, one.values = (wang, chen)[place % 2], {"region": ("330102", "440305", "")[place % 3]}
        one.save()
        placed(one, ("core", "ordinary")[place % 2], FIRST - timedelta(days=9), MIDDLE)
        placed(one, ("potential", "ordinary", "core")[place % 3], MIDDLE)
    for day in days:
        lake.sync()
        actions.forecast(as_of=day)
    return found


def test_it_balances_to_the_cent_and_follows_on(wang: User, chen: User, li: User) -> None:
    grown(wang, chen, 150, (FIRST, MIDDLE, TODAY))
    sheets = []
    for period in (Period(FIRST, MIDDLE), Period(MIDDLE, TODAY)):
        sheet = reading.read(li, computing.compute(period), DIMENSIONS)
        assert sheet and sheet.difference == 0
        total = sheet.total
        changes = sum((total.amount(one) for one in Movement), Decimal(0))
        assert total.opening + changes + total.model == total.closing
        assert total.model, "models of different days judge alike"
        for parts in sheet.slices.values():
            assert all(one.balances for one in parts)
            assert sum(one.closing.closing for one in parts) == total.whole.closing
        low, high = sheet.interval(1).low, sheet.interval(1).high
        assert low < total.closing < high
        sheets.append(sheet)
    assert sheets[0].total.closing == sheets[1].total.opening
    assert sheets[1].total.closing == sum(Forecast.objects.values_list("value", flat=True))
    assert {one.key for one in sheets[1].slices["manager"]} == {str(wang.pk), str(chen.pk)}
    assert promises.balance() == []


def test_an_account_manager_has_a_balance_sheet_of_their_own(
    client_for, wang: User, chen: User, li: User
) -> None:
    grown(wang, chen)
    statement = computing.compute(Period(FIRST, TODAY))
    whole, mine, other = (reading.read(one, statement) for one in (li, wang, chen))
    assert mine.total.closing + other.total.closing == whole.total.closing
    assert mine.difference == other.difference == 0
    for query in ("", "&movement=churned", "&dimension=tier&now=core", f"&dimension=manager&now={chen.pk}"):
        page = client_for(wang).get(reverse("insight:ledger_customers") + QUERY + query).page
        assert {row.line.customer.manager_id for row in page.rows} <= {wang.pk}
    assert page.found.customers == 0 and page.rows == []
    files = [client_for(li).get(reverse("insight:ledger_customers_export") + QUERY)]
    assert client_for(wang).get(reverse("insight:ledger_export") + QUERY).status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(files[0].streaming_content)))
    lines = book.get_sheet_by_index(0).to_python()
    assert len(lines) == whole.rows + 1 and len(set(lines[0])) == len(lines[0])


def test_customers_behind_a_figure_sum_to_it(client_for, wang: User, chen: User, li: User) -> None:
    grown(wang, chen, 120)
    sheet = reading.read(li, computing.compute(Period(FIRST, TODAY)))
    page = client_for(li).get(reverse("insight:ledger") + QUERY).page
    for move in page.view.moves:
        found = client_for(li).get(move.url).page.found
        assert (found.customers, found.change) == (move.customers, move.amount)
    tier = client_for(li).get(page.view.tiers[0].url).page.found
    assert (tier.customers, tier.closing) == (page.view.tiers[0].customers, page.view.tiers[0].closing)
    falling = client_for(li).get(reverse("insight:ledger_customers") + QUERY + "&sort=-change").page.rows
    changes = [row.line.change for row in falling]
    assert changes == sorted(changes, reverse=True) and len(changes) == 50
    last = client_for(li).get(reverse("insight:ledger_customers") + QUERY + "&page=3").page
    assert last.pager.previous and not last.pager.next
    assert 100 + len(last.rows) == last.found.customers == sheet.rows
    assert client_for(li).get(page.view.risk_url).page.found.customers == sheet.total.at_risk


@pytest.mark.parametrize("query", ["&movement=nonsense", "&dimension=nonsense&now=x"])
def test_an_unknown_figure_is_not_everybody(client_for, wang: User, chen: User, li: User, query: str) -> None:
    grown(wang, chen)
    computing.compute(Period(FIRST, TODAY))
    for name in ("ledger_customers", "ledger_customers_export"):
        assert client_for(li).get(reverse(f"insight:{name}") + QUERY + query).status_code == 404


def test_an_order_after_it_shows_and_leads_to_computing_again(
    client_for, wang: User, chen: User, li: User
) -> None:
    found = grown(wang, chen)
    statement = computing.compute(Period(FIRST, TODAY))
    assert client_for(li).get(reverse("insight:ledger") + QUERY).page.stale is None
    buys(found[0], 3, amount="0.01")
    assert [one.place for one in promises.balance()] == [str(statement)]
    lake.sync()
    page = client_for(li).get(reverse("insight:ledger") + QUERY).page
    assert page.stale == Decimal("0.01")
    client_for(wang).post(reverse("insight:ledger_compute"), {"first": FIRST, "second": TODAY})
    assert Job.objects.filter(name=computing.JOB).count() == 1
    again = computing.compute(Period(FIRST, TODAY))
    assert (again.pk, again.key) == (statement.pk, statement.key)
    assert client_for(li).get(reverse("insight:ledger") + QUERY).page.stale is None
    ran("tiers")
    assert client_for(li).get(reverse("insight:ledger") + QUERY).page.stale == 0, "tiers were computed anew"


def test_it_computes_itself_once_when_it_is_opened(client_for, wang: User, chen: User, li: User) -> None:
    grown(wang, chen)
    client, where = client_for(wang), reverse("insight:ledger") + QUERY
    response = client.get(where)
    form = BeautifulSoup(response.content, "html.parser").select_one("form[hx-trigger='load, submit']")
    assert form and response.page.view is None
    for _ in range(2):
        assert (
            client.post(reverse("insight:ledger_compute"), {"first": FIRST, "second": TODAY}).status_code
            == 303
        )
    job = Job.objects.get(name=computing.JOB)
    assert client.get(where).page.job == job
    part = client.get(where, headers={"HX-Request": "true"}).content.decode().strip()
    assert "every 1s" in part and part.split() and "<html" not in part
    computing.statement_job(jobs.Run(job), **job.arguments)
    Job.objects.update(state="done")
    whole, part = client.get(where), client.get(where, headers={"HX-Request": "true"})
    assert whole.page.view and "<c-" not in whole.content.decode()
    assert part.content.decode().split("<figure")[1][:80] in whole.content.decode()
    assert client.get(where + "&by=tier").page.view.by == "tier"


def test_questions_do_not_grow_with_customers(client_for, wang: User, chen: User, li: User) -> None:
    numbers = []
    for size in (6, 50):
        grown(wang, chen, size)
        computing.compute(Period(FIRST, TODAY))
        for name in ("ledger", "ledger_customers"):
            client = client_for(li)
            client.get(reverse(f"insight:{name}") + QUERY)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(reverse(f"insight:{name}") + QUERY)
            numbers.append(len(asked))
    assert numbers[:2] == numbers[2:]


def test_it_works_empty_and_says_what_to_do(client_for, li: User) -> None:
    response = client_for(li).get(reverse("insight:ledger"))
    assert response.status_code == 200 and response.page.period is None
    with pytest.raises(InsightRefusal):
        computing.compute(Period(FIRST, TODAY))
    assert client_for(li).post(reverse("insight:ledger_compute"), {"first": FIRST}).status_code == 303
    assert client_for(li).get(reverse("insight:ledger_customers") + QUERY).status_code == 404


def test_it_explains_bad_days(client_for, wang: User, chen: User, li: User) -> None:
    grown(wang, chen)
    for query, said in (
        ("?first=soon&second=later", "2017-09-30"),
        (f"?first={TODAY}&second={FIRST}", "不早于"),
        (f"?first={FIRST}&second={TODAY + timedelta(days=1)}", "尚无预测"),
    ):
        response = client_for(li).get(reverse("insight:ledger") + query)
        assert response.status_code == 422 and said in response.content.decode()


def test_it_refuses_others() -> None:
    for name in ("ledger", "ledger_export", "ledger_customers", "ledger_customers_export", "ledger_compute"):
        assert Client().get(reverse(f"insight:{name}")).status_code == 302


def test_usual_periods_begin_where_others_end() -> None:
    found = periods.picks(date(2017, 2, 14))
    assert found["month"] == Period(date(2017, 1, 31), date(2017, 2, 14))
    assert found["quarter"] == found["year"] == Period(date(2016, 12, 31), date(2017, 2, 14))
    assert found["last_month"] == Period(date(2016, 12, 31), date(2017, 1, 31))
    assert found["last_quarter"] == Period(date(2016, 9, 30), date(2016, 12, 31))


def test_what_is_erased_or_lost_is_computed_again(client_for, wang: User, chen: User, li: User) -> None:
    found = grown(wang, chen)
    statement = computing.compute(Period(FIRST, TODAY))
    with lake.session() as session:
        erase(session, [found[0].pk])
        assert reading.read(li, statement).rows == 7
        reset(session)
    lake.sync()
    assert reading.read(li, statement) is None
    assert client_for(li).get(reverse("insight:ledger") + QUERY).page.view is None
    assert computing.compute(Period(FIRST, TODAY)).customers == 8


def test_who_moved_to_another_region_leaves_the_one_for_the_other(wang: User, chen: User, li: User) -> None:
    found = grown(wang, chen)
    mover = found[1]
    bulk.run(
        "INSERT INTO customers_customerversion (customer_id, number, changed, prior, source, at) "
        'VALUES (%s, 1, \'{"region": "edited"}\', \'{"values": {"region": "510100"}}\', \'test\', %s)',
        [mover.pk, f"{MIDDLE} 12:00+08"],
    )
    slices = reading.read(li, computing.compute(Period(FIRST, TODAY)), ["region"]).slices["region"]
    before = next(one for one in slices if one.key == "510000")
    assert (before.opening.customers, before.closing.customers, before.went.customers) == (1, 0, 1)
    assert before.balances
    later = reading.read(li, computing.compute(Period(MIDDLE, TODAY)), ["region"]).slices["region"]
    assert "510000" not in {one.key for one in later}


def test_old_statements_make_room(wang: User, chen: User, monkeypatch) -> None:
    grown(wang, chen)
    monkeypatch.setattr(computing, "KEPT", 1)
    computing.compute(Period(FIRST, MIDDLE))
    kept = computing.compute(Period(MIDDLE, TODAY))
    assert Statement.objects.get() == kept
    with lake.session() as session:
        assert session.rows(session.table("ledger").select("statement").distinct()) == [
            {"statement": f"{kept.key}"}
        ]


def test_migration_counts_who_went_where_and_leads_to_them_with_reasons(
    client_for, wang: User, chen: User, li: User
) -> None:
    grown(wang, chen)
    where = reverse("insight:migration") + QUERY
    assert client_for(li).get(where).page.matrices == []
    computing.compute(Period(FIRST, TODAY))
    for user, number in ((li, 8), (wang, 4)):
        page = client_for(user).get(where).page
        for matrix in page.matrices:
            assert sum(line.customers for line in matrix.lines) == number
        cell = next(one for line in page.matrices[0].lines for one in line.cells if one.customers)
        found = client_for(user).get(cell.url).page
        assert (found.found.customers, found.found.closing) == (cell.customers, cell.value)
        assert all("60" in row.why for row in found.rows), "the rule of the tier, ticked"
    assert client_for(li).get(reverse("insight:migration") + "?first=a&second=b").status_code == 422
    assert Client().get(where).status_code == 302


def test_other_terms_and_who_is_at_risk_are_said_in_sight(
    client_for, wang: User, chen: User, li: User
) -> None:
    grown(wang, chen)
    computing.compute(Period(FIRST, TODAY))
    same = BeautifulSoup(client_for(li).get(f"/insight/{QUERY}").content, "html.parser")
    assert same.select_one("#reckoned") is None
    adopt_terms(ForecastSpec(margin=Decimal("0.3")))
    actions.forecast(as_of=TODAY)
    computing.compute(Period(FIRST, TODAY))
    page = BeautifulSoup(client_for(li).get(f"/insight/{QUERY}").content, "html.parser")
    assert "毛利率 100% → 30%;" in page.select_one("#reckoned").get_text()
    card = page.find(string="沉睡或临近沉睡的客户").find_parent(class_="card")
    assert "已沉睡,或流失风险级别为“预警”“紧急”" in card.get_text()
    assert "流失页的“可能流失”只看概率,从“关注”算起" in page.get_text()
    assert all("at_risk=yes" in link["href"] for link in card.select("a"))


def test_slices_by_manager_say_that_the_past_of_managers_is_not_kept(
    client_for, li: User, wang: User, chen: User
) -> None:
    grown(wang, chen)
    computing.compute(Period(FIRST, TODAY))
    text = client_for(li).get(f"/insight/{QUERY}&by=manager").content.decode()
    assert "不保存客户以前由谁负责" in text
    Customer.objects.filter(manager=wang).update(manager=chen)
    lake.sync()
    view = client_for(li).get(f"/insight/{QUERY}&by=manager").page.view
    assert all(row.moved == 0 for row in view.slices), "as the note says"
    assert client_for(li).get(f"/insight/{QUERY}&by=region").page.view.slices_note == ""
