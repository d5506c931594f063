"""What the lake copies of tiers, tags and segments."""

from zhike.engine.lake import SHAPES, LakeTable

PLACEMENTS = LakeTable(
    name="placements",
    columns=SHAPES["placements"],
    select="""
        SELECT p.id, p.customer_id, tier.key AS tier, p.since, p.until, p.tx
        FROM tiers_placement p JOIN tiers_tier tier ON tier.id = p.tier_id
    """,
    source="tiers_placement",
)
TAGGINGS = LakeTable(
    name="taggings",
    columns=SHAPES["taggings"],
    select="""
        SELECT g.id, g.customer_id, tag.key AS tag, g.tx
        FROM tiers_tagging g JOIN tiers_tag tag ON tag.id = g.tag_id
    """,
    source="tiers_tagging",
)
MEMBERSHIPS = LakeTable(
    name="memberships",
    columns=SHAPES["memberships"],
    select="""
        SELECT m.id, m.customer_id, segment.key::text AS segment, m.since, m.until, m.tx
        FROM tiers_membership m JOIN tiers_segment segment ON segment.id = m.segment_id
    """,
    source="tiers_membership",
)
