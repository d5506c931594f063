"""The same questions of every intake page, and those of each."""

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.stages.intake.conftest import MEMBERS, Absorber, Browser, Send, soup
from tests.stages.intake.making import csv, people, workbook

from zhike.intake import actions, queries
from zhike.intake.models import Batch, BatchState, Source
from zhike.kernel.models import User

pytestmark = pytest.mark.django_db

ORDERS = ["订单编号", "客户编号", "下单日期", "金额"]


class TestBatches:
    def test_it_works(self, client_for: Browser, li: User, finished: Batch) -> None:
        page = soup(client_for(li).get(reverse("intake:list")))
        assert "members.csv" in page.find("table").text
        assert page.find("a", href=reverse("intake:new"))

    def test_it_works_empty(self, client_for: Browser, li: User, published: None) -> None:
        page = soup(client_for(li).get(reverse("intake:list")))
        assert page.select_one(".zk-empty a")["href"] == reverse("intake:new")

    def test_it_refuses_others(self, client_for: Browser, wang: User, published: None) -> None:
        assert client_for(wang).get(reverse("intake:list")).status_code == 403

    def test_the_auditor_sees_and_cannot_import(
        self, client_for: Browser, zhou: User, finished: Batch
    ) -> None:
        page = soup(client_for(zhou).get(reverse("intake:list")))
        assert "members.csv" in page.text
        assert not page.find("a", href=reverse("intake:new"))

    def test_part_is_in_whole(self, client_for: Browser, li: User, finished: Batch) -> None:
        browser, url = client_for(li), reverse("intake:list")
        part = browser.get(url, headers={"HX-Request": "true"})
        assert part.headers["Vary"].find("HX-Request") >= 0
        assert part.content.decode().strip() in browser.get(url).content.decode()

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=members", 1),
            ("q=nothing", 0),
            ("kind=customers", 1),
            ("kind=orders", 0),
            ("open=1", 1),
            ("state=failed", 0),
        ],
    )
    def test_filters(self, client_for: Browser, li: User, finished: Batch, query: str, found: int) -> None:
        page = soup(client_for(li).get(f"{reverse('intake:list')}?{query}"))
        assert len(page.select("tbody tr")) == found

    def test_it_asks_as_often_for_fifty(self, client_for: Browser, li: User, finished: Batch) -> None:
        browser = client_for(li)
        browser.get(reverse("intake:list"))
        with CaptureQueriesContext(
            connection,
        ) as one:
            browser.get(reverse("intake:list"))
        for n in range(49):
            Batch.objects.create(
                source=finished.source, kind="orders", file_name=f"{n}.csv", size=1, by=li, sha256=""
            )
        with CaptureQueriesContext(connection) as fifty:
            browser.get(reverse("intake:list"))
        assert len(fifty) == len(one)


class TestUpload:
    def test_it_works(self, client_for: Browser, li: User, published: None) -> None:
        page = soup(client_for(li).get(reverse("intake:new")))
        assert len(page.select("input[name=kind]")) == 7
        assert page.find("input", type="file")

    def test_a_file_goes_on_to_its_columns(self, client_for: Browser, li: User, published: None) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("会员.csv", csv([MEMBERS, *people(2)]))
        answer = client_for(li).post(
            reverse("intake:new"), {"kind": "customers", "source": "", "new_source": "天猫店", "file": file}
        )
        batch = Batch.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, reverse("intake:batch", args=[batch.key]))
        assert (batch.source.name, batch.source.key, batch.file_name) == (
            "天猫店",
            "tian-mao-dian",
            "会员.csv",
        )

    def test_it_explains_bad_input(self, client_for: Browser, li: User, published: None) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        browser = client_for(li)
        empty = browser.post(reverse("intake:new"), {"kind": "customers"})
        assert empty.status_code == 422
        assert len(soup(empty).select(".invalid-feedback")) == 2
        file = SimpleUploadedFile("a.png", b"\x89PNG" + bytes(200))
        answer = browser.post(reverse("intake:new"), {"kind": "customers", "new_source": "x", "file": file})
        assert answer.status_code == 422
        assert "不是表格" in soup(answer).text
        assert not Batch.objects.exists()

    def test_it_refuses_others(self, client_for: Browser, zhou: User, published: None) -> None:
        assert client_for(zhou).get(reverse("intake:new")).status_code == 403

    @pytest.mark.parametrize(
        "kind", ["customers", "products", "orders", "returns", "interactions", "feedback", "events"]
    )
    def test_an_empty_workbook_is_understood_when_filled_in(
        self, client_for: Browser, li: User, published: None, kind: str
    ) -> None:
        from tests.stages.intake.making import opener

        from zhike.intake.matching import knower
        from zhike.intake.reading import layout, tables

        answer = client_for(li).get(reverse("intake:template", args=[kind]))
        assert answer["Content-Type"].endswith("sheet")
        found = tables.workbooks.heads(opener(answer.content))[0]
        header = layout.find_header([(1, found.head[0])], knower())
        from zhike.intake import matching

        columns = [(one.index, one.name, one.group) for one in header.columns]
        matched = matching.suggest(queries.kind(kind), columns, {}, {})
        assert [one.field for one in matched] == [one.key for one in queries.kind(kind).fields()]

    def test_an_unknown_kind_is_not_found(self, client_for: Browser, li: User, published: None) -> None:
        assert client_for(li).get(reverse("intake:template", args=["cats"])).status_code == 404


