"""What becomes of a customer's marks, contact points and history when two customers become one."""

from zhike.kernel import bulk


def move_identities(kept: int, gone: int) -> None:
    """Whoever knew the gone customer finds the kept one; marks are unique, so none collides."""
    bulk.run("UPDATE customers_identity SET customer_id = %s WHERE customer_id = %s", [kept, gone])


def move_contact_points(kept: int, gone: int) -> None:
    """The gone customer's contact points become alternatives, unless the kept one has the same."""
    bulk.run(
        "DELETE FROM customers_contactpoint g USING customers_contactpoint k WHERE g.customer_id = %s "
        "AND k.customer_id = %s AND k.field = g.field AND k.digest = g.digest",
        [gone, kept],
    )
    bulk.run(
        'UPDATE customers_contactpoint g SET customer_id = %(kept)s, "primary" = g."primary" AND NOT EXISTS (SELECT FROM '
        'customers_contactpoint k WHERE k.customer_id = %(kept)s AND k.field = g.field AND k."primary") '
        "WHERE g.customer_id = %(gone)s",
        {"kept": kept, "gone": gone},
    )


def move_objections(kept: int, gone: int) -> None:
    """Whoever objected goes on to object, under whatever number."""
    bulk.run(
        "INSERT INTO customers_objection (customer_id, since, by_id) SELECT %s, since, by_id FROM customers_objection "
        "WHERE customer_id = %s ON CONFLICT (customer_id) DO NOTHING",
        [kept, gone],
    )
    bulk.run("DELETE FROM customers_objection WHERE customer_id = %s", [gone])


def move_versions(kept: int, gone: int) -> None:
    """The gone customer's history is kept beside the kept one's."""
    bulk.run(
        "UPDATE customers_customerversion v SET customer_id = %(kept)s, number = (SELECT coalesce(max(number), 0) FROM "
        "customers_customerversion WHERE customer_id IN (%(kept)s, %(gone)s)) + 1000000 + v.number "
        "WHERE v.customer_id = %(gone)s",
        {"kept": kept, "gone": gone},
    )
