"""What people do all day, done in Chromium on real data, wide and on a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from zhike.kernel import jobs
from zhike.kernel.models import Job, JobState

Enter = Callable[[str], Page]
PAGES = (
    "/", "/customers/", "/customers/new/", "/activity/orders/", "/insight/", "/insight/distributions/", "/insight/metrics/",
    "/tiers/", "/tiers/moves/", "/tiers/tags/", "/strategies/", "/tasks/", "/tasks/calendar/", "/tasks/board/", "/records/",
    "/effect/", "/intake/", "/intake/new/", "/intake/sources/", "/blueprint/", "/blueprint/versions/", "/blueprint/edit/rfm/",
    "/blueprint/edit/yaml/", "/settings/", "/search/?q=zhang", "/effect/compare/", "/effect/review/", "/activity/products/",
    "/settings/api/", "/settings/jobs/", "/settings/tokens/", "/insight/rfm/", "/insight/migration/",
)  # fmt: skip
# What ends beyond the window's right edge without standing in something that scrolls.
TOO_WIDE = """() => [...document.querySelectorAll('main, main *')].filter(one => {
  const edge = document.documentElement.clientWidth, box = one.getBoundingClientRect();
  if (!box.width || box.right <= edge + 1) return false;
  for (let outer = one.parentElement; outer; outer = outer.parentElement)
    if (getComputedStyle(outer).overflowX !== 'visible') return false;
  return true;
}).slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""


def work_through() -> None:
    """What the worker does: run what waits."""
    for job in Job.objects.filter(state=JobState.WAITING).order_by("pk"):
        jobs.run(job.pk)


def workbook(path: Path, phone: str) -> Path:
    """A list as people keep it: a title above, two customers, one of them with a wrong phone number."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("客户")
        sheet.merge_range("A1:C1", "2017 年 12 月新会员")
        people = [("客户编号", "姓名", "手机"), ("N-1", "欧阳若兰", "13900001234"), ("N-2", "单雄信", phone)]
        for row, cells in enumerate(people, 1):
            sheet.write_row(row, 0, cells)
    return path


def send(page: Page, path: Path) -> None:
    """Upload a list and confirm the suggested columns."""
    page.goto("/intake/new/?kind=customers")
    page.set_input_files("[name=file]", str(path))
    page.fill("[name=new_source]", "展会登记")
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/intake/[0-9a-f-]{36}/"))
    page.get_by_role("button", name="导入", exact=True).click()
    page.wait_for_load_state()
    work_through()
    page.reload()


def test_a_file_with_an_error_is_mended_and_sent_again(enter: Enter, tmp_path: Path) -> None:
    page = enter("li")
    send(page, workbook(tmp_path / "new.xlsx", "1390000"))
    expect(page.locator("main")).to_contain_text("1390000")
    send(page, workbook(tmp_path / "mended.xlsx", "13900005678"))
    expect(page.locator("main")).to_contain_text("2 行已导入")
    page.goto("/customers/?q=oyrl")
    expect(page.locator("main")).to_contain_text("欧阳若兰")


def test_a_customer_is_found_by_initials_and_the_tier_explained(enter: Enter) -> None:
    page = enter("li")
    page.goto("/customers/?tier=strategic")
    name = page.locator("tbody tr[data-href] a").first.inner_text()
    page.locator("tbody tr[data-href] a").first.click()
    expect(page.locator("h2.page-title, h1.page-title").first).to_contain_text(name)
    page.get_by_text(re.compile("为什么是")).first.click()
    expect(page.locator("main")).to_contain_text("平均的 3.5 倍")


def test_everybody_whom_the_list_describes_is_assigned_at_once(enter: Enter) -> None:
    page = enter("li")
    page.goto("/customers/?tier=core")
    if not page.locator("[data-check-all]").is_visible():
        pytest.skip("a phone has no ticks")
    page.check("[data-check-all]")
    page.click("[data-bulk-all]")
    many = page.locator("[data-bulk-count]").inner_text()
    assert int(many) > 20
    page.click(".zk-bulk [data-open=assign]")
    page.click("#assign button[form=bulk]")
    expect(page.locator("h1")).to_contain_text(f"分配 {many} 位客户")


def test_a_changed_threshold_shows_who_would_move(enter: Enter) -> None:
    page = enter("li")
    page.goto("/blueprint/edit/yaml/")
    box = page.locator("textarea[name=yaml]")
    text = box.input_value()
    # The first run finds the threshold in force, the one after it the draft that the first left.
    now, then = ("3.5", "5") if "value: 3.5" in text else ("5", "6")
    box.fill(text.replace(f"value: {now}", f"value: {then}", 1))
    page.locator("main form button[type=submit]").first.press("Enter")
    page.wait_for_load_state()
    page.goto("/blueprint/compare/")
    expect(page.locator("main")).to_contain_text(re.compile(r"战略会员.*核心会员"))


def test_a_task_is_done_and_recorded(enter: Enter) -> None:
    page = enter("wang")
    page.goto("/tasks/")
    page.locator("#rows a.btn", has_text="完成").first.click()
    page.wait_for_url(re.compile("/complete/"))
    page.fill("[name=action]", "电话回访,了解需求")
    page.locator("[name=result][value=success]").check(force=True)
    page.fill("[name=feedback]", "下周再来")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    page.goto("/records/")
    expect(page.locator("main")).to_contain_text("电话回访,了解需求")


def test_the_language_is_switched(enter: Enter) -> None:
    page = enter("he")
    page.request.post(
        "/language/",
        form={"language": "en", "csrfmiddlewaretoken": _csrf(page)},
        headers={"Referer": page.url},
    )
    page.goto("/tiers/")
    expect(page.locator("main")).to_contain_text("Strategic")


def _csrf(page: Page) -> str:
    return str(page.locator("[name=csrfmiddlewaretoken]").first.input_value())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious_and_nothing_is_cut(enter: Enter, serious: Check, language: str) -> None:
    page = enter("li")
    user_language = {"zh": "zh-hans", "en": "en"}[language]
    page.request.post(
        "/language/",
        form={"language": user_language, "csrfmiddlewaretoken": _csrf(page)},
        headers={"Referer": page.url},
    )
    page.goto("/customers/?tier=core")
    customer = page.locator("tbody tr[data-href]").first.get_attribute("data-href")
    for address in (*PAGES, customer):
        answer = page.goto(str(address))
        assert answer is not None and answer.status == 200, address
        page.wait_for_timeout(150)
        serious(page)
        assert page.evaluate(TOO_WIDE) == [], address
