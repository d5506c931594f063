"""Orders with their lines: rows with the same order number form one order, and re-sending a file changes nothing."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from zhike.activity.absorbing import owners, products
from zhike.core.text import Text
from zhike.customers.facts import Held, Outcome
from zhike.kernel import bulk

TURN = 0x5A48_4F52
STAGED = {
    "row": "bigint", "number": "text", "customer_id": "bigint", "placed_at": "timestamptz", "product_code": "text",
    "quantity": "numeric", "amount": "numeric", "discount": "numeric", "channel": "text", "store": "text",
    "payment": "text", "row_key": "text",
}  # fmt: skip

# An order has one customer: the one it was first told of. Rows that say another wait.
STRANGERS = """
    DELETE FROM {staged} s
    USING (SELECT DISTINCT ON (number) number, customer_id FROM {staged} ORDER BY number, row) f
        LEFT JOIN activity_order o ON o.number = f.number AND o.source = %(source)s
    WHERE s.number = f.number AND s.customer_id <> coalesce(o.customer_id, f.customer_id)
    RETURNING s.row, s.number
"""
# One row per order of the chunk: what its first row says, the sum of its lines, and the total if a row without a
# product gives one. `order_id` is that of the order that exists, or a fresh one.
HEADS = """
    CREATE TEMPORARY TABLE {heads} ON COMMIT DROP AS
    SELECT h.*, coalesce(o.id, nextval('activity_order_id_seq')) AS order_id, o.id IS NOT NULL AS known
    FROM (
        SELECT number,
               (array_agg(customer_id ORDER BY row))[1] AS customer_id,
               (array_agg(placed_at ORDER BY row))[1] AS placed_at,
               (array_agg(channel ORDER BY row) FILTER (WHERE channel <> ''))[1] AS channel,
               (array_agg(store ORDER BY row) FILTER (WHERE store <> ''))[1] AS store,
               (array_agg(payment ORDER BY row) FILTER (WHERE payment <> ''))[1] AS payment,
               (array_agg(amount ORDER BY row DESC) FILTER (WHERE product_code IS NULL))[1] AS total,
               (array_agg(discount ORDER BY row DESC) FILTER (WHERE product_code IS NULL))[1] AS total_discount,
               coalesce(sum(amount) FILTER (WHERE product_code IS NOT NULL), 0) AS line_amount,
               coalesce(sum(discount) FILTER (WHERE product_code IS NOT NULL), 0) AS line_discount
        FROM {staged} GROUP BY number
    ) h LEFT JOIN activity_order o ON o.number = h.number AND o.source = %(source)s
"""
# The same where every number stands in one row only: what it says is the order.
HEADS_OF_ONE = """
    CREATE TEMPORARY TABLE {heads} ON COMMIT DROP AS
    SELECT s.number, s.customer_id, s.placed_at, nullif(s.channel, '') AS channel, nullif(s.store, '') AS store,
           nullif(s.payment, '') AS payment,
           CASE WHEN s.product_code IS NULL THEN s.amount END AS total,
           CASE WHEN s.product_code IS NULL THEN s.discount END AS total_discount,
           CASE WHEN s.product_code IS NULL THEN 0 ELSE coalesce(s.amount, 0) END AS line_amount,
           CASE WHEN s.product_code IS NULL THEN 0 ELSE coalesce(s.discount, 0) END AS line_discount,
           coalesce(o.id, nextval('activity_order_id_seq')) AS order_id, o.id IS NOT NULL AS known
    FROM {staged} s LEFT JOIN activity_order o ON o.number = s.number AND o.source = %(source)s
"""
ANY_KNOWN = """
    SELECT EXISTS (SELECT FROM {staged} s JOIN activity_order o ON o.number = s.number AND o.source = %(source)s)
"""
# Most files tell of new orders only, a row each: nothing is grouped, nothing looked up.
NEW_WHOLE_ORDERS = """
    INSERT INTO activity_order
        (key, customer_id, source, number, placed_at, amount, total, discount, channel, store, payment)
    SELECT {key}, customer_id, %(source)s, number, placed_at, coalesce(amount, 0), amount, coalesce(discount, 0),
           coalesce(channel, ''), coalesce(store, ''), coalesce(payment, '')
    FROM {staged} ORDER BY row
