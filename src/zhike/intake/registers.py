"""What the intake stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.intake import invariants, jobs, queries
from zhike.intake.panels import receipts_needing_me
from zhike.kernel import slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="intake",
        label=_("Data"),
        icon="database-import",
        url="intake:list",
        right=Right.INTAKE_VIEW,
        order=90,
        badge=lambda user: queries.needing(user).count(),
    )
)
slots.command(
    slots.Command(
        key="intake.new",
        label=_("Import a file"),
        icon="file-import",
        url="intake:new",
        right=Right.INTAKE_RUN,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="receipts",
        label=_("Imports that need you"),
        right=Right.INTAKE_VIEW,
        order=50,
        render=receipts_needing_me,
    )
)
slots.invariant(Text("每张回执都对得上", "Every receipt balances"), invariants.every_receipt_balances)
slots.invariant(Text("每个待处理行都有原值", "Every open row is kept"), invariants.every_open_row_is_kept)

__all__ = ["jobs"]
