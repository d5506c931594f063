"""What the effect stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.kernel import slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="effect",
        label=_("Effect"),
        icon="chart-line",
        url="effect:index",
        right=Right.EFFECT_VIEW,
        order=80,
    )
)
slots.command(
    slots.Command(
        key="effect.review",
        label=_("Quarterly review"),
        icon="calendar-check",
        url="effect:review",
        right=Right.EFFECT_VIEW,
    )
)
