"""Promises of the intake stage that `zhike doctor` checks."""

from django.db.models import Count, F, Q

from zhike.core.text import Text
from zhike.intake import queries
from zhike.intake.models import Batch, BatchState, Problem
from zhike.kernel.facts import Finding


def every_receipt_balances() -> list[Finding]:
    """A finished batch has accepted, held or refused every row it read."""
    unequal = ~Q(read=F("accepted") + F("held") + F("refused"))
    return [_finding(one) for one in Batch.objects.filter(unequal, state=BatchState.DONE)[:100]]


def every_open_row_is_kept() -> list[Finding]:
    """As many rows are kept to be corrected or tried again as the receipt says."""
    kept = dict(
        Problem.objects.filter(queries.OPEN).values_list("batch").annotate(rows=Count("id")).order_by()
    )
    done = Batch.objects.filter(state=BatchState.DONE)
    return [
        _finding(one)
        for one in done.only("key", "file_name", "open_rows")
        if one.open_rows != kept.get(one.pk, 0)
    ]


def _finding(batch: Batch) -> Finding:
    return Finding(
        place=f"{batch.file_name} ({batch.key})",
        what=Text(zh="回执的行数对不上。", en="The receipt does not add up."),
        remedy=Text(
            zh="请重新导入该文件(不会重复),并把此情况告知维护者。",
            en="Import the file again (nothing is doubled), and tell the maintainers.",
        ),
    )
