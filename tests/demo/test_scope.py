"""An account manager sees own customers only, whichever door is tried, and masks stay on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.personas import SignedIn
from zhike.customers import queries as customers
from zhike.kernel import actions
from zhike.kernel.models import User
from zhike.kernel.rights import Right


@pytest.fixture
def wang(person: Callable[[str], User]) -> User:
    return person("wang")


@pytest.fixture
def stranger(wang: User, person: Callable[[str], User]) -> Any:
    """A customer of somebody else."""
    return (
        customers.visible_to(person("li")).exclude(manager=wang).exclude(manager=None).order_by("pk").first()
    )


def test_the_list_holds_own_customers_only(wang: User, stranger: Any) -> None:
    own = customers.visible_to(wang).count()
    html = SignedIn(wang).get("/customers/").content.decode()
    assert f"{own:,}" in html
    found = SignedIn(wang).get("/customers/", {"q": stranger.code}).content.decode()
    assert str(stranger.key) not in found


@pytest.mark.parametrize("path", ["/customers/{key}/", "/customers/{key}/edit/", "/api/v1/customers/{key}"])
def test_direct_addresses_are_closed(wang: User, stranger: Any, path: str) -> None:
    client, headers = SignedIn(wang), {"authorization": f"Bearer {_token(wang)}"}
    assert client.get(path.format(key=stranger.key), headers=headers).status_code == 404


def test_search_finds_own_customers_only(wang: User, stranger: Any) -> None:
    html = SignedIn(wang).get("/search/", {"q": stranger.name}).content.decode()
    assert str(stranger.key) not in html


def test_the_export_holds_own_customers_only(wang: User, stranger: Any) -> None:
    answer = SignedIn(wang).get("/customers/export/csv/")
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
    assert len(text.splitlines()) - 1 == customers.visible_to(wang).count()
    assert f"\n{stranger.code}," not in text


@pytest.mark.parametrize("path", ["/api/v1/customers", "/api/v1/orders", "/api/v1/tasks", "/api/v1/records"])
def test_the_api_holds_own_customers_only(wang: User, path: str) -> None:
    mine = {str(key) for key in customers.visible_to(wang).values_list("key", flat=True)}
    answer = (
        SignedIn(wang).get(f"{path}?limit=1000", headers={"authorization": f"Bearer {_token(wang)}"}).json()
    )
    assert answer["items"]
    assert {item.get("customer", item["key"]) for item in answer["items"]} <= mine


def test_charts_count_own_customers_only(wang: User) -> None:
    own = customers.visible_to(wang).count()
    for path in ("/insight/rfm/", "/tiers/"):
        page = SignedIn(wang).get(path)
        assert f"{own:,}" in page.content.decode(), path


def test_an_auditor_sees_masks_everywhere(person: Callable[[str], User], stranger: Any) -> None:
    zhou = person("zhou")
    client, headers = SignedIn(zhou), {"authorization": f"Bearer {_token(zhou)}"}
    for path in (
        f"/customers/{stranger.key}/", f"/customers/?q={stranger.code}", f"/search/?q={stranger.code}", "/customers/export/csv/",
        f"/api/v1/customers/{stranger.key}", "/tasks/?who=all", "/records/",
    ):  # fmt: skip
        answer = client.get(path, headers=headers)
        if answer.status_code == 403:
            continue
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        assert stranger.name not in text, path


def _token(user: User) -> str:
    rights = [right.value for right in Right if user.has(right)]
    return actions.issue_token(user=user, name="test", rights=rights, expires_at=None, by=user)[1]