"""
NEW_ORDERS = """
    INSERT INTO activity_order
        (id, key, customer_id, source, number, placed_at, amount, total, discount, channel, store, payment)
    SELECT order_id, {key}, customer_id, %(source)s, number, placed_at, coalesce(total, line_amount), total,
           coalesce(total_discount, line_discount), coalesce(channel, ''), coalesce(store, ''), coalesce(payment, '')
    FROM {heads} WHERE NOT known
"""
NEW_LINES = """
    INSERT INTO activity_orderline (order_id, product_id, position, quantity, amount, discount, batch)
    SELECT h.order_id, p.id, s.row_key, coalesce(s.quantity, 1), s.amount, coalesce(s.discount, 0), %(batch)s
    FROM {staged} s JOIN {heads} h ON h.number = s.number JOIN activity_product p ON p.code = s.product_code
    ON CONFLICT (order_id, position) DO NOTHING
"""
# A line that the file tells anew under the same number: its figures may have been corrected.
SAME_LINES = """
    UPDATE activity_orderline l
    SET product_id = p.id, quantity = coalesce(s.quantity, 1), amount = s.amount, discount = coalesce(s.discount, 0),
        batch = %(batch)s
    FROM {staged} s JOIN {heads} h ON h.number = s.number JOIN activity_product p ON p.code = s.product_code
    WHERE h.known AND l.order_id = h.order_id AND l.position = s.row_key
      AND (l.product_id, l.quantity, l.amount, l.discount)
          IS DISTINCT FROM (p.id, coalesce(s.quantity, 1), s.amount, coalesce(s.discount, 0))
"""
# A line without a number of its own is known by what it says. If a later file tells the same product of an order with
# other figures, and no longer the old ones, the line was corrected: it is changed, not added to what it replaces.
CORRECTED_LINES = """
    WITH told AS (
        SELECT h.order_id, p.id AS product_id, s.*,
               row_number() OVER (PARTITION BY h.order_id, p.id ORDER BY s.row) AS nth
        FROM {staged} s JOIN {heads} h ON h.number = s.number JOIN activity_product p ON p.code = s.product_code
        WHERE h.known AND NOT EXISTS (
            SELECT FROM activity_orderline l WHERE l.order_id = h.order_id AND l.position = s.row_key)
    ),
    untold AS (
        SELECT l.id, l.order_id, l.product_id,
               row_number() OVER (PARTITION BY l.order_id, l.product_id ORDER BY l.id) AS nth
        FROM {heads} h JOIN activity_orderline l ON l.order_id = h.order_id
        WHERE h.known AND l.batch IS DISTINCT FROM %(batch)s AND NOT EXISTS (
            SELECT FROM {staged} s WHERE s.number = h.number AND s.row_key = l.position)
    )
    UPDATE activity_orderline l
    SET position = t.row_key, quantity = coalesce(t.quantity, 1), amount = t.amount,
        discount = coalesce(t.discount, 0), batch = %(batch)s
    FROM told t JOIN untold u USING (order_id, product_id, nth)
    WHERE l.id = u.id
"""
CHANGED_ORDERS = """
    WITH sums AS (
        SELECT l.order_id, sum(l.amount) AS amount, sum(l.discount) AS discount
        FROM {heads} h JOIN activity_orderline l ON l.order_id = h.order_id GROUP BY l.order_id
    ),
    wanted AS (
        SELECT o.id, h.placed_at, coalesce(h.channel, o.channel) AS channel, coalesce(h.store, o.store) AS store,
               coalesce(h.payment, o.payment) AS payment, coalesce(h.total, o.total) AS total,
               coalesce(h.total, o.total, sums.amount, 0) AS amount,
               CASE WHEN coalesce(h.total, o.total) IS NULL THEN coalesce(sums.discount, 0)
                    ELSE coalesce(h.total_discount, o.discount) END AS discount
        FROM {heads} h JOIN activity_order o ON o.id = h.order_id LEFT JOIN sums ON sums.order_id = o.id
    )
    UPDATE activity_order o
    SET placed_at = w.placed_at, channel = w.channel, store = w.store, payment = w.payment, total = w.total,
        amount = w.amount, discount = w.discount
    FROM wanted w WHERE o.id = w.id
      AND (o.placed_at, o.channel, o.store, o.payment, o.total, o.amount, o.discount)
          IS DISTINCT FROM (w.placed_at, w.channel, w.store, w.payment, w.total, w.amount, w.discount)
