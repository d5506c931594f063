"""The shell in a real browser: signing in, keys, palette, dialogs, languages, phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE
from zhike.kernel.models import User

SETTINGS = [
    "/", "/search/?q=x", "/settings/account/", "/settings/tokens/", "/settings/staff/", "/settings/staff/invite/",
    "/settings/departments/", "/settings/roles/", "/settings/audit/", "/settings/jobs/", "/settings/installation/",
    "/settings/api/", "/ui/", "/accounts/password/", "/accounts/second-factor/app/",
]  # fmt: skip
SignIn = Callable[[User], Page]


def test_keys_palette_and_language(root: User, sign_in: SignIn) -> None:
    page = sign_in(root)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("yqts")
    page.locator("#palette-hits [aria-selected=true]", has_text="邀请同事").wait_for()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/staff/invite/"))
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_url(re.compile("/$"))
    page.click(".zk-user-button")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".zk-nav")).to_contain_text("Workbench")


def test_charts_become_tables_and_lead_on(root: User, sign_in: SignIn) -> None:
    page = sign_in(root)
    page.goto("/ui/")
    expect(page.locator("#chart-bar canvas")).to_be_visible()
    page.click("[data-chart-table=chart-bar]")
    expect(page.locator("#chart-bar-table")).to_be_visible()
    page.click("[data-chart-table=chart-bar]")
    with page.expect_download() as download:
        page.click("[data-chart-csv=chart-bar]")
    assert "1638" in download.value.path().read_text(encoding="utf-8-sig")
    with page.expect_download():
        page.click("[data-chart-png=chart-bar]")


DRAWN = """key => {
    const option = window.echarts.getInstanceByDom(document.getElementById(`chart-${key}`)).getOption();
    const wheel = option.radar?.[0];
    const said = wheel?.indicator.map((one) => wheel.axisName.formatter(one.name)) ?? [];
    return { across: option.yAxis?.[0].type === "category", broken: said.filter((name) => name.includes("\\n")).length };
}"""


def test_on_a_phone_charts_keep_room_for_their_words(root: User, sign_in: SignIn) -> None:
    page = sign_in(root)
    page.goto("/ui/")
    for size, across in ((WIDE, False), (PHONE, True), (WIDE, False)):
        page.set_viewport_size(size)
        page.wait_for_timeout(500)  # the pictures are drawn anew when the width has changed
        assert page.evaluate(DRAWN, "waterfall")["across"] is across
        assert (page.evaluate(DRAWN, "radar")["broken"] > 0) is across


def test_unsaved_changes_are_asked_about(root: User, sign_in: SignIn) -> None:
    page = sign_in(root)
    page.goto("/settings/installation/")
    page.fill("[name=company]", "华晟")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/")
    assert asked == ["beforeunload"]


def test_a_form_with_errors_keeps_what_was_typed(root: User, sign_in: SignIn) -> None:
    page = sign_in(root)
    page.goto("/settings/staff/invite/")
    page.fill("[name=name]", "张三")
    page.select_option("[name=scope]", "department")
    page.click(".zk-form-foot .btn-primary")
    expect(page.locator("[name=name]")).to_have_value("张三")
    expect(page.locator("#id_department_error")).to_be_visible()
    expect(page.locator("[name=email]")).to_be_focused()


def test_a_phone_reaches_everything_with_a_thumb(root: User, sign_in: SignIn, phone: Page) -> None:
    page = sign_in(root)
    page.click(".zk-bar [data-open=more]")
    page.locator("#more").get_by_role("link", name="设置").click()
    expect(page).to_have_url(re.compile("/settings/account/"))
    page.goto("/settings/staff/")
    button = page.locator(".page-actions .btn-primary").bounding_box()
    assert button and button["y"] > 844 / 2 and button["height"] >= 44


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious(
    language: str, width: int, root: User, sign_in: SignIn, serious: Callable[[Page], None]
) -> None:
    page = sign_in(root)
    User.objects.update(language=language)
    page.set_viewport_size({"width": width, "height": 900})
    for address in SETTINGS:
        page.goto(address)
        serious(page)


def test_without_scripts_forms_still_work(root: User, browser: object, live_server: object) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/")
    page.fill("[name=login]", root.email)
    page.fill("[name=password]", "a calm long sentence")
    page.click("form[action*=login] button[type=submit]")
    page.goto("/settings/departments/")
    page.fill("[name=name]", "华东")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("华东")
    page.goto("/ui/")
    expect(page.locator("#chart-bar-table")).to_be_visible()
    context.close()
