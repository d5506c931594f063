"""From the lake to PostgreSQL: who is in a segment, writing only what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from zhike.core.rules import Rule
from zhike.engine.lake import Session
from zhike.engine.segments import Followed, members
from zhike.kernel import bulk

FOUND = {"customer_id": "bigint"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a refresh changed, and how many members there are now."""

    added: int
    removed: int
    members: int


def found(session: Session, rule: Rule, as_of: date) -> pa.RecordBatchReader:
    """The ids of the customers for whom a rule holds on a day; streamed."""
    return session.reader(session.sql(members(session, rule, as_of)))


def write_followed(session: Session, followed: Followed, segment: int, as_of: date) -> Difference:
    """Close and open what changed for those who were asked again. Needs a transaction; who was picked by hand stays."""
    # One answer after the other: a cursor forgets the first when it is asked the second.
    with (
        bulk.staged_table(FOUND, session.reader(session.sql(followed.asked))) as asked,
        bulk.staged_table(FOUND, session.reader(session.sql(followed.found))) as found_now,
    ):
        statement = _FOLLOWED.format(asked=asked, found=found_now)
        added, removed = bulk.rows(statement, {"segment": segment, "as_of": as_of})[0]
    return Difference(added=added, removed=removed, members=_members(segment))


def _members(segment: int) -> int:
    counted = "SELECT count(*) FROM tiers_membership WHERE segment_id = %s AND until IS NULL"
    return int(bulk.rows(counted, [segment])[0][0])


def write_members(rows: pa.RecordBatchReader, segment: int, as_of: date) -> Difference:
    """Close and open what changed. Needs a transaction.

    Who was put in by hand is in and who was kept out is out, whatever the rule found.
    """
    with bulk.staged_table(FOUND, rows) as found_now:
        added, removed = bulk.rows(_DIFFERENCE.format(found=found_now), {"segment": segment, "as_of": as_of})[
            0
        ]
    return Difference(added=added, removed=removed, members=_members(segment))


_FOLLOWED = """
WITH wanted AS MATERIALIZED (
    SELECT f.customer_id FROM "{found}" f
    JOIN customers_customer c ON c.id = f.customer_id
    WHERE NOT EXISTS (SELECT FROM tiers_handpick p
                      WHERE p.segment_id = %(segment)s AND p.customer_id = f.customer_id)
), standing AS MATERIALIZED (
    SELECT m.id, m.customer_id, m.source FROM tiers_membership m JOIN "{asked}" a ON a.customer_id = m.customer_id
    WHERE m.segment_id = %(segment)s AND m.until IS NULL
), gone AS (
    UPDATE tiers_membership m SET until = greatest(m.since, %(as_of)s)
    FROM standing s LEFT JOIN wanted w ON w.customer_id = s.customer_id
    WHERE m.id = s.id AND s.source = 'rule' AND w.customer_id IS NULL
    RETURNING 1
), came AS (
    INSERT INTO tiers_membership (customer_id, segment_id, since, source)
    SELECT w.customer_id, %(segment)s, %(as_of)s, 'rule'
    FROM wanted w LEFT JOIN standing s ON s.customer_id = w.customer_id
    WHERE s.id IS NULL
    RETURNING 1
)
SELECT (SELECT count(*) FROM came), (SELECT count(*) FROM gone)
"""

_DIFFERENCE = """
WITH wanted AS MATERIALIZED (
    SELECT f.customer_id, 'rule' AS source FROM "{found}" f
    JOIN customers_customer c ON c.id = f.customer_id
    WHERE NOT EXISTS (SELECT FROM tiers_handpick p
                      WHERE p.segment_id = %(segment)s AND p.customer_id = f.customer_id)
    UNION ALL
    SELECT p.customer_id, 'hand' FROM tiers_handpick p
    WHERE p.segment_id = %(segment)s AND p.kind = 'include'
), standing AS MATERIALIZED (
    SELECT id, customer_id, source FROM tiers_membership WHERE segment_id = %(segment)s AND until IS NULL
), gone AS (
    UPDATE tiers_membership m SET until = greatest(m.since, %(as_of)s)
    FROM standing s LEFT JOIN wanted w ON w.customer_id = s.customer_id
    WHERE m.id = s.id AND w.customer_id IS NULL
    RETURNING 1
), came AS (
    INSERT INTO tiers_membership (customer_id, segment_id, since, source)
    SELECT w.customer_id, %(segment)s, %(as_of)s, w.source
    FROM wanted w LEFT JOIN standing s ON s.customer_id = w.customer_id
    WHERE s.id IS NULL
    RETURNING 1
), changed AS (
    UPDATE tiers_membership m SET source = w.source
    FROM standing s JOIN wanted w ON w.customer_id = s.customer_id AND w.source <> s.source
    WHERE m.id = s.id
)
SELECT (SELECT count(*) FROM came), (SELECT count(*) FROM gone)
"""