class TestReceipt:
    def test_it_works(self, client_for: Browser, li: User, finished: Batch) -> None:
        page = soup(client_for(li).get(reverse("intake:batch", args=[finished.key])))
        assert [one.text for one in page.select(".zk-balance .kpi")] == ["4", "2", "1", "1"]
        assert "2 行已导入,1 行待处理,1 行待更正" in page.text
        assert len(page.select("#problems tbody tr")) == 2

    def test_it_hides_masked_fields(self, client_for: Browser, zhou: User, finished: Batch) -> None:
        text = client_for(zhou).get(reverse("intake:batch", args=[finished.key])).content.decode()
        assert "“12”" not in text
        assert not BeautifulSoup(text, "html.parser").find(
            "a", href=reverse("intake:problems", args=[finished.key, "xlsx"])
        )

    def test_part_is_in_whole(self, client_for: Browser, li: User, finished: Batch) -> None:
        browser, url = client_for(li), reverse("intake:batch", args=[finished.key])
        part = browser.get(url, headers={"HX-Request": "true"}).content.decode().strip()
        # Each form of a row carries a token of its own.
        assert BeautifulSoup(part, "html.parser").find("table").text in soup(browser.get(url)).text

    @pytest.mark.parametrize(
        ("query", "rows"), [("state=held", 1), ("column=手机", 1), ("state=corrected", 0), ("after=3", 1)]
    )
    def test_filters(self, client_for: Browser, li: User, finished: Batch, query: str, rows: int) -> None:
        page = soup(client_for(li).get(f"{reverse('intake:batch', args=[finished.key])}?{query}"))
        assert len(page.select("#problems tbody tr")) == rows

    @pytest.mark.parametrize("form", ["xlsx", "csv"])
    def test_corrected_problem_rows_close_the_circle(
        self, client_for: Browser, li: User, finished: Batch, send: Send, absorber: Absorber, form: str
    ) -> None:
        answer = client_for(li).get(reverse("intake:problems", args=[finished.key, form]))
        assert answer.status_code == 200
        assert "filename*=UTF-8''members" in answer["Content-Disposition"]
        rows = _rows(answer.content)
        assert rows[0][:4] == MEMBERS
        assert rows[0][4:] == ["问题", "建议", "知客行号"]
        rows[2][2] = "13900139000"
        absorber.held = set()
        second = send(workbook({"更正": rows}), "customers", "corrected.xlsx")
        assert (second.read, second.accepted) == (2, 2)
        finished.refresh_from_db()
        assert (finished.open_rows, finished.refused) == (0, 2)

    def test_only_those_who_may_download(
        self, client_for: Browser, zhou: User, marketing: User, root: User, finished: Batch
    ) -> None:
        url = reverse("intake:problems", args=[finished.key, "csv"])
        assert client_for(zhou).get(url).status_code == 403
        assert client_for(marketing).get(url).status_code == 403
        assert client_for(root).get(url).status_code == 200

    def test_rows_are_retried_and_dismissed(
        self, client_for: Browser, li: User, zhou: User, finished: Batch
    ) -> None:
        browser = client_for(li)
        assert client_for(zhou).post(reverse("intake:retry", args=[finished.key])).status_code == 403
        assert browser.post(reverse("intake:dismiss", args=[finished.key]), {"row": "5"}).status_code == 303
        assert browser.post(reverse("intake:retry", args=[finished.key])).status_code == 303
        finished.refresh_from_db()
        assert (finished.state, finished.open_rows) == (BatchState.ABSORBING, 0)

    def test_an_import_under_way_is_stopped(
        self, client_for: Browser, li: User, unconfirmed: Batch, absorber: Absorber
    ) -> None:
        actions.confirm(batch=unconfirmed, mapping={0: "code"}, by=li)
        browser, url = client_for(li), reverse("intake:batch", args=[unconfirmed.key])
        assert soup(browser.get(url)).find("form", action=reverse("intake:stop", args=[unconfirmed.key]))
        browser.post(reverse("intake:stop", args=[unconfirmed.key]))
        stopped = soup(browser.get(url))
        assert stopped.find("form", action=reverse("intake:resume", args=[unconfirmed.key]))
        browser.post(reverse("intake:resume", args=[unconfirmed.key]))
        assert soup(browser.get(url)).find("form", action=reverse("intake:stop", args=[unconfirmed.key]))

    def test_what_cannot_be_done_is_said(self, client_for: Browser, li: User, finished: Batch) -> None:
        answer = client_for(li).post(reverse("intake:discard", args=[finished.key]), follow=True)
        assert "已经导入" in soup(answer).select_one("#toasts").text

    def test_it_asks_as_often_for_fifty(self, client_for: Browser, li: User, send: Send) -> None:
        def asked(count: int) -> int:
            rows = [ORDERS, *([f"O{count}-{n}", "C1", "?", 5] for n in range(count))]
            url = reverse("intake:batch", args=[send(csv(rows)).key])
            with CaptureQueriesContext(connection) as queries_:
                browser.get(url)
            return len(queries_)

        browser = client_for(li)
        asked(1)
        assert asked(50) == asked(1)


