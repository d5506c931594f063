"""Returns, interactions, feedback and events: one row is one fact, known by its number or by what it says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zhike.activity.absorbing import owners
from zhike.activity.absorbing.orders import OTHERS_ORDER, orders_of_others
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.customers.facts import Held, Outcome
from zhike.kernel import bulk
from zhike.kernel.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """A table of facts: its staged columns with their types, and the SQL value each of its own columns takes."""

    table: str
    staged: Mapping[str, str]
    values: Mapping[str, str]
    keyed: bool = True

    def statement(self, staged: str) -> str:
        """Insert what is new and correct what a numbered row now says otherwise; anything else is left alone."""
        own = ", ".join(self.values)
        said = ", ".join(self.values.values())
        key = "gen_random_uuid(), " if self.keyed else ""
        corrected = ", ".join(f"{column} = excluded.{column}" for column in self.values)
        standing = ", ".join(f"f.{column}" for column in self.values)
        excluded = ", ".join(f"excluded.{column}" for column in self.values)
        return (
            f"INSERT INTO {self.table} AS f ({'key, ' if self.keyed else ''}customer_id, source, number, batch, {own}) "
            f"SELECT {key}s.customer_id, %(source)s, s.row_key, %(batch)s, {said} "
            f"FROM (SELECT DISTINCT ON (customer_id, row_key) * FROM {staged} ORDER BY customer_id, row_key, row DESC) s "
            f"ON CONFLICT (customer_id, number, source) DO UPDATE SET {corrected}, batch = excluded.batch "
            f"WHERE ({standing}) IS DISTINCT FROM ({excluded}) RETURNING (xmax = 0)"
        )


INTERACTIONS = FactTable(
    table="activity_interaction",
    staged={
        "at": "timestamptz", "channel": "text", "purpose": "text", "direction": "text", "content": "text", "by_id": "bigint",
    },
    values={
        "at": "s.at",
        "channel": "coalesce(s.channel, '')",
        "purpose": "left(coalesce(s.purpose, ''), 100)",
        "direction": "coalesce(s.direction, 'out')",
        "content": "left(coalesce(s.content, ''), 5000)",
        "by_id": "s.by_id",
    },
)  # fmt: skip
FEEDBACK = FactTable(
    table="activity_feedback",
    staged={"at": "timestamptz", "rating": "numeric", "channel": "text", "content": "text"},
    values={
        "at": "s.at",
        "rating": "round(s.rating, 2)",
        "channel": "coalesce(s.channel, '')",
        "content": "left(coalesce(s.content, ''), 5000)",
    },
)
EVENTS = FactTable(
    table="activity_event",
    staged={"at": "timestamptz", "kind": "text", "detail": "text"},
    values={"at": "s.at", "kind": "left(s.kind, 60)", "detail": "left(coalesce(s.detail, ''), 300)"},
    keyed=False,
)
RETURNS = FactTable(
    table="activity_return",
    staged={"order_id": "bigint", "returned_on": "date", "amount": "numeric", "reason": "text"},
    values={
        "order_id": "s.order_id",
        "returned_on": "s.returned_on",
        "amount": "s.amount",
        "reason": "left(coalesce(s.reason, ''), 200)",
    },
    keyed=False,
)
NO_SUCH_ORDER = Text(
    "请先导入该订单,或改正订单编号,然后在批次页重试这些行。",
    "Import the order first, or correct its number; then try these rows again on the batch's page.",
)


def absorb(facts: FactTable, table: pa.Table, source: str, batch: int | None) -> Outcome:
    """Take a chunk of facts in."""
    table, held = owners.with_owners(table, source)
    return _write(facts, table, source, batch, held)


def absorb_interactions(table: pa.Table, source: str, batch: int | None) -> Outcome:
    """Interactions, with the member of staff who had them where the e-mail address is known."""
    if "by" in table.column_names:
        staff = dict(User.objects.values_list("email", "pk"))
        ids = [staff.get(str(mail).lower()) if mail else None for mail in table["by"].to_pylist()]
        table = table.append_column("by_id", pa.array(ids, pa.int64()))
    return absorb(INTERACTIONS, table, source, batch)


def absorb_returns(table: pa.Table, source: str, batch: int | None) -> Outcome:
    """Returns; an order that is named must be known, and tells whose return it is if no customer code does."""
    numbers = _texts(table, "order_number")
    orders = _orders({number for number in numbers if number}, source)
    codes = _texts(table, "customer_code")
    known = customers.by_source_codes(source, {code for code in codes if code})
    held: list[Held] = []
    ids: list[int | None] = []
    owned: list[int | None] = []
    for row, code, number in zip(table["row"].to_pylist(), codes, numbers, strict=True):
        order = orders.get(number)
        customer = known.get(code) if code else order and order.customer
        wrong = _wrong_return(code, number, customer, order)
        if wrong is not None:
            held.append(Held(row, *wrong))
        ids.append(None if wrong is not None else customer)
        owned.append(order.id if order and wrong is None else None)
    table = table.append_column("customer_id", pa.array(ids, pa.int64()))
    table = table.append_column("order_id", pa.array(owned, pa.int64()))
    return _write(RETURNS, table.filter(pc.is_valid(table["customer_id"])), source, batch, held)


class _Order(NamedTuple):
    """An order that a return names."""

    id: int
    customer: int


def _orders(numbers: Collection[str], source: str) -> dict[str, _Order]:
    """Orders by their number, of this source before others."""
    if not numbers:
        return {}
    rows = bulk.rows(
        "SELECT number, id, customer_id FROM activity_order WHERE number = ANY(%s) ORDER BY (source = %s)",
        [list(numbers), source],
    )
    return {number: _Order(pk, customer) for number, pk, customer in rows}


def _wrong_return(
    code: str, number: str, customer: int | None, order: _Order | None
) -> tuple[Text, Text, str] | None:
    """Why a return must wait, what to do, and which field says so."""
    if number and order is None:
        return (
            Text(f"没有编号为“{number}”的订单。", f"There is no order with the number “{number}”."),
            NO_SUCH_ORDER,
            "order_number",
        )
    if customer is None:
        return owners.nobody(code), owners.IMPORT_FIRST, "customer_code"
    if order is not None and order.customer != customer:
        return orders_of_others(number), OTHERS_ORDER, "order_number"
    return None


def _texts(table: pa.Table, name: str) -> list[str]:
    if name not in table.column_names:
        return [""] * table.num_rows
    return [value or "" for value in table[name].to_pylist()]


def _write(facts: FactTable, table: pa.Table, source: str, batch: int | None, held: list[Held]) -> Outcome:
    columns = {"row": "bigint", "customer_id": "bigint", "row_key": "text", **facts.staged}
    with bulk.staged_table(columns, table) as staged:
        written = bulk.rows(facts.statement(staged), {"source": source, "batch": batch})
    added = sum(fresh for (fresh,) in written)
    return Outcome(accepted=table.num_rows, held=tuple(held), added=added, changed=len(written) - added)
