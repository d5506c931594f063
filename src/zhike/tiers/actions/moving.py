"""Place one customer by hand, for a reason and until a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from zhike.core.text import Text
from zhike.kernel import audit, clock
from zhike.kernel.models import User
from zhike.tiers import reasons
from zhike.tiers.facts import TierRefusal
from zhike.tiers.models import Placement, Tier

MONTHS_AT_MOST = 24


@transaction.atomic
def move(*, customer: Any, to: Tier, because: str, held_until: date, by: User) -> Placement:
    """Place a customer in a tier by hand and close the previous placement; runs leave it alone until `held_until`."""
    today = clock.today()
    _check(to, because, held_until, today)
    previous = Placement.objects.select_for_update().filter(customer=customer, until=None).first()
    if previous is not None:
        previous.until = max(today, previous.since)
        previous.save(update_fields=["until"])
    placement = Placement.objects.create(
        customer=customer,
        tier=to,
        since=max(today, previous.since) if previous else today,
        method=reasons.BY_HAND,
        as_of=today,
        reasons={"method": reasons.BY_HAND},
        by=by,
        note=because.strip(),
        held_until=held_until,
    )
    was = previous.tier.key if previous else None
    changes = {"from": was, "to": to.key, "held_until": f"{held_until}"}
    audit.record("tiers.moved", customer, by=by, note=because.strip(), changes=changes)
    return placement


@transaction.atomic
def release(*, customer: Any, by: User) -> None:
    """End the hold on a placement made by hand: the next run judges the customer by the rules again."""
    changed = Placement.objects.filter(customer=customer, until=None, held_until__isnull=False).update(
        held_until=None
    )
    if changed:
        audit.record("tiers.released", customer, by=by)


def _check(to: Tier, because: str, held_until: date, today: date) -> None:
    if to.retired:
        raise TierRefusal(
            Text("这个层级已停用。", "This tier is retired."),
            Text("请选择现行的层级。", "Choose a tier in use."),
        )
    if not because.strip():
        raise TierRefusal(
            Text("没有写明原因。", "No reason was given."),
            Text("请写明为什么要手动调整,同事会看到。", "Say why; colleagues will read it."),
        )
    if held_until < today or (held_until - today).days > MONTHS_AT_MOST * 31:
        raise TierRefusal(
            Text("保持到的日期不在范围内。", "The day to hold until is out of range."),
            Text(
                f"请选择今天到 {MONTHS_AT_MOST} 个月之内的日期。",
                f"Choose a day from today to {MONTHS_AT_MOST} months ahead.",
            ),
        )
