"""Absorbing staged rows of every kind but customers."""

from collections.abc import Callable
from typing import Protocol

import pyarrow as pa
from django.db import models, transaction

from zhike.activity.absorbing import moments, orders, products
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.customers.facts import Outcome
from zhike.kernel import audit
from zhike.kernel.models import User

Absorber = Callable[[pa.Table, str, int | None], Outcome]

ABSORBERS: dict[str, Absorber] = {
    "products": lambda table, source, batch: products.absorb(table, source),
    "orders": orders.absorb,
    "returns": moments.absorb_returns,
    "interactions": moments.absorb_interactions,
    "feedback": lambda table, source, batch: moments.absorb(moments.FEEDBACK, table, source, batch),
    "events": lambda table, source, batch: moments.absorb(moments.EVENTS, table, source, batch),
}


class SourceLike(Protocol):
    """A source as absorbing needs it."""

    key: str


@transaction.atomic
def absorb(
    kind: str, table: pa.Table, *, source: SourceLike, by: User | None, batch: models.Model | None = None
) -> Outcome:
    """Take the rows of one chunk in; rows of unknown customers are held, and taking the same rows again changes nothing."""
    absorber = ABSORBERS.get(kind)
    if absorber is None:
        raise Refusal(
            Text(f"没有“{kind}”这种数据。", f"There is no kind of data “{kind}”."),
            Text(f"可用的种类:{', '.join(ABSORBERS)}。", f"Use one of: {', '.join(ABSORBERS)}."),
        )
    outcome = absorber(table, source.key, batch.pk if batch else None)
    if outcome.added or outcome.changed:
        changes = {"kind": kind, "source": source.key, "added": outcome.added, "changed": outcome.changed}
        audit.record("activity.absorbed", batch, by=by, changes=changes)
    return outcome
