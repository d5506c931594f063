"""What strategies add to other pages: the strategy and exceptions of one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.template.loader import render_to_string

from zhike.kernel import clock
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right
from zhike.strategies import queries
from zhike.strategies.rows import exception_rows

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.kernel.pages import StaffRequest
    from zhike.tiers.facts import TierName


MEASURES_SHOWN = 2


def customer_card(request: StaffRequest | HttpRequest, customer: Customer) -> str:
    """The strategy of a customer's tier and what is otherwise for this one."""
    user = request.user
    assert isinstance(user, User)
    today = clock.today()
    strategy = queries.strategy_for_customer(customer, today)
    found = queries.exceptions_of(user, customer, today)
    context = {
        "strategy": strategy,
        "mark": queries.mark(strategy) if strategy else None,
        "measures": queries.measure_rows(strategy) if strategy else [],
        "rows": exception_rows(user, found),
        "customer": customer,
        "may_edit": may(user, Right.STRATEGIES_EDIT),
    }
    return render_to_string("strategies/customer_card.html", context, request)


def tier_cell(request: StaffRequest | HttpRequest, tier: TierName) -> str:
    """What a tier's strategy asks for, as a cell of the board of tiers: the first measures and the owner."""
    strategy = queries.in_force(clock.today()).filter(tier=tier.key).first()
    if strategy is None:
        return ""
    context = {
        "tier": tier,
        "measures": queries.measure_rows(strategy)[:MEASURES_SHOWN],
        "owner": queries.role_name(strategy.owner_role),
    }
    return render_to_string("strategies/tier_cell.html", context, request)
