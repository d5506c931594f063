"""The people of the tests: who they are and what they may do."""

import pytest
from django.test import Client

from zhike.kernel import actions
from zhike.kernel.models import Department, User


@pytest.fixture
def east(db: None) -> Department:
    """A sales department."""
    return actions.add_department(name="华东大客户部", parent=None, by=None)


@pytest.fixture
def west(db: None) -> Department:
    """Another sales department."""
    return actions.add_department(name="西南客户部", parent=None, by=None)


def _person(name: str, role: str, scope: str, department: Department | None) -> User:
    return actions.add_staff(
        email=f"{name}@example.com", name=name, role=role, scope=scope, department=department, by=None
    )


@pytest.fixture
def root(db: None) -> User:
    """The administrator."""
    return _person("root", "admin", "all", None)


@pytest.fixture
def li(east: Department) -> User:
    """李, operations manager: sees and runs everything but staff."""
    return _person("li", "operations", "all", east)


@pytest.fixture
def wang(east: Department) -> User:
    """王, account manager: own customers only."""
    return _person("wang", "account_manager", "own", east)


@pytest.fixture
def chen(west: Department) -> User:
    """陈, account manager of another department."""
    return _person("chen", "account_manager", "own", west)


@pytest.fixture
def zhou(db: None) -> User:
    """周, auditor: sees everything masked, changes nothing."""
    return _person("zhou", "auditor", "all", None)


@pytest.fixture
def client_for() -> "type[SignedIn]":
    """`client_for(user)`: a browser in which the user is signed in."""
    return SignedIn


class SignedIn(Client):
    """A test client with somebody signed in."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
