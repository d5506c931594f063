"""The row of every customer in a balance sheet: values on both days, revenue between, and the one movement it is in.

Facts are read as of each day: what was ordered after it is not seen. Returns lower revenue on the day they were booked.
Amounts are whole cents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.ledger.movements import Movement
from zhike.engine.metrics.exact import day, days_since, scaled

CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Between which days, and by which words: `horizons` of churn on each day, in days; `ranks` of tiers, higher is better.

    `region`: the customer field that holds the region, empty for none; its first two digits are the province.
    """

    first: date
    second: date
    horizons: tuple[int, int]
    ranks: Mapping[str, int] = field(default_factory=dict)
    region: str = ""

    @property
    def days(self) -> int:
        """How long the period is; it begins the day after `first`."""
        return (self.second - self.first).days


def entries(
    session: Session,
    terms: Terms,
    worth: tuple[ir.Table, ir.Table],
    classes: tuple[ir.Table, ir.Table],
    regions: ir.Table | None = None,
) -> ir.Table:
    """One row per customer known by the second day, in the columns of SHAPES["ledger"] but for `statement`.

    `worth`: on the first day customer_id, value, model (what the second day's model says of the first day), off, level; on
    the second customer_id, value, off, level; values in cents. `classes`: customer_id and rfm_class on each day.
    `regions`: customer_id and the region on the first day, of those whose region has changed since.
    """
    joined = _people(session, terms, regions)
    columns = set(joined.columns)
    parts = (
        _bought(session, terms),
        _given_back(session, terms),
        *_channels(session, terms),
        *(_tiers(session, moment, n) for n, moment in enumerate((terms.first, terms.second))),
        *(_renamed(one, n) for n, one in enumerate(worth)),
        *(one.select(of="customer_id", **{f"rfm{n}": one.rfm_class}) for n, one in enumerate(classes)),
    )
    for part in parts:
        found = [name for name in part.columns if name != "of"]
        joined = joined.left_join(part, joined.customer_id == part["of"]).select(*sorted(columns), *found)
        columns |= set(found)
    return _rows(_filled(joined), terms)


def _people(session: Session, terms: Terms, regions: ir.Table | None) -> ir.Table:
    customers = session.table("customers")
    now = _province(customers.fields.cast("json"), terms.region)
    people = customers.select(
        customer_id=customers.id, known_on=customers.created_on, manager=customers.manager_id, region1=now
    )
    if regions is None:
        return people.mutate(region0=people.region1)
    was = regions.select(of="customer_id", was=regions.region)
    joined = people.left_join(was, people.customer_id == was["of"])
    changed = joined["of"].notnull()
    return joined.select(*people.columns, region0=changed.ifelse(_lead(joined.was), joined.region1))


def _province(fields: ir.Value, key: str) -> ir.Value:
    if not key:
        return ibis.literal("")
    return _lead(fields[key].str)


def _lead(region: ir.Value) -> ir.Value:
    """The province of a region's six digits."""
    known = region.fill_null("")
    return (known == "").ifelse("", known.left(2).concat("0000"))


def _bought(session: Session, terms: Terms) -> ir.Table:
    orders = session.table("orders")
    known = orders.filter(orders.placed_on <= day(terms.second))
    before = known.placed_on <= day(terms.first)
    prior = before & (known.placed_on > day(terms.first - timedelta(days=terms.days)))
    amount = scaled(known.amount, 2)
    return known.group_by(of=known.customer_id).aggregate(
        orders0=known.count(where=before),
        prior=known.count(where=prior),
        orders=known.count(where=~before),
        ordered0=amount.sum(where=before).cast("int64"),
        ordered=amount.sum(where=~before).cast("int64"),
        last0=known.placed_on.max(where=before),
        last1=known.placed_on.max(),
    )


def _given_back(session: Session, terms: Terms) -> ir.Table:
    returns = session.table("returns")
    known = returns.filter(returns.returned_on <= day(terms.second))
    before = known.returned_on <= day(terms.first)
    amount = scaled(known.amount, 2)
    return known.group_by(of=known.customer_id).aggregate(
        back0=amount.sum(where=before).cast("int64"), returned=amount.sum(where=~before).cast("int64")
    )


def _channels(session: Session, terms: Terms) -> tuple[ir.Table, ir.Table]:
    """The channel most ordered through by each day; of equals the first by name."""
    orders = session.table("orders")
    named = orders.mutate(channel=orders.channel.fill_null(""))
    return (
        _channel(named.filter(named.placed_on <= day(terms.first)), 0),
        _channel(named.filter(named.placed_on <= day(terms.second)), 1),
    )


