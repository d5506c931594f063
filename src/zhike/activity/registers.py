"""What the activity stage adds to the whole: navigation, panels, timeline, lake tables, mergers, erasers, promises."""

from django.utils.translation import gettext_lazy as _

from zhike.activity import doctor, moving, panels, searching, timeline
from zhike.activity.models import Event, Feedback, Interaction, Return
from zhike.core.text import Text
from zhike.engine.lake import SHAPES, LakeTable
from zhike.kernel import lake, slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="activity", label=_("Orders and contacts"), icon="shopping-cart", url="activity:orders",
        right=Right.ACTIVITY_VIEW, order=25,
    )
)  # fmt: skip
for _key, _label, _icon in (
    ("interactions", _("Interactions"), "messages"),
    ("feedback", _("Feedback"), "star"),
    ("products", _("Products"), "package"),
):
    slots.command(
        slots.Command(
            key=f"activity.{_key}",
            label=_label,
            icon=_icon,
            url=f"activity:{_key}",
            right=Right.ACTIVITY_VIEW,
        )
    )
slots.search(
    slots.Search(key="orders", label=_("Orders"), right=Right.ACTIVITY_VIEW, order=40, find=searching.find)
)
slots.panel(
    slots.Panel(
        place="customer.left", key="purchases", label=_("Purchases"), right=Right.ACTIVITY_VIEW, order=10,
        render=panels.purchases,
    )
)  # fmt: skip
slots.panel(
    slots.Panel(
        place="customer.timeline", key="months", label=_("Spend by month"), right=Right.ACTIVITY_VIEW, order=10,
        render=panels.months,
    )
)  # fmt: skip
slots.panel(
    slots.Panel(
        place="customer.actions", key="interaction", label=_("Record interaction"), right=Right.ACTIVITY_RECORD, order=10,
        render=panels.buttons,
    )
)  # fmt: skip
slots.panel(
    slots.Panel(
        place="customer.tabs", key="orders", label=_("Orders"), right=Right.ACTIVITY_VIEW, order=20,
        render=panels.orders_tab, count=panels.order_number,
    )
)  # fmt: skip
slots.panel(
    slots.Panel(
        place="customer.tabs", key="feedback", label=_("Feedback"), right=Right.ACTIVITY_VIEW, order=40,
        render=panels.feedback_tab, count=panels.feedback_number,
    )
)  # fmt: skip
slots.timeline(timeline.moments)

HERE = "AT TIME ZONE 'Asia/Shanghai'"
lake.table(
    LakeTable(
        name="orders",
        columns=SHAPES["orders"],
        select=f"""SELECT id, customer_id, placed_at {HERE} AS placed_at, amount, discount, channel, store, payment, tx
                   FROM activity_order""",
        days={"placed_on": "placed_at"},
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
        select=f"""SELECT id, customer_id, at {HERE} AS at, channel, purpose, direction, tx
                   FROM activity_interaction""",
        days={"on_date": "at"},
    )
)
lake.table(
    LakeTable(
        name="feedback",
        columns=SHAPES["feedback"],
        select=f"""SELECT id, customer_id, at {HERE} AS at, rating, channel, tx
                   FROM activity_feedback""",
        days={"on_date": "at"},
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
slots.invariant(
    Text("订单金额等于明细之和", "An order's amount is the sum of its lines"), doctor.amounts_are_sums
)
slots.invariant(Text("每条明细都有订单", "Every order line has its order"), doctor.no_stray_lines)
slots.invariant(
    Text("数据库与分析数据的消费额一致", "Spend agrees between database and lake"), doctor.spend_agrees
)
