"""A large order in sight: a plain rule of four signs, each said in words, with a trial on the past.

A large order is one of at least the 90th percentile of all orders of the year before. The signs: a quotation was asked for
(3 points); the next order is due by the customer's own rhythm and their orders are large on average (2); contacts and visits
of the last 14 days are three times the usual (1); the last three orders are half as large again as those before (1). Two
points make a signal. No model is fitted: few companies have enough large orders to learn one, and everybody can check a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zhike.core.text import Text
from zhike.engine.lake import Session

METHOD = "large_order/v1"
AHEAD = 30  # days in which the order is expected
POINTS = {"quote": 3, "due": 2, "burst": 1, "growth": 1}
ENOUGH = 2
LISTED = 500
FEWEST = 20  # signals, and customers with a large order, from which a trial says anything
QUOTES = ("报价", "询价", "quote", "quotation", "rfq")
LABELS = {
    "quote": Text("近 30 天询价或报价", "Asked for a quotation in the last 30 days"),
    "due": Text(
        "按自身节奏该下单,且平均订单属于大单",
        "The next order is due by their own rhythm, and their orders are large",
    ),
    "burst": Text(
        "近 14 天互动和访问是平时的 3 倍以上",
        "Contacts and visits of the last 14 days are three times the usual",
    ),
    "growth": Text(
        "最近三单比之前大一半以上", "The last three orders are half as large again as those before"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """On an earlier day: how many signals, how many were right within AHEAD days, and the same for as many others.

    `right`: share of those signalled who placed a large order. `largest`: that share among as many customers with the
    largest average order; `anybody`: among all customers who had bought.
    """

    on: date
    signals: int
    right: float
    largest: float
    anybody: float
    large: int

    @property
    def says_something(self) -> bool:
        """Whether there were enough signals and large orders for the shares to mean anything."""
        return self.signals >= FEWEST and self.large >= FEWEST


def signals(session: Session, as_of: date, *, most: int = LISTED) -> list[tuple[int, int, list[str]]]:
    """Customers with a large order in sight: id, points, signs; most points first, then the larger average order."""
    found = session.cursor.execute(f"{_told(session, as_of)} LIMIT {int(most)}").fetchall()
    return [
        (customer, points, [sign for sign in POINTS if sign in said]) for customer, points, said, _ in found
    ]


def cut(session: Session, as_of: date) -> float:
    """From which amount an order is large; 0 without orders."""
    return float(session.cursor.execute(_cut(session, as_of)).fetchall()[0][0] or 0)


def trial(session: Session, as_of: date) -> Trial:
    """What the rule would have said AHEAD days ago, against what came."""
    on = as_of - timedelta(days=AHEAD)
    edge = f"({_cut(session, on)})"
    came = (
        f"SELECT DISTINCT customer_id FROM {_of(session, 'orders')} "
        f"WHERE placed_on > DATE '{on}' AND placed_on <= DATE '{as_of}' AND amount >= {edge}"
    )
    counted = session.cursor.execute(
        f"""
        WITH told AS ({_told(session, on)} LIMIT {LISTED}), came AS ({came}),
        held AS (SELECT customer_id, avg(amount) AS mean FROM {_of(session, "orders")} WHERE placed_on <= DATE '{on}' GROUP BY 1),
        top AS (SELECT customer_id FROM held ORDER BY mean DESC, customer_id LIMIT (SELECT count(*) FROM told))
        SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM told SEMI JOIN came USING (customer_id)),
               (SELECT count(*) FROM top SEMI JOIN came USING (customer_id)),
               (SELECT count(*) FROM held), (SELECT count(*) FROM held SEMI JOIN came USING (customer_id)),
               (SELECT count(*) FROM came)
        """
    ).fetchall()[0]
    told, right, largest, held, anybody, large = (int(one) for one in counted)
    share = max(1, told)
    return Trial(
        on=on,
        signals=told,
        right=right / share,
        largest=largest / share,
        anybody=anybody / max(1, held),
        large=large,
    )


def _of(session: Session, name: str) -> str:
    return f"({session.sql(session.table(name))})"


def _cut(session: Session, as_of: date) -> str:
    year = as_of - timedelta(days=365)
    return (
        f"SELECT quantile_disc(amount, 0.9) FROM {_of(session, 'orders')} "
        f"WHERE placed_on > DATE '{year}' AND placed_on <= DATE '{as_of}'"
    )


def _told(session: Session, as_of: date) -> str:
    """The statement behind `signals`, in its order."""
    day = f"DATE '{as_of}'"
    quotes = " OR ".join(f"contains(lower(kind), '{word}')" for word in QUOTES)
    points = " + ".join(f"CASE WHEN {sign} THEN {number} ELSE 0 END" for sign, number in POINTS.items())
    said = ", ".join(f"CASE WHEN {sign} THEN '{sign}' END" for sign in POINTS)
    return f"""
        SELECT customer_id, {points} AS points, list_value({said}) AS said, mean FROM (
            WITH bought AS (
                SELECT customer_id, amount, placed_on, row_number() OVER newest AS place
                FROM {_of(session, "orders")} WHERE placed_on <= {day}
                WINDOW newest AS (PARTITION BY customer_id ORDER BY placed_on DESC, id DESC)
            ),
            orders AS (
                SELECT customer_id, count(*) AS n, avg(amount) AS mean, max(placed_on) AS last_on,
                       date_diff('day', min(placed_on), max(placed_on)) / nullif(count(DISTINCT placed_on) - 1, 0) AS gap,
                       avg(amount) FILTER (WHERE place <= 3) AS late, avg(amount) FILTER (WHERE place > 3) AS early
                FROM bought GROUP BY 1
            ),
            touches AS (
                SELECT customer_id, on_date FROM {_of(session, "interactions")} WHERE direction = 'in'
                UNION ALL SELECT customer_id, CAST("at" AS DATE) FROM {_of(session, "events")}
            ),
            touched AS (
                SELECT customer_id, count(*) FILTER (WHERE on_date > {day} - 14) AS fresh,
                       count(*) FILTER (WHERE on_date <= {day} - 14) * 14 / 90 AS usual
                FROM touches WHERE on_date > {day} - 104 AND on_date <= {day} GROUP BY 1
            ),
            quoted AS (
                SELECT DISTINCT customer_id FROM {_of(session, "events")}
                WHERE CAST("at" AS DATE) > {day} - 30 AND CAST("at" AS DATE) <= {day} AND ({quotes})
            )
            SELECT o.customer_id, o.mean, q.customer_id IS NOT NULL AS quote,
                   coalesce(o.n >= 3 AND o.gap >= 7 AND o.mean >= ({_cut(session, as_of)})
                            AND date_diff('day', o.last_on, {day}) BETWEEN 0.8 * o.gap AND 2 * o.gap, false) AS due,
                   coalesce(t.fresh >= 3 AND t.fresh >= 3 * t.usual, false) AS burst,
                   coalesce(o.n >= 6 AND o.late >= 1.5 * o.early, false) AS growth
            FROM orders o LEFT JOIN touched t USING (customer_id) LEFT JOIN quoted q USING (customer_id)
            SEMI JOIN {_of(session, "customers")} c ON c.id = o.customer_id
        ) WHERE points >= {ENOUGH} ORDER BY points DESC, mean DESC, customer_id
    """
