"""A live server and headless Chromium; journeys drive it as a person would."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from zhike.kernel import actions
from zhike.kernel.models import User

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PASSWORD = "a calm long sentence"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Check = Callable[[Page], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder drives a browser."""
    for item in items:
        if Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A fresh browser profile on the test's server."""
    fresh = browser.new_context(
        base_url=live_server.url, viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    fresh.set_default_timeout(15_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; a script error or a refused resource fails the test."""
    tab = context.new_page()
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("console", lambda message: trouble.append(message.text) if is_trouble(message) else None)
    yield tab
    assert trouble == []


def is_trouble(message: ConsoleMessage) -> bool:
    """Whether a console message is an error that a user would suffer from."""
    # Chromium reports a form answered with 422 as a failed resource; it is how we answer bad input.
    return message.type == "error" and "422" not in message.text


@pytest.fixture
def phone(page: Page) -> Page:
    """The tab at the width of a phone."""
    page.set_viewport_size(PHONE)
    return page


@pytest.fixture
def sign_in(page: Page) -> Callable[[User], Page]:
    """`sign_in(user)`: through the form, as a person does."""

    def enter(user: User) -> Page:
        user.set_password(PASSWORD)
        user.save()
        page.goto("/")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("form[action*=login] button[type=submit]")
        page.wait_for_url("**/")
        return page

    return enter


@pytest.fixture
def serious() -> Check:
    """`serious(page)`: axe finds nothing serious or critical, and nothing stands out over the edge."""

    def check(tab: Page) -> None:
        found = tab.evaluate(
            f"async () => {{ {AXE.read_text()}\n return (await axe.run(document)).violations }}"
        )
        bad = [
            (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert bad == [], f"{tab.url}: {bad}"
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
            f"{tab.url}: wider than the window"
        )

    return check


@pytest.fixture
def root(transactional_db: None) -> User:
    """The administrator, with a password."""
    settings.CSRF_TRUSTED_ORIGINS = []
    return actions.add_staff(
        email="root@example.com",
        name="周管理",
        role="admin",
        scope="all",
        department=None,
        by=None,
        password=PASSWORD,
    )
