"""What staff note down themselves: an interaction they had, feedback they heard."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from zhike.activity.facts import MANUAL
from zhike.activity.models import Direction, Feedback, Interaction
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import audit, clock
from zhike.kernel.models import User

if TYPE_CHECKING:
    from zhike.customers.models import Customer


class ActivityRefusal(Refusal):
    """Something was to be noted that cannot have happened."""


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
        customer=customer, source=MANUAL, number=uuid4().hex, at=_happened(at), channel=channel, purpose=purpose,
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
        customer=customer, source=MANUAL, number=uuid4().hex, at=_happened(at), rating=rating, content=content,
        channel=channel, by=by,
    )  # fmt: skip
    audit.record("activity.feedback", made, by=by, changes={"customer": str(customer.key)})
    return made


def _happened(at: datetime | None) -> datetime:
    """The moment given, or now; one without a zone is meant where the installation is."""
    if at is None:
        return clock.now()
    moment = at if timezone.is_aware(at) else timezone.make_aware(at)
    if timezone.localdate(moment) > clock.calendar_day():
        raise ActivityRefusal(
            Text(zh="时间在今天之后。", en="The time lies after today."),
            Text(zh="请填写实际发生的时间。", en="Give the time when it happened."),
        )
    return moment
