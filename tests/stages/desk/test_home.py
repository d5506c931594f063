"""The workbench, the search and the palette."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from tests.stages.desk.conftest import Soup

from zhike.kernel import slots
from zhike.kernel.facts import Hit
from zhike.kernel.models import User
from zhike.kernel.rights import Right


@pytest.fixture
def people() -> Iterator[None]:
    """A search provider that knows one person."""

    def find(user: User, text: str) -> list[Hit]:
        return [Hit(title="张三", detail="C001", href="/found/", icon="user")] if text in "张三" else []

    slots.search(
        slots.Search(key="t", label="Customers here", right=Right.CUSTOMERS_VIEW, order=1, find=find)
    )
    yield
    slots._searches.pop("t")


def test_it_works(root: User, admin: Client, no_panels: None) -> None:
    slots.panel(
        slots.Panel(
            place="desk.home", key="t", label="Mine", right=Right.DESK_VIEW, order=1,
            render=lambda request, thing: "<p>seven tasks</p>",
        )
    )  # fmt: skip
    page = admin.get(reverse("desk:home")).page  # type: ignore[attr-defined]
    assert root.name in page.title
    assert [card.html for card in page.cards] == ["<p>seven tasks</p>"]


def test_cards_follow_the_rights(wang: User, client_for: type[Client], no_panels: None) -> None:
    for key, right in (("a", Right.STAFF_MANAGE), ("b", Right.DESK_VIEW)):
        slots.panel(
            slots.Panel(place="desk.home", key=key, label=key, right=right, order=1, render=lambda r, t: "x")
        )
    page = client_for(wang).get(reverse("desk:home")).page  # type: ignore[attr-defined]
    assert [card.key for card in page.cards] == ["b"]


def test_it_works_empty(admin: Client, no_panels: None, soup: Soup) -> None:
    response = admin.get(reverse("desk:home"))
    page = response.page  # type: ignore[attr-defined]
    assert page.cards == []
    assert soup(response).select_one(".zk-steps, .zk-empty") is not None


def test_a_search_finds(admin: Client, people: None, soup: Soup) -> None:
    page = soup(admin.get(reverse("desk:search"), {"q": "张三"}))
    assert page.select_one("main a[href='/found/']") is not None


def test_a_search_says_when_nothing_is_found(admin: Client, people: None, soup: Soup) -> None:
    assert soup(admin.get(reverse("desk:search"), {"q": "zzz"})).select_one("main .zk-empty") is not None


def test_part_is_in_whole(admin: Client, people: None) -> None:
    whole = admin.get(reverse("desk:search"), {"q": "张三"})
    part = admin.get(reverse("desk:search"), {"q": "张三"}, headers={"HX-Request": "true"})
    assert part.content.decode().strip() in whole.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_the_palette_knows_pages_by_pinyin(admin: Client) -> None:
    page = admin.get(reverse("desk:palette"), {"q": "gzt"}).page  # type: ignore[attr-defined]
    assert "工作台" in [hit.title for group in page.groups if group.key == "pages" for hit in group.hits]


def test_the_palette_knows_actions_and_customers(admin: Client, people: None) -> None:
    page = admin.get(reverse("desk:palette"), {"q": "张三"}).page  # type: ignore[attr-defined]
    assert [group.key for group in page.groups if group.key != "customers"] == ["t", "search"]
    page = admin.get(reverse("desk:palette")).page  # type: ignore[attr-defined]
    assert "邀请同事" in [hit.title for group in page.groups for hit in group.hits]


def test_the_palette_offers_only_what_one_may(wang: User, client_for: type[Client]) -> None:
    page = client_for(wang).get(reverse("desk:palette")).page  # type: ignore[attr-defined]
    assert "邀请同事" not in [hit.title for group in page.groups for hit in group.hits]
