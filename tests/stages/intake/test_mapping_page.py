"""Confirming which column is what: samples, suggestions, preview, masks."""

import pytest
from django.urls import reverse
from tests.stages.intake.conftest import MEMBERS, Absorber, Browser, soup
from tests.stages.intake.making import csv, people, workbook

from zhike.intake import actions
from zhike.intake.models import Batch, BatchState, Source
from zhike.kernel.models import User

pytestmark = pytest.mark.django_db


class TestColumns:
    def test_it_works(self, client_for: Browser, li: User, unconfirmed: Batch) -> None:
        page = soup(client_for(li).get(reverse("intake:batch", args=[unconfirmed.key])))
        chosen = [one.find("option", selected=True)["value"] for one in page.select("#columns select")]
        assert chosen == ["code", "name", "phone", "email"]
        assert "138 0000 0000" in page.select_one("#preview").text
        assert page.select_one("#preview .zk-wrong").text == "12"

    def test_it_hides_masked_fields(
        self, client_for: Browser, marketing: User, zhou: User, unconfirmed: Batch
    ) -> None:
        for user in (marketing, zhou):
            text = client_for(user).get(reverse("intake:batch", args=[unconfirmed.key])).content.decode()
            for word in ("王小明", "李强", "13800000000", "138 0000 0000", "a0@example.com", "b@example.com"):
                assert word not in text
            assert "138****0000" in text

    def test_part_is_in_whole_and_follows_the_choices(
        self, client_for: Browser, li: User, unconfirmed: Batch
    ) -> None:
        browser, url = client_for(li), reverse("intake:batch", args=[unconfirmed.key])
        part = browser.get(url, headers={"HX-Request": "true"}).content.decode()
        assert part.strip() in browser.get(url).content.decode()
        other = browser.get(f"{url}?c0=code&c1=&c2=&c3=", headers={"HX-Request": "true"}).content.decode()
        assert "138 0000 0000" not in other

    def test_confirming_queues_the_import(
        self, client_for: Browser, li: User, unconfirmed: Batch, absorber: Absorber
    ) -> None:
        url = reverse("intake:confirm", args=[unconfirmed.key])
        answer = client_for(li).post(url, {"c0": "code", "c1": "name", "c2": "phone", "c3": ""})
        assert answer.status_code == 303
        unconfirmed.refresh_from_db()
        assert unconfirmed.state == BatchState.WAITING
        assert unconfirmed.job

    def test_it_explains_bad_input(self, client_for: Browser, li: User, unconfirmed: Batch) -> None:
        url = reverse("intake:confirm", args=[unconfirmed.key])
        answer = client_for(li).post(url, {"c0": "code", "c1": "code"})
        assert answer.status_code == 422
        assert "同一个字段" in soup(answer).select_one(".alert-danger").text

    def test_it_refuses_others(self, client_for: Browser, zhou: User, wang: User, unconfirmed: Batch) -> None:
        assert client_for(wang).get(reverse("intake:batch", args=[unconfirmed.key])).status_code == 403
        assert client_for(zhou).post(reverse("intake:confirm", args=[unconfirmed.key])).status_code == 403

    def test_another_kind(self, client_for: Browser, li: User, till: Source) -> None:
        content = csv(
            [["订单号", "会员编号", "下单时间", "商品编号", "金额"], ["O1", "C1", "2024-03-05", "P1", 5]]
        )
        batch = actions.receive(blocks=[content], name="m.csv", kind="customers", source=till, by=li)
        browser, url = client_for(li), reverse("intake:batch", args=[batch.key])
        assert "看起来是“订单”" in soup(browser.get(url)).text
        assert browser.post(reverse("intake:kind", args=[batch.key]), {"kind": "cats"}).status_code == 422
        assert browser.post(reverse("intake:kind", args=[batch.key]), {"kind": "orders"}).status_code == 303
        batch.refresh_from_db()
        assert batch.kind == "orders"
        assert "看起来是" not in soup(browser.get(url)).text

    def test_a_large_workbook_is_opened_by_a_job(
        self, client_for: Browser, li: User, till: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from zhike.intake import receiving
        from zhike.kernel import jobs

        monkeypatch.setattr(receiving, "LARGE_WORKBOOK", 1000)
        content = workbook({"会员": [MEMBERS, *people(30)]})
        batch = actions.receive(blocks=[content], name="m.xlsx", kind="customers", source=till, by=li)
        broken = actions.receive(
            blocks=[content[:3000] + bytes(300) + content[3300:]],
            name="b.xlsx",
            kind="customers",
            source=till,
            by=li,
        )
        browser, url = client_for(li), reverse("intake:batch", args=[batch.key])
        assert batch.state == BatchState.LOOKING
        assert soup(browser.get(url)).select_one(".zk-progress")
        for one in (batch, broken):
            assert one.job
            jobs.run(one.job.pk)
        assert soup(browser.get(url)).select_one("#columns")
        assert soup(browser.get(reverse("intake:batch", args=[broken.key]))).select_one(".alert-danger")

    def test_another_sheet(self, client_for: Browser, li: User, till: Source) -> None:
        content = workbook({"会员": [MEMBERS, *people(3)], "二月": [MEMBERS, *people(1)]})
        batch = actions.receive(blocks=[content], name="m.xlsx", kind="customers", source=till, by=li)
        browser, url = client_for(li), reverse("intake:look", args=[batch.key])
        assert browser.post(url, {"sheet": "二月", "header_row": "1"}).status_code == 303
        batch.refresh_from_db()
        assert batch.found["sheet"] == "二月"
        assert browser.post(url, {"sheet": "没有"}).status_code == 422