class TestSources:
    def test_it_works(self, client_for: Browser, li: User, finished: Batch) -> None:
        page = soup(client_for(li).get(reverse("intake:sources")))
        assert page.find("a", href=reverse("intake:source", args=["till"]))

    def test_it_works_empty(self, client_for: Browser, li: User, published: None) -> None:
        assert soup(client_for(li).get(reverse("intake:sources"))).select_one(".zk-empty")

    def test_a_source_is_changed_and_a_column_forgotten(
        self, client_for: Browser, li: User, zhou: User, finished: Batch
    ) -> None:
        url = reverse("intake:source", args=["till"])
        browser, given = client_for(li), {"name": "收银", "rank": "80", "unknown_columns": "refuse"}
        assert "手机" in soup(browser.get(url)).text
        assert browser.post(url, given).status_code == 303
        assert browser.post(url, {**given, "rank": "1000"}).status_code == 422
        assert client_for(zhou).get(url).status_code == 200
        assert client_for(zhou).post(url, given).status_code == 403
        browser.post(reverse("intake:forget", args=["till"]), {"kind": "customers", "column": "手机"})
        source = Source.objects.get()
        assert (source.name, source.rank, "手机" in source.mapping["customers"]) == ("收银", 80, False)
        assert queries.ranks() == {"till": 80}


def test_the_workbench_tells_of_receipts_that_need_me(client_for: Browser, li: User, finished: Batch) -> None:
    assert "members.csv" in soup(client_for(li).get(reverse("desk:home"))).text


def test_invariants_hold_and_notice_a_break(finished: Batch) -> None:
    from zhike.intake import invariants

    assert invariants.every_receipt_balances() == []
    assert invariants.every_open_row_is_kept() == []
    Batch.objects.update(accepted=99, open_rows=7)
    assert len(invariants.every_receipt_balances()) == len(invariants.every_open_row_is_kept()) == 1


def test_pages_speak_english_too(client_for: Browser, li: User, finished: Batch, unconfirmed: Batch) -> None:
    li.language = "en"
    li.save(update_fields=["language"])
    browser = client_for(li)
    for url in (reverse("intake:list"), reverse("intake:new"), reverse("intake:batch", args=[finished.key]),
                reverse("intake:batch", args=[unconfirmed.key]), reverse("intake:sources")):  # fmt: skip
        text = soup(browser.get(url)).select_one("main").text
        assert "导入" not in text


def _rows(content: bytes) -> list[list[str]]:
    from tests.stages.intake.making import opener

    from zhike.intake.reading import tables

    table = tables.look(opener(content), {"会员编号", "姓名", "手机"}.__contains__)
    return [cells for _, cells in [(0, table.header.names), *tables.read(opener(content), table.as_json())]]
