"""Questions about strategies: what is in force, for whom it is otherwise, and what was decided about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.shortcuts import get_object_or_404

from zhike.core.blueprints import Every
from zhike.core.text import Text
from zhike.kernel.models import User
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES
from zhike.kernel.scope import within
from zhike.strategies.facts import DueMeasure, MeasureRow, StrategyRow
from zhike.strategies.models import Measure, Strategy, StrategyException, StrategyReview
from zhike.tiers import queries as tiers
from zhike.tiers.facts import TierName

if TYPE_CHECKING:
    from zhike.customers.models import Customer


MANAGER = "account_manager"


def in_force(as_of: date | None = None) -> QuerySet[Strategy]:
    """The strategies in force on a day (None: the newest), with their measures, in the order of the tiers."""
    found = Strategy.objects.prefetch_related(Prefetch("measures", Measure.objects.order_by("order")))
    if as_of is None:
        return found.filter(until=None).order_by("order")
    return found.filter(_running(as_of)).order_by("order")


def _running(as_of: date) -> Q:
    return Q(effective_from__lte=as_of) & (Q(until=None) | Q(until__gt=as_of))


def due_measures(as_of: date) -> list[DueMeasure]:
    """Every measure in force on a day, ready to become tasks."""
    return [
        DueMeasure(
            measure=measure.pk,
            key=f"{strategy.tier}.{measure.code}",
            tier=strategy.tier,
            every=Every(measure.every),
            days_due=measure.days_due,
            role=strategy.owner_role,
            title=measure.name,
            standard=measure.standard_text,
            from_on=strategy.effective_from,
        )
        for strategy in in_force(as_of)
        for measure in strategy.measures.all()
    ]


def exceptions_in_force(as_of: date) -> QuerySet[StrategyException]:
    """Exceptions that hold on a day, for whatever customer."""
    return StrategyException.objects.filter(
        Q(until=None) | Q(until__gte=as_of), from_on__lte=as_of, ended_at=None
    )


def exceptions_of(user: User, customer: Customer, as_of: date) -> list[StrategyException]:
    """A visible customer's exceptions that hold on a day or later."""
    found = StrategyException.objects.filter(within(user, "customer__"), customer=customer, ended_at=None)
    return list(
        found.filter(Q(until=None) | Q(until__gte=as_of)).select_related("customer", "owner", "created_by")
    )


def exception_for(user: User, key: object) -> StrategyException:
    """One exception of a visible customer, or 404."""
    found = StrategyException.objects.filter(within(user, "customer__")).select_related("customer")
    return get_object_or_404(found, key=key)


def exceptions_visible_to(user: User, as_of: date) -> QuerySet[StrategyException]:
    """Exceptions of the asker's customers that hold on a day or later, newest first."""
    found = StrategyException.objects.filter(within(user, "customer__"), ended_at=None)
    return found.filter(Q(until=None) | Q(until__gte=as_of)).select_related("customer", "owner", "created_by")


def strategy_of(tier: str) -> Strategy:
    """The newest strategy of a tier, or 404."""
    return get_object_or_404(in_force(), tier=tier)


def history(tier: str) -> list[Strategy]:
    """All strategies a tier has had, newest first."""
    found = Strategy.objects.filter(tier=tier).select_related("version", "adopted_by")
    return list(found.prefetch_related("measures").order_by("-effective_from", "-pk"))


def measure_names() -> dict[str, Text]:
    """The name of every measure ever in force, by its lasting key; the newest wording wins."""
    rows = Measure.objects.annotate(lasting=Concat(F("strategy__tier"), Value("."), F("code"))).order_by("pk")
    return {key: Text.from_json(title) for key, title in rows.values_list("lasting", "title")}


def mark(strategy: Strategy) -> TierName:
    """A strategy's tier as a badge shows it."""
    return TierName(key=strategy.tier, label=strategy.name, color=strategy.color, order=strategy.order)


def table(user: User, as_of: date) -> list[StrategyRow]:
    """The strategy table 客户分层维护策略表: per tier its traits, measures, owner, cycle and number of the asker's customers."""
    counts = customer_counts(user)
    excepted = dict(
        exceptions_visible_to(user, as_of).order_by().values_list("measure_key").annotate(number=Count("pk"))
    )
    return [_row(one, counts.get(one.tier, 0), excepted) for one in in_force()]


def _row(one: Strategy, customers: int, excepted: dict[str, int]) -> StrategyRow:
    return StrategyRow(
        mark=mark(one),
        customers=customers,
        traits=one.traits_text,
        measures=tuple(measure_rows(one)),
        owner=role_name(one.owner_role),
        by_manager=goes_to_manager(one.owner_role),
        cycle=one.cycle_text,
        since=one.effective_from,
        exceptions=sum(number for key, number in excepted.items() if key.startswith(f"{one.tier}.")),
    )


def measure_rows(strategy: Strategy) -> list[MeasureRow]:
    """A strategy's measures as a table shows them."""
    return [
        MeasureRow(
            key=f"{strategy.tier}.{one.code}",
            title=one.name,
            standard=one.standard_text,
            every=one.every_text,
            days_due=one.days_due,
        )
        for one in strategy.measures.all()
    ]


def first_began() -> date | None:
    """The day the first strategy ever came into force."""
    return Strategy.objects.order_by("effective_from").values_list("effective_from", flat=True).first()


def role_name(key: str) -> str:
    """The label of a role, or the key where the blueprint names something else."""
    return str(ROLES[key].label) if key in ROLES else key


def goes_to_manager(role: str) -> bool:
    """Whether the tasks of a strategy stand with somebody else than its owner: each goes to its customer's manager."""
    return role != MANAGER


def reviews(tier: str | None = None) -> QuerySet[StrategyReview]:
    """Decisions taken at quarterly reviews, newest first."""
    found = StrategyReview.objects.select_related("decided_by").order_by("-quarter", "tier")
    return found.filter(tier=tier) if tier else found


def customer_counts(user: User) -> dict[str, int]:
    """How many of the asker's customers stand in each tier."""
    return tiers.counts(user)


def strategy_for_customer(customer: Customer, as_of: date) -> Strategy | None:
    """The strategy in force for the tier a customer stands in."""
    placed = tiers.placed_on(as_of).filter(customer=customer).values_list("tier__key", flat=True).first()
    return in_force(as_of).filter(tier=placed).first() if placed else None


def measures_of(customer: Customer, as_of: date) -> list[tuple[str, Text]]:
    """The measures a customer's tier is promised, by lasting key and name."""
    strategy = strategy_for_customer(customer, as_of)
    return [(row.key, row.title) for row in measure_rows(strategy)] if strategy else []


def owners() -> list[User]:
    """Who may be named as another owner: those who may work on tasks."""
    return [one for one in User.objects.filter(is_active=True).order_by("name") if one.has(Right.TASKS_WORK)]
