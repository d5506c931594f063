"""Finds the kinds: every module of this package registers its own, so a new one edits no list."""

import importlib
import pkgutil

from zhike.core.text import Text
from zhike.intake import kinds as package
from zhike.intake.facts import IntakeRefusal, Kind

_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known."""
    _kinds[kind.key] = kind
    return kind


def every() -> tuple[Kind, ...]:
    """All kinds, in the order in which they are offered."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return tuple(sorted(_kinds.values(), key=lambda kind: kind.order))


def kind(key: str) -> Kind:
    """One kind by its key; raises `IntakeRefusal` with the known ones."""
    found = {one.key: one for one in every()}
    if key not in found:
        known = ", ".join(found)
        raise IntakeRefusal(
            reason=Text(zh=f"没有“{key}”这种数据。", en=f"There is no kind of data “{key}”."),
            remedy=Text(zh=f"可用的种类:{known}。", en=f"Use one of: {known}."),
        )
    return found[key]
