"""What staff note down themselves: an interaction they had, feedback they heard."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction

from zhike.activity.facts import MANUAL
from zhike.activity.models import Direction, Feedback, Interaction
from zhike.kernel import audit, clock
from zhike.kernel.models import User

if TYPE_CHECKING:
    from zhike.customers.models import Customer


@transaction.atomic
def record_interaction(
    *,
    customer: "Customer",
    channel: str,
    by: User | None,
    purpose: str = "",
    content: str = "",
    direction: str = Direction.OUT.value,
    at: datetime | None = None,
) -> Interaction:
    """Note that somebody spoke with a customer; now, unless another time is given."""
    made = Interaction.objects.create(
        customer=customer, source=MANUAL, number=uuid4().hex, at=at or clock.now(), channel=channel, purpose=purpose,
        direction=direction, content=content, by=by,
    )  # fmt: skip
    audit.record(
        "activity.interaction", made, by=by, changes={"customer": str(customer.key), "channel": channel}
    )
    return made


@transaction.atomic
def add_feedback(
    *,
    customer: "Customer",
    by: User | None,
    rating: Decimal | None = None,
    content: str = "",
    channel: str = "",
    at: datetime | None = None,
) -> Feedback:
    """Note what a customer thought: a rating, words, or both."""
    made = Feedback.objects.create(
        customer=customer, source=MANUAL, number=uuid4().hex, at=at or clock.now(), rating=rating, content=content,
        channel=channel, by=by,
    )  # fmt: skip
    audit.record("activity.feedback", made, by=by, changes={"customer": str(customer.key)})
    return made
