"""A token in somebody's name, a small base, and a client that speaks JSON."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from zhike.blueprint import actions as blueprints
from zhike.kernel import actions
from zhike.kernel.models import User
from zhike.kernel.rights import Right


class Program(Client):
    """Another program with its token."""

    def __init__(self, secret: str) -> None:
        super().__init__(headers={"authorization": f"Bearer {secret}"})

    def send(self, method: str, path: str, body: Any) -> Any:
        """A request with a JSON body."""
        return self.generic(method, f"/api/v1{path}", _json(body), content_type="application/json")


def _json(body: Any) -> str:
    import json

    return json.dumps(body, default=str)


@pytest.fixture
def published(db: None) -> None:
    """The retail blueprint in force."""
    blueprints.adopt_shipped("retail", by=None)


@pytest.fixture
def program() -> Callable[..., Program]:
    """`program(user)`: a program with all of the user's rights, or only some."""

    def make(user: User, *rights: Right) -> Program:
        chosen = [right.value for right in (rights or tuple(Right)) if user.has(right)]
        return Program(actions.issue_token(user=user, name="t", rights=chosen, expires_at=None, by=user)[1])

    return make
