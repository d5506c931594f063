"""What can be done with tiers and tags: run the rules, move by hand, tag and untag."""

from zhike.tiers.actions.moving import move, release
from zhike.tiers.actions.placing import place
from zhike.tiers.actions.tagging import make_tag, retire_tag, tag, untag

__all__ = ["make_tag", "move", "place", "release", "retire_tag", "tag", "untag"]
