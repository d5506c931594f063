"""What must always hold of placements; `zhike doctor` checks it."""

from __future__ import annotations

from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.kernel import bulk
from zhike.kernel.facts import Finding

REMEDY = Text("请运行 zhike loop daily。", "Run zhike loop daily.")


def one_open_placement() -> list[Finding]:
    """No customer has two open placements, and no closed one overlaps another."""
    rows = bulk.rows(
        """
        SELECT c.code FROM tiers_placement a
        JOIN tiers_placement b ON b.customer_id = a.customer_id AND b.id > a.id
          AND b.since < coalesce(a.until, 'infinity') AND a.since < coalesce(b.until, 'infinity')
        JOIN customers_customer c ON c.id = a.customer_id
        GROUP BY c.code ORDER BY c.code LIMIT 20
        """
    )
    what = Text("同一时间处于两个层级", "stands in two tiers at the same time")
    return [Finding(place=code, what=what, remedy=REMEDY) for (code,) in rows]


def tiers_sum() -> list[Finding]:
    """Every customer whom the latest run scored has a tier, and the other way round."""
    if insight.latest("tiers") is None:
        return []
    rows = bulk.rows(
        """
        SELECT count(*) FILTER (WHERE p.id IS NULL), count(*) FILTER (WHERE s.customer_id IS NULL)
        FROM insight_score s
        FULL JOIN (SELECT id, customer_id FROM tiers_placement WHERE until IS NULL) p ON p.customer_id = s.customer_id
        """
    )
    missing, odd = rows[0]
    if not missing and not odd:
        return []
    what = Text(
        f"{missing} 位客户没有层级,{odd} 位客户没有评分",
        f"{missing} customers without tier, {odd} without score",
    )
    return [Finding(place="tiers", what=what, remedy=REMEDY)]
