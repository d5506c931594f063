"""What strategies add to other pages: the strategy and exceptions of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from zhike.core.blueprints import Every
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel import clock
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right
from zhike.strategies import queries
from zhike.strategies.models import StrategyException
from zhike.tiers.facts import TierName

if TYPE_CHECKING:
    from zhike.customers.models import Customer
    from zhike.kernel.pages import StaffRequest


MEASURES_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One exception as a line shows it."""

    exception: StrategyException
    customer: str
    measure: Text
    what: str


def exception_rows(user: User, found: list[StrategyException]) -> list[ExceptionRow]:
    """Exceptions ready to be shown to the asker."""
    names = queries.measure_names() if found else {}
    every = Text(zh="全部措施", en="All measures")
    return [
        ExceptionRow(
            exception=one,
            customer=customers.shown_name(user, one.customer),
            measure=names.get(one.measure_key, Text.same(one.measure_key)) if one.measure_key else every,
            what=_what(one),
        )
        for one in found
    ]


def _what(one: StrategyException) -> str:
    match one.kind:
        case StrategyException.Kind.OWNER if one.owner:
            return _("Done by {name}").format(name=one.owner.name)
        case StrategyException.Kind.CYCLE:
            return str(Every(one.every).label)
        case StrategyException.Kind.NOTE:
            return one.note
        case _:
            return str(StrategyException.Kind(one.kind).label)


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
