"""What the activity stage adds to the whole: lake tables, mergers, erasers, promises."""

from zhike.activity import doctor, moving
from zhike.activity.models import Event, Feedback, Interaction, Return
from zhike.engine.lake import SHAPES, LakeTable
from zhike.kernel import lake, slots

HERE = "AT TIME ZONE 'Asia/Shanghai'"
lake.table(
    LakeTable(
        name="orders",
        columns=SHAPES["orders"],
        select=f"""SELECT id, customer_id, placed_at {HERE} AS placed_at, (placed_at {HERE})::date AS placed_on, amount,
                          discount, channel, store, payment, tx FROM activity_order""",
    )
)
lake.table(
    LakeTable(
        name="order_lines",
        columns=SHAPES["order_lines"],
        select=f"""SELECT l.id, l.order_id, o.customer_id, (o.placed_at {HERE})::date AS placed_on,
                          p.code AS product_code, p.category, l.quantity, l.amount, l.discount, l.tx
                   FROM activity_orderline l JOIN activity_order o ON o.id = l.order_id
                   JOIN activity_product p ON p.id = l.product_id""",
    )
)
lake.table(
    LakeTable(
        name="returns",
        columns=SHAPES["returns"],
        select="SELECT id, order_id, customer_id, returned_on, amount, tx FROM activity_return",
    )
)
lake.table(
    LakeTable(
        name="interactions",
        columns=SHAPES["interactions"],
        select=f"""SELECT id, customer_id, at {HERE} AS at, (at {HERE})::date AS on_date, channel, purpose, direction, tx
                   FROM activity_interaction""",
    )
)
lake.table(
    LakeTable(
        name="feedback",
        columns=SHAPES["feedback"],
        select=f"""SELECT id, customer_id, at {HERE} AS at, (at {HERE})::date AS on_date, rating, channel, tx
                   FROM activity_feedback""",
    )
)
lake.table(
    LakeTable(
        name="events",
        columns=SHAPES["events"],
        select=f"SELECT id, customer_id, at {HERE} AS at, kind, tx FROM activity_event",
    )
)

slots.merger("activity.Order", moving.move_orders)
slots.merger("activity.Return", moving.move_returns)
slots.merger("activity.Interaction", moving.move_interactions)
slots.merger("activity.Feedback", moving.move_feedback)
slots.merger("activity.Event", moving.move_events)
# Erasers run in reverse order: returns and the other facts before the orders they name.
slots.eraser("activity.Order", moving.erase_orders)
slots.eraser("activity.Return", slots.delete_rows(Return))
slots.eraser("activity.Interaction", slots.delete_rows(Interaction))
slots.eraser("activity.Feedback", slots.delete_rows(Feedback))
slots.eraser("activity.Event", slots.delete_rows(Event))
slots.invariant("activity: an order's amount is the sum of its lines", doctor.amounts_are_sums)
slots.invariant("activity: every order line has its order", doctor.no_stray_lines)
slots.invariant("spend agrees between database and lake", doctor.spend_agrees)