"""
# The lake shows a line's day: lines of an order that moved in time are copied anew.
MOVED_LINES = """
    UPDATE activity_orderline l SET batch = l.batch
    FROM {heads} h JOIN activity_order o ON o.id = h.order_id
    WHERE h.known AND l.order_id = o.id AND o.tx = pg_current_xact_id()
"""
OTHERS_ORDER = Text(
    "请核对订单编号和客户编号后重新导入。",
    "Check the order number and the customer code and send the row again.",
)


def absorb(table: pa.Table, source: str, batch: int | None) -> Outcome:
    """Take a chunk of order rows in; an order told in several chunks, or again later, stays one order."""
    table, held = owners.with_owners(table, source)
    if not table.num_rows:
        return Outcome(accepted=0, held=tuple(held))
    products.from_orders(table, source)
    # Of one source one chunk at a time: the ids given to new orders must not meet those of another import.
    bulk.run("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TURN, source])
    once = pc.count_distinct(table["number"]).as_py() == table.num_rows
    with bulk.staged_table(STAGED, table, analysed="number") as staged:
        names = {"staged": staged, "heads": f"{staged}_heads", "key": _key()}
        said = {"source": source, "batch": batch}
        if once and _whole(table) and not bulk.rows(ANY_KNOWN.format(**names), said)[0][0]:
            added = bulk.run(NEW_WHOLE_ORDERS.format(**names), said)
            return Outcome(accepted=table.num_rows, held=tuple(held), added=added)
        strangers = bulk.rows(STRANGERS.format(**names), said)
        others = [Held(row, orders_of_others(number), OTHERS_ORDER, "number") for row, number in strangers]
        bulk.run((HEADS_OF_ONE if once else HEADS).format(**names), said)
        bulk.run(f"ANALYZE {names['heads']} (number, order_id)")
        added, changed = _write(names, said)
        bulk.run(f"DROP TABLE {names['heads']}")
    return Outcome(accepted=table.num_rows - len(others), held=(*held, *others), added=added, changed=changed)


def _whole(table: pa.Table) -> bool:
    """Whether no row names a product."""
    return "product_code" not in table.column_names or table["product_code"].null_count == table.num_rows


def _key() -> str:
    """How PostgreSQL makes a key: ordered by time where it can, so that the index of keys grows at its end only."""
    return "uuidv7()" if connection.connection.info.server_version >= 18_00_00 else "gen_random_uuid()"


def _write(names: dict[str, str], said: Mapping[str, object]) -> tuple[int, int]:
    """Write orders and lines; returns how many orders are new and how many changed."""
    ((told_again, with_product),) = bulk.rows(
        "SELECT (SELECT count(*) FROM {heads} WHERE known), "
        "(SELECT count(*) FROM {staged} WHERE product_code IS NOT NULL)".format(**names)
    )
    added = bulk.run(NEW_ORDERS.format(**names), said)
    if told_again:
        bulk.run(SAME_LINES.format(**names), said)
        bulk.run(CORRECTED_LINES.format(**names), said)
    lines = bulk.run(NEW_LINES.format(**names), said)
    if not told_again and lines == with_product:
        return added, 0
    changed = bulk.run(CHANGED_ORDERS.format(**names), said)
    if changed:
        bulk.run(MOVED_LINES.format(**names))
    return added, changed


def orders_of_others(number: str) -> Text:
    """An order that somebody else placed."""
    return Text(f"订单 {number} 属于另一位客户。", f"Order {number} belongs to another customer.")
