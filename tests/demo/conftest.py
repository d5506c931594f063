"""The demonstration, built once for all tests of this folder, and a browser in front of it.

These tests carry no database mark, so pytest-django runs them after those that empty the database.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.conftest import is_trouble, serious
from zhike.kernel import lake, queries
from zhike.kernel.models import User
from zhike.loop import demo as story

__all__ = ["serious"]

PASSWORD = "a calm long sentence"


@pytest.fixture(scope="session")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database: pytest-django makes it only when a chosen test carries a mark."""
    with django_db_blocker.unblock():
        if connection.settings_dict["NAME"].startswith("test_"):
            yield
            return
        made = setup_databases(verbosity=0, interactive=False)
        yield
        with (
            connection.cursor() as cursor
        ):  # a tab that left in the middle of a page leaves its connection behind
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def figures(database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """What building the demonstration told; afterwards the database is empty again."""
    with django_db_blocker.unblock():
        queries.forget_installation()
        yield story.build()
        lake.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS lake CASCADE")


@pytest.fixture(scope="session")
def site(figures: dict[str, Any]) -> Iterator[str]:
    """The address of a server that shows the demonstration."""
    settings.ALLOWED_HOSTS = ["*"]
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def person(figures: dict[str, Any]) -> Callable[[str], User]:
    """`person("li")`: one of the invented staff."""
    return lambda name: User.objects.get(email=f"{name}@demo.zhike.example")


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """A tab in a fresh profile, wide and as a phone; a script error fails the test."""
    context = browser.new_context(
        base_url=site,
        viewport={"width": request.param, "height": 900},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(15_000)
    tab = context.new_page()
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("console", lambda message: trouble.append(message.text) if is_trouble(message) else None)
    yield tab
    context.close()
    assert trouble == []


@pytest.fixture
def enter(page: Page, person: Callable[[str], User]) -> Callable[[str], Page]:
    """`enter("li")`: signed in through the form, as a person does."""

    def sign_in(name: str) -> Page:
        user = person(name)
        user.set_password(PASSWORD)
        user.save()
        page.goto("/")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.click("form[action*=login] button[type=submit]")
        page.wait_for_url("**/")
        return page

    return sign_in
