"""What the strategies stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.kernel import slots
from zhike.kernel.rights import Right
from zhike.strategies import actions
from zhike.strategies.models import StrategyException
from zhike.strategies.panels import customer_card, tier_cell

slots.nav(
    slots.Nav(
        key="strategies",
        label=_("Strategies"),
        icon="route",
        url="strategies:table",
        right=Right.STRATEGIES_VIEW,
        order=50,
    )
)
slots.panel(
    slots.Panel(
        place="customer.work",
        key="strategy",
        label=_("Strategy"),
        right=Right.STRATEGIES_VIEW,
        order=10,
        render=customer_card,
    )
)
slots.panel(
    slots.Panel(
        place="tiers.row",
        key="strategy",
        label=_("Strategy"),
        right=Right.STRATEGIES_VIEW,
        order=10,
        render=tier_cell,
    )
)
slots.merger("strategies.StrategyException", actions.merge)
slots.eraser("strategies.StrategyException", slots.delete_rows(StrategyException))