def _channel(orders: ir.Table, number: int) -> ir.Table:
    counted = orders.group_by("customer_id", "channel").aggregate(times=orders.count())
    order = [counted.times.desc(), counted.channel]
    place = ibis.row_number().over(group_by=counted.customer_id, order_by=order)
    ranked = counted.mutate(place=place)
    return ranked.filter(ranked.place == 0).select(of="customer_id", **{f"channel{number}": "channel"})


def _tiers(session: Session, moment: date, number: int) -> ir.Table:
    placements = session.table("placements")
    standing = placements.filter(
        (placements.since <= day(moment)) & (placements.until.isnull() | (placements.until > day(moment)))
    )
    tier = standing.tier.argmax(standing.id)
    return standing.group_by(of=standing.customer_id).aggregate(**{f"tier{number}": tier})


def _renamed(worth: ir.Table, number: int) -> ir.Table:
    shared = {f"{name}{number}": worth[name] for name in ("value", "off", "level")}
    more = {"remodelled": worth.model} if number == 0 else {}
    return worth.select(of="customer_id", **shared, **more)


NOTHING = (
    "orders0", "prior", "orders", "ordered0", "ordered", "back0", "returned", "value0", "value1", "remodelled"
)  # fmt: skip
UNNAMED = ("tier0", "tier1", "rfm0", "rfm1", "channel0", "channel1", "level0", "level1")


def _filled(joined: ir.Table) -> ir.Table:
    filled = {name: joined[name].fill_null(0) for name in NOTHING}
    filled |= {name: joined[name].fill_null("") for name in UNNAMED}
    return joined.mutate(**filled, off0=joined.off0.fill_null(0.0), off1=joined.off1.fill_null(0.0))


def _rows(found: ir.Table, terms: Terms) -> ir.Table:
    seen = (
        found.filter(
            (found.known_on <= day(terms.second))
            | (found.orders0 + found.orders > 0)
            | (found.back0 != 0)
            | (found.returned != 0)
        )
        .mutate(
            asleep0=_asleep(found, 0, terms),
            asleep1=_asleep(found, 1, terms),
            known0=((found.known_on <= day(terms.first)) | (found.orders0 > 0)).fill_null(False),
            model=found.remodelled - found.value0,
            change=found.value1 - found.remodelled,
            earned0=found.ordered0 - found.back0,
        )
        .rename(opening="value0", closing="value1")
    )
    return seen.mutate(movement=_movement(seen, terms)).select(*COLUMNS)


def _asleep(found: ir.Table, number: int, terms: Terms) -> ir.Value:
    last, moment = found[f"last{number}"], (terms.first, terms.second)[number]
    silent = days_since(last, day(moment)) > terms.horizons[number]
    critical = last.notnull() & (found[f"level{number}"] == CRITICAL)
    return silent.fill_null(False) | critical


def _movement(seen: ir.Table, terms: Terms) -> ir.Value:
    was, now = (_rank(seen[name], terms.ranks) for name in ("tier0", "tier1"))
    return ibis.cases(
        (seen.orders0 + seen.orders == 0, Movement.IDLE.value),
        (seen.orders0 == 0, Movement.NEW.value),
        (seen.asleep1 & ~seen.asleep0, Movement.CHURNED.value),
        (seen.asleep0 & ~seen.asleep1, Movement.RETURNED.value),
        (now > was, Movement.UPGRADED.value),
        (now < was, Movement.DOWNGRADED.value),
        (seen.change > 0, Movement.GROWN.value),
        (seen.change < 0, Movement.SHRUNK.value),
        else_=Movement.STEADY.value,
    )


def _rank(tier: ir.Value, ranks: Mapping[str, int]) -> ir.Value:
    if not ranks:
        return ibis.null("int64")
    return ibis.cases(*((tier == key, rank) for key, rank in ranks.items()))


COLUMNS = (
    "customer_id", "movement", "opening", "model", "change", "closing", "off0", "off1", "earned0", "ordered", "returned",
    "orders0", "prior", "orders", "known0", "asleep0", "asleep1", "level0", "level1", "last1", "tier0", "tier1", "rfm0",
    "rfm1", "region0", "region1", "channel0", "channel1", "manager",
)  # fmt: skip
