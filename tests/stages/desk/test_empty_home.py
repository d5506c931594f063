"""A new home, before anybody chose a blueprint: every page and download answers, and leads to the choice."""

from collections.abc import Iterable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.stages.desk.conftest import Soup

from zhike.intake import queries as intake
from zhike.kernel import actions
from zhike.kernel.models import Job, User
from zhike.kernel.rights import Right

CHOICE = "blueprint:shipped"


def addresses(found: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address that needs nothing filled in."""
    for one in found:
        at = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, at)
        elif not {"<", "^"} & set(at):
            yield at


def filled_in() -> Iterator[str]:
    """Downloads whose address names a kind or a form."""
    yield from (reverse("intake:template", args=[kind.key]) for kind in intake.kinds())
    yield from (reverse("customers:export", args=[form]) for form in ("csv", "xlsx"))
    yield from (reverse("execution:table", args=[name]) for name in ("customers", "strategies", "records"))


@pytest.fixture
def anybody(root: User, client_for: type[Client]) -> Client:
    """The administrator at the browser and with a token at once, on a home where nothing was done yet."""
    rights = [right.value for right in Right]
    secret = actions.issue_token(user=root, name="t", rights=rights, expires_at=None, by=root)[1]
    client = client_for(root)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    client.raise_request_exception = False
    return client


def test_every_page_and_download_answers(anybody: Client) -> None:
    found = [*addresses(get_resolver().url_patterns), *filled_in()]
    assert len(found) > 100
    broken = {}
    for address in found:
        answer = anybody.get(address)
        if answer.status_code >= 500 or (answer.streaming and not b"".join(answer.streaming_content)):
            broken[address] = answer.status_code
    assert broken == {}


@pytest.mark.parametrize(
    "name", ["customers:new", "intake:new", "insight:rfm", "tiers:board", "intake:template"]
)
def test_a_page_that_needs_a_blueprint_leads_to_the_choice(
    name: str, anybody: Client, zhou: User, client_for: type[Client], soup: Soup
) -> None:
    url = reverse(name, args=["customers"] if name == "intake:template" else [])
    assert soup(anybody.get(url)).select_one(f".zk-empty a.btn-primary[href='{reverse(CHOICE)}']")
    assert not soup(anybody.get(url)).select_one("form[enctype], form[action$='recompute/']")
    for_others = client_for(zhou).get(url)
    assert for_others.status_code == 403 or reverse(CHOICE) not in str(
        soup(for_others).select_one(".zk-empty")
    )


def test_nothing_that_can_only_fail_is_started(anybody: Client) -> None:
    assert anybody.post(reverse("insight:recompute")).status_code == 409
    assert anybody.post(reverse("intake:new"), {"kind": "orders"}).status_code == 409
    assert not Job.objects.exists()
