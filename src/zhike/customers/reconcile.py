"""How one source's word changes what is known: pure decisions over values that keep their source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]
WORST = -1


@dataclass(slots=True)
class Known:
    """A customer's fields as they stand; a sealed value is represented by its digest."""

    values: JSON
    origins: dict[str, str]
    others: dict[str, JSON]


@dataclass(slots=True)
class Revision:
    """What becomes of the fields, and for each changed one whether the value or only an alternative is new."""

    values: JSON
    origins: dict[str, str]
    others: dict[str, JSON]
    changed: dict[str, str] = field(default_factory=dict)
    confirmed: bool = False

    @property
    def touched(self) -> bool:
        """Whether anything is to be written at all."""
        return bool(self.changed) or self.confirmed


def revise(known: Known, said: Mapping[str, Any], *, source: str, ranks: Mapping[str, int]) -> Revision:
    """Take what `source` says; a poorer source (lower rank) never replaces a better one's value.

    Equal values change nothing; the value that loses is kept among the alternatives under its source; a source
    that repeats what already stands there as its alternative has said nothing new.
    """
    revision = Revision(dict(known.values), dict(known.origins), {**known.others})
    rank = ranks.get(source, WORST)
    for name, value in said.items():
        _take(revision, name, value, source, rank, ranks)
    return revision


def _take(
    revision: Revision, name: str, value: Any, source: str, rank: int, ranks: Mapping[str, int]
) -> None:
    standing, origin = revision.values.get(name), revision.origins.get(name, source)
    others = revision.others.get(name, {})
    if standing is None:
        _stand(revision, name, value, source)
    elif standing == value:
        if rank > ranks.get(origin, WORST):
            revision.origins[name] = source
            revision.confirmed = True
    elif others.get(source) == value:
        return
    elif source == origin or rank >= ranks.get(origin, WORST):
        kept = {key: other for key, other in others.items() if key != source}
        if source != origin:
            kept[origin] = standing
        _set_others(revision, name, kept)
        _stand(revision, name, value, source)
    else:
        _set_others(revision, name, {**others, source: value})
        revision.changed[name] = "other"


def _stand(revision: Revision, name: str, value: Any, source: str) -> None:
    revision.values[name] = value
    revision.origins[name] = source
    revision.changed[name] = "value"


def _set_others(revision: Revision, name: str, kept: JSON) -> None:
    if kept:
        revision.others[name] = kept
    else:
        revision.others.pop(name, None)
