"""What can be done with tiers, tags and segments: run the rules, move by hand, tag, keep segments."""

from zhike.tiers.actions.moving import move, release
from zhike.tiers.actions.picking import pick_in, pick_out, unpick
from zhike.tiers.actions.placing import place
from zhike.tiers.actions.refreshing import (
    keep_up,
    refresh_all_soon,
    refresh_segment,
    refresh_segments,
    refresh_soon,
)
from zhike.tiers.actions.segments import (
    archive_segment,
    edit_segment,
    incomplete,
    make_example,
    make_segment,
    restore_segment,
)
from zhike.tiers.actions.tagging import make_tag, retire_tag, tag, untag

__all__ = [
    "archive_segment",
    "edit_segment",
    "incomplete",
    "keep_up",
    "make_example",
    "make_segment",
    "make_tag",
    "move",
    "pick_in",
    "pick_out",
    "place",
    "refresh_all_soon",
    "refresh_segment",
    "refresh_segments",
    "refresh_soon",
    "release",
    "restore_segment",
    "retire_tag",
    "tag",
    "unpick",
    "untag",
]
