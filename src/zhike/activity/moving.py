"""What becomes of facts when two customers become one, or one is erased."""

from zhike.kernel import bulk

# Facts are unique per customer, source and number: of two that would collide the kept customer's stays.
_NUMBERED = """
    DELETE FROM {table} g USING {table} k
    WHERE g.customer_id = %(gone)s AND k.customer_id = %(kept)s AND k.number = g.number AND k.source = g.source
"""


def move_orders(kept: int, gone: int) -> None:
    """Orders change hands, and their lines are copied to the lake anew, because they bear the customer there."""
    moved = "SELECT id FROM activity_order WHERE customer_id = %s"
    bulk.run(f"UPDATE activity_orderline SET batch = batch WHERE order_id IN ({moved})", [gone])
    bulk.run("UPDATE activity_order SET customer_id = %s WHERE customer_id = %s", [kept, gone])


def move_returns(kept: int, gone: int) -> None:
    """Returns change hands."""
    _move("activity_return", kept, gone)


def move_interactions(kept: int, gone: int) -> None:
    """Interactions change hands."""
    _move("activity_interaction", kept, gone)


def move_feedback(kept: int, gone: int) -> None:
    """Feedback changes hands."""
    _move("activity_feedback", kept, gone)


def move_events(kept: int, gone: int) -> None:
    """Events change hands."""
    _move("activity_event", kept, gone)


def erase_orders(customer: int) -> None:
    """Orders vanish with their lines."""
    own = "SELECT id FROM activity_order WHERE customer_id = %s"
    bulk.run(f"DELETE FROM activity_return WHERE order_id IN ({own})", [customer])
    bulk.run(f"DELETE FROM activity_orderline WHERE order_id IN ({own})", [customer])
    bulk.run("DELETE FROM activity_order WHERE customer_id = %s", [customer])


def _move(table: str, kept: int, gone: int) -> None:
    bulk.run(_NUMBERED.format(table=table), {"kept": kept, "gone": gone})
    bulk.run(f"UPDATE {table} SET customer_id = %s WHERE customer_id = %s", [kept, gone])
