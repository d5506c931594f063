"""One task for each customer of a segment, in one statement."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.core.text import Text
from zhike.execution.actions.working import not_past
from zhike.kernel import audit, bulk, clock
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.tiers import queries as tiers

if TYPE_CHECKING:
    from zhike.tiers.models import Segment

# Who is in the segment and within the asker's scope; the customer's manager does it, if they may work on tasks.
_ADD = """
INSERT INTO execution_task (key, customer_id, cycle, tier, title, note, role, assignee_id, due_on, state, source, pinned,
                            missed, closing, reason, created_on, created_at, created_by_id)
SELECT gen_random_uuid(), c.id, '', coalesce(tier.key, ''), %(title)s, %(note)s, '',
       CASE WHEN c.manager_id = ANY(%(able)s) THEN c.manager_id END, %(due_on)s, 'open', 'hand', true,
       0, '', '', %(today)s, %(now)s, %(by)s
FROM "{members}" m
JOIN customers_customer c ON c.id = m.customer_id
LEFT JOIN tiers_placement p ON p.customer_id = c.id AND p.until IS NULL
LEFT JOIN tiers_tier tier ON tier.id = p.tier_id
WHERE NOT EXISTS (SELECT FROM execution_task held WHERE held.customer_id = c.id AND held.source = 'hand'
                  AND held.state IN ('open', 'postponed') AND held.title = %(title)s)
"""


@transaction.atomic
def add_for_segment(*, segment: Segment, title: str, due_on: date, by: User, note: str = "") -> int:
    """Add a task for each of the asker's customers in a segment; returns how many.

    It goes to the customer's manager, or to the queue. Who has an open task of that title already gets no second one.
    """
    not_past(due_on)
    # Read to the end first: the same connection cannot read and take a COPY at once.
    members = list(tiers.current_members(by, segment).order_by().values_list("customer_id"))
    said = {
        "title": json.dumps(Text.same(title.strip()).as_json(), ensure_ascii=False),
        "note": note.strip(),
        "able": _able(),
        "due_on": due_on,
        "today": clock.today(),
        "now": clock.now(),
        "by": by.pk,
    }
    with bulk.staged({"customer_id": "bigint"}, members) as held:
        number = bulk.run(_ADD.format(members=held), said)
    audit.record("execution.added_for_segment", segment, by=by, changes={"tasks": number})
    return number


def _able() -> list[int]:
    """Who may work on tasks: a role's rights are code, so PostgreSQL cannot tell."""
    return [one.pk for one in User.objects.filter(is_active=True) if one.has(Right.TASKS_WORK)]
