"""Staged chunks as intake hands them over, written by hand in tests, and a blueprint in force to absorb them by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pytest

from zhike.blueprint import actions as blueprint
from zhike.blueprint.models import BlueprintVersion
from zhike.customers import actions as customers
from zhike.customers.facts import Outcome
from zhike.customers.models import Customer
from zhike.intake.facts import arrow_type
from zhike.intake.models import Source
from zhike.kernel import jobs


@dataclass
class ABatch:
    """A batch as far as absorbing looks at one."""

    key: UUID
    pk: int = 1


@pytest.fixture
def retail(db: None, monkeypatch: pytest.MonkeyPatch) -> BlueprintVersion:
    """The retail blueprint is in force."""
    monkeypatch.setitem(
        jobs._definitions,
        "loop.republished",
        jobs.Definition("loop.republished", "default", lambda run: None),
    )
    return blueprint.adopt_shipped("retail", by=None)


def source(key: str = "crm", rank: int = 50) -> Source:
    """A source that is believed so far."""
    return Source.objects.get_or_create(key=key, defaults={"name": key, "rank": rank})[0]


def chunk(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str] | None = None) -> pa.Table:
    """A chunk of rows numbered from 2, as they stand in a file below a header; `types` names field types."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    arrays = [
        pa.array([row.get(name) for row in rows], arrow_type((types or {}).get(name, "text")))
        for name in columns
    ]
    return pa.table([pa.array(range(2, len(rows) + 2), pa.int64()), *arrays], ["row", *columns])


def take(*rows: Mapping[str, Any], of: str = "crm", rank: int = 50) -> Outcome:
    """Absorb customers from a source."""
    return customers.absorb(chunk(rows), source=source(of, rank), by=None, batch=ABatch(uuid4()))


def the(code: str) -> Customer:
    """The customer with a code."""
    return Customer.objects.get(code=code)
