"""What the demonstration came to: every row accounted for, every customer in one class and one tier."""

from zhike.execution import queries as execution
from zhike.insight import queries as insight
from zhike.intake import queries as intake
from zhike.kernel.models import User
from zhike.loop.demo.people import MAIL
from zhike.tiers import queries as tiers


def figures() -> dict[str, object]:
    """The object that `zhike demo --json` prints as its last line."""
    asker = User.objects.get(email=f"system@{MAIL}")
    batches = intake.visible_to(asker).filter(state="done").order_by("pk")
    rfm, placed = insight.class_counts(asker), tiers.counts(asker)
    return {
        "receipts": [
            {name: told[name] for name in ("kind", "file", "read", "accepted", "held", "refused")}
            for told in (intake.receipt(batch).as_json() for batch in batches)
        ],
        "customers": insight.customers_seen(asker),
        "rfm": rfm,
        "tiers": placed,
        "tasks": execution.visible_to(asker).count(),
        "records": execution.records_visible_to(asker).count(),
    }
