"""Schemathesis throws what the schema allows, and what it does not, at every operation: never a 5xx."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.transport import Response

from zhike.desk.wsgi import application
from zhike.kernel import actions
from zhike.kernel.models import User
from zhike.kernel.rights import Right


@pytest.fixture
def secret(transactional_db: None, li: User) -> str:
    """The token of somebody who may do almost everything."""
    from zhike.blueprint import actions as blueprints

    blueprints.adopt_shipped("retail", by=None)
    rights = [right.value for right in Right if li.has(right)]
    return actions.issue_token(user=li, name="t", rights=rights, expires_at=None, by=li)[1]


def test_no_operation_breaks(secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers=headers)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 15
    for operation in operations:
        _attack(operation, headers)


def _attack(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=25, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def attack(case: schemathesis.Case) -> None:
        answer: Response = case.call(headers=headers)
        assert answer.status_code < 500, (
            f"{operation.label}: {answer.status_code} for {case.as_curl_command()}"
        )

    attack()
