"""What the tests of the shell share."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client

from zhike.kernel import slots
from zhike.kernel.models import User

Soup = Callable[[HttpResponse], BeautifulSoup]


@pytest.fixture
def soup() -> Soup:
    """The HTML of a response; fails on a component that was not rendered."""

    def read(response: HttpResponse) -> BeautifulSoup:
        text = response.content.decode()
        assert "<c-" not in text
        return BeautifulSoup(text, "html.parser")

    return read


@pytest.fixture
def admin(root: User, client_for: type[Client]) -> Client:
    """The administrator's browser."""
    return client_for(root)


@pytest.fixture
def no_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbench to which no stage contributes."""
    monkeypatch.setattr(slots, "_panels", {})
