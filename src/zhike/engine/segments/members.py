"""The customers for whom a rule holds, as an expression over the lake."""

from datetime import date

import ibis.expr.types as ir

from zhike.core.rules import Rule
from zhike.engine.lake import Session
from zhike.engine.metrics import compute
from zhike.engine.metrics.exact import day
from zhike.engine.rules import Means, condition, figures_for, metrics_needed, subjects


def members(
    session: Session,
    rule: Rule,
    as_of: date,
    *,
    scope: ir.Table | None = None,
    means: Means | None = None,
) -> ir.Table:
    """One row per customer known at `as_of` for whom the rule holds: `customer_id`.

    Only the metrics that the rule looks at are computed. `scope` (customer_id) limits who is found, never what a customer is
    compared with: means and percentiles are those of all customers, or the given ones.
    """
    people = population(session, rule, as_of)
    compared = figures_for(session, people, [rule], as_of) if means is None else means
    asked = people if scope is None else people.semi_join(scope, "customer_id")
    table = subjects(session, asked, [rule], as_of)
    return table.filter(condition(rule, table, compared, as_of)).select("customer_id")


def population(session: Session, rule: Rule, as_of: date) -> ir.Table:
    """Every customer known at `as_of` with the metrics that the rule looks at; see `metrics.compute`."""
    needed = metrics_needed([rule])
    return compute(session, as_of, needed) if needed else known(session, as_of)


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
