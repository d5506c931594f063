"""Questions about tiers, moves, tags and reasons; whoever asks sees the customers within their scope."""

from zhike.tiers.queries.moving import Moves, days_of_runs, last_two_days, moved, moves, spelled
from zhike.tiers.queries.preview import Preview, impact, preview
from zhike.tiers.queries.standing import (
    UNPLACED,
    TierFigures,
    badges,
    counts,
    current,
    figures,
    history,
    members,
    name_of,
    names,
    placements,
    tiers,
    unplaced,
)
from zhike.tiers.queries.tags import TagRow, carried_by, carriers, tag_rows, tags
from zhike.tiers.queries.traits import Trait, traits
from zhike.tiers.queries.why import Judged, Why, placements_for_export, why

__all__ = [
    "UNPLACED",
    "Judged",
    "Moves",
    "Preview",
    "TagRow",
    "TierFigures",
    "Trait",
    "Why",
    "badges",
    "carried_by",
    "carriers",
    "counts",
    "current",
    "days_of_runs",
    "figures",
    "history",
    "impact",
    "last_two_days",
    "members",
    "moved",
    "moves",
    "name_of",
    "names",
    "placements",
    "placements_for_export",
    "preview",
    "spelled",
    "tag_rows",
    "tags",
    "tiers",
    "traits",
    "unplaced",
    "why",
]
