"""Which of the shipped segments may be begun from here."""

from __future__ import annotations

from contextlib import suppress

from zhike.core.rules import BadRule
from zhike.tiers import queries
from zhike.tiers.shipped import EXAMPLES, Example


def possible() -> list[Example]:
    """The examples whose rule the blueprint in force understands."""
    words = queries.labels()
    found = []
    for one in EXAMPLES:
        with suppress(BadRule):
            queries.readable_with(one.rule, words)
            found.append(one)
    return found
