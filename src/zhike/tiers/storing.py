"""From the lake to PostgreSQL: placements and rule tags in bulk, closing and opening only what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from zhike.engine.lake import Session
from zhike.kernel import bulk
from zhike.tiers.facts import Move
from zhike.tiers.reasons import METHOD

PLACED = {"customer_id": "bigint", "tier": "text", "values": "jsonb"}
TAGGED = {"customer_id": "bigint", "tag": "text"}


def placed_rows(session: Session, placed: ir.Table) -> pa.RecordBatchReader:
    """Customer, tier and the metric values that the rules looked at, as JSON text; streamed."""
    looked_at = [name for name in placed.columns if name not in {"customer_id", "tier"}]
    values = ", ".join(f'"{name}" := "{name}"' for name in looked_at)
    packed = f"to_json(struct_pack({values}))::VARCHAR" if looked_at else "'{}'"
    return session.reader(
        f'SELECT customer_id, tier, {packed} AS "values" FROM ({session.sql(placed)}) ORDER BY 1'
    )


def tagged_rows(session: Session, tagged: ir.Table) -> pa.RecordBatchReader:
    """Customer and tag; streamed."""
    return session.reader(f"SELECT customer_id, tag FROM ({session.sql(tagged)})")


def write_placements(
    rows: pa.RecordBatchReader, constants: Mapping[str, str], as_of: date
) -> tuple[tuple[Move, ...], dict[str, int]]:
    """Close and open what changed; returns the moves and the customers per tier. Needs a transaction.

    Placements held by hand up to `as_of` or later are left alone, and so are customers not in `rows`.
    """
    with (
        bulk.staged_table(PLACED, rows) as found,
        bulk.staged({"tier": "text", "reasons": "jsonb"}, list(constants.items())) as common,
        bulk.staged({"customer_id": "bigint", "open_id": "bigint", "tier_id": "bigint"}, ()) as moving,
    ):
        _find_moves(found, moving, as_of)
        moves = _count_moves(moving)
        _close(moving, as_of)
        _open(found, common, moving, as_of)
        counts = dict(bulk.rows(_COUNTS))
    return moves, counts


_COUNTS = """
SELECT tier.key, count(*) FROM tiers_placement p JOIN tiers_tier tier ON tier.id = p.tier_id
WHERE p.until IS NULL GROUP BY tier.key
"""


def _find_moves(found: str, moving: str, as_of: date) -> None:
    bulk.run(
        f"""
        INSERT INTO "{moving}" (customer_id, open_id, tier_id)
        SELECT f.customer_id, p.id, tier.id
        FROM "{found}" f
        JOIN customers_customer c ON c.id = f.customer_id
        JOIN tiers_tier tier ON tier.key = f.tier
        LEFT JOIN tiers_placement p ON p.customer_id = f.customer_id AND p.until IS NULL
        WHERE p.id IS NULL
           OR (p.tier_id <> tier.id AND p.since <= %(as_of)s
               AND (p.held_until IS NULL OR p.held_until < %(as_of)s))
        """,
        {"as_of": as_of},
    )


def _count_moves(moving: str) -> tuple[Move, ...]:
    rows = bulk.rows(
        f"""
        SELECT was.key, tier.key, count(*)
        FROM "{moving}" m
        JOIN tiers_tier tier ON tier.id = m.tier_id
        LEFT JOIN tiers_placement p ON p.id = m.open_id
        LEFT JOIN tiers_tier was ON was.id = p.tier_id
        GROUP BY was.key, tier.key, was."order", tier."order" ORDER BY was."order" NULLS FIRST, tier."order"
        """
    )
    return tuple(Move(*row) for row in rows)


def _close(moving: str, as_of: date) -> None:
    bulk.run(f'UPDATE tiers_placement p SET until = %s FROM "{moving}" m WHERE p.id = m.open_id', [as_of])


def _open(found: str, common: str, moving: str, as_of: date) -> None:
    bulk.run(
        f"""
        INSERT INTO tiers_placement (customer_id, tier_id, since, method, as_of, reasons)
        SELECT m.customer_id, m.tier_id, %(as_of)s, %(method)s, %(as_of)s,
               k.reasons || jsonb_build_object('values', f."values")
        FROM "{moving}" m
        JOIN "{found}" f ON f.customer_id = m.customer_id
        JOIN "{common}" k ON k.tier = f.tier
        """,
        {"as_of": as_of, "method": METHOD},
    )


def write_taggings(rows: pa.RecordBatchReader, as_of: date) -> tuple[int, int, dict[str, int]]:
    """Give and take rule tags; returns (given, taken, customers per tag). Needs a transaction; hand tags stay."""
    with bulk.staged_table(TAGGED, rows) as found:
        taken = bulk.run(
            f"""
            DELETE FROM tiers_tagging g USING tiers_tag tag
            WHERE tag.id = g.tag_id AND tag.kind = 'rule'
              AND NOT EXISTS (
                SELECT FROM "{found}" f WHERE f.customer_id = g.customer_id AND f.tag = tag.key)
            """
        )
        given = bulk.run(
            f"""
            INSERT INTO tiers_tagging (customer_id, tag_id, since)
            SELECT f.customer_id, tag.id, %s
            FROM "{found}" f
            JOIN customers_customer c ON c.id = f.customer_id
            JOIN tiers_tag tag ON tag.key = f.tag AND tag.kind = 'rule'
            LEFT JOIN tiers_tagging g ON g.customer_id = f.customer_id AND g.tag_id = tag.id
            WHERE g.id IS NULL
            ON CONFLICT (customer_id, tag_id) DO NOTHING
            """,
            [as_of],
        )
    counts = bulk.rows(
        "SELECT tag.key, count(g.id) FROM tiers_tag tag LEFT JOIN tiers_tagging g ON g.tag_id = tag.id "
        "WHERE tag.kind = 'rule' AND NOT tag.retired GROUP BY tag.key ORDER BY tag.key"
    )
    return given, taken, dict(counts)
