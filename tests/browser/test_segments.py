"""Building a segment in a real browser: nested rows by mouse and keyboard, the count, a reload, the members."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE
from tests.shop import TODAY, buys, customer
from zhike.blueprint import actions as blueprint
from zhike.kernel import actions as kernel
from zhike.kernel import jobs, lake, queries
from zhike.kernel.models import Job, User
from zhike.tiers.models import Segment

Check = Callable[[Page], None]


@pytest.fixture
def shop(lake: None, li: User) -> None:
    """Two long silent, of whom one spent much; one who was here last week."""
    blueprint.adopt_shipped("retail", by=None)
    kernel.describe_installation(is_demo=True, business_date=TODAY, by=None)
    queries.forget_installation()
    for code, days, amount in (("S1", 120, "900"), ("S2", 150, "20"), ("F1", 5, "900")):
        buys(customer(li, code=code), days, amount=amount)


def counted(page: Page, number: int) -> None:
    expect(page.locator("#preview .kpi")).to_contain_text(str(number))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_nested_rule_is_built_counted_and_kept(
    shop: None, li: User, sign_in: Callable[[User], Page], serious: Check, size: dict[str, int]
) -> None:
    lake.sync()
    page = sign_in(li)
    page.set_viewport_size(size)
    page.goto("/tiers/segments/")
    page.get_by_role("link", name="新建分群").click()
    page.get_by_label("条件 1:内容").select_option("metric:recency_days")
    page.get_by_label("条件 1:值").fill("90")
    counted(page, 2)
    page.get_by_role("button", name="条件组", exact=True).first.click()
    expect(page.get_by_label("条件 2:内容")).to_be_focused()
    page.get_by_label("条件 2:内容").select_option("did:orders")
    page.get_by_label("统计方式").select_option("amount")
    page.get_by_label("条件 2:值").fill("500")
    counted(page, 1)
    expect(page.locator(".zk-rule-words")).to_contain_text("且")
    page.get_by_label("条件 2:值").fill("viel")
    expect(page.locator("#n4-error")).to_contain_text("不是数字")
    page.get_by_label("条件 2:值").fill("500")
    page.get_by_label("条件 2:值").press("Tab")
    counted(page, 1)
    page.locator("button[value='remove:4']").press("Enter")
    counted(page, 2)
    page.locator("[data-undo]").click()
    counted(page, 1)
    page.on("dialog", lambda question: question.accept())
    page.reload()
    expect(page.get_by_text("已恢复您未保存的修改")).to_be_visible()
    expect(page.get_by_label("条件 2:值")).to_have_value("500")
    counted(page, 1)
    page.wait_for_load_state("networkidle")
    serious(page)
    page.get_by_label("分群名称").fill("高价值沉默")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/tiers/segments/*-*/")
    jobs.run(Job.objects.get(name="tiers.refresh_segment").pk)
    expect(page.locator("#freshness .kpi").first).to_have_text("1")
    page.reload()
    expect(page.get_by_role("table")).to_contain_text("S1")
    serious(page)
    page.locator("#freshness .kpi a").first.click()
    page.wait_for_url("**/customers/?segment=*")
    assert Segment.objects.get().members == 1
