"""A rule on its way: as rows and groups that somebody fills in, not yet all valid."""

from zhike.tiers.building.drafts import Group, Row, blank, nodes, read
from zhike.tiers.building.dressing import GroupView, RowView, dressed
from zhike.tiers.building.moving import change
from zhike.tiers.building.offers import Offers, Subject
from zhike.tiers.building.spelling import Reading, draft_of, fits, reading

__all__ = [
    "Group",
    "GroupView",
    "Offers",
    "Reading",
    "Row",
    "RowView",
    "Subject",
    "blank",
    "change",
    "draft_of",
    "dressed",
    "fits",
    "nodes",
    "read",
    "reading",
]
