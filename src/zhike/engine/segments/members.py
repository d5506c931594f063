"""The customers for whom a rule holds, as an expression over the lake."""

from datetime import date

import ibis.expr.types as ir

from zhike.core.rules import All, Rule, metrics_used
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.metrics.exact import day
from zhike.engine.rules import Means, condition, figures_for, metrics_needed, subjects
from zhike.engine.segments.narrowing import Narrowed
from zhike.engine.segments.sources import stands_alone

FEW = 100  # one in so many customers: reading only their facts is cheaper than grouping all


def members(
    session: Session,
    rule: Rule,
    as_of: date,
    *,
    scope: ir.Table | None = None,
    means: Means | None = None,
    among: ir.Table | None = None,
) -> ir.Table:
    """One row per customer known at `as_of` for whom the rule holds: `customer_id`.

    Only the metrics that the rule looks at are computed. `scope` (customer_id) limits who is found, never what a customer is
    compared with: means and percentiles are those of all customers, or the given ones. `among` (customer_id) limits whose
    facts are read at all, for rules that compare nobody with others.
    """
    if means is None and stands_alone(rule):
        if scope is not None and among is None and _few(session, scope):
            among = scope
        among = _candidates(session, rule, as_of, among)
    people = population(session, rule, as_of, among)
    compared = figures_for(session, people, [rule], as_of) if means is None else means
    asked = people if scope is None else people.semi_join(scope, "customer_id")
    table = subjects(session, asked, [rule], as_of, among=among)
    return table.filter(condition(rule, table, compared, as_of)).select("customer_id")


def _few(session: Session, some: ir.Table) -> bool:
    """Whether these are few enough that cutting the facts down to theirs is cheaper than grouping all."""
    customers = session.table("customers")
    number, whole = (
        session.number(f"SELECT count(*) FROM ({session.sql(one)})") for one in (some, customers)
    )
    return number * FEW <= whole


def _candidates(session: Session, rule: Rule, as_of: date, among: ir.Table | None) -> ir.Table | None:
    """The customers left when the conditions without metrics are asked first, if they are few enough to be worth it."""
    cheap = tuple(part for part in rule.parts if not metrics_used(part)) if isinstance(rule, All) else ()
    if not cheap or not metrics_used(rule):
        return among
    found = session.keep(members(session, All(cheap), as_of, among=among), "candidates")
    return found if _few(session, found) else among


def population(session: Session, rule: Rule, as_of: date, among: ir.Table | None = None) -> ir.Table:
    """Every customer known at `as_of`, or those `among` them, with the metrics that the rule looks at."""
    needed = metrics_needed([rule])
    if needed:
        return compute(session if among is None else Narrowed(session, among), as_of, needed)
    everybody = known(session, as_of)
    return everybody if among is None else everybody.semi_join(among, "customer_id")


def known(session: Session, as_of: date) -> ir.Table:
    """The customers whose record existed at `as_of` or who had bought by then: `customer_id`.

    Orders are looked at only for the few whose record is younger than `as_of`.
    """
    customers = session.table("customers")
    orders = session.table("orders")
    here = customers.filter(customers.created_on <= day(as_of))
    late = customers.filter(customers.created_on > day(as_of))
    bought = orders.filter(orders.placed_on <= day(as_of)).select(buyer=orders.customer_id)
    early = late.semi_join(bought, late.id == bought.buyer)
    return here.select(customer_id=here.id).union(early.select(customer_id=early.id))
