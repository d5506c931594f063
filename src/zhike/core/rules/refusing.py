"""How a rule is refused: the place in it, the reason and the remedy, never more of what was sent than a few words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NoReturn

from zhike.core.errors import Refusal
from zhike.core.text import Text

Path = tuple[str | int, ...]
SHOWN = 40


class BadRule(Refusal):
    """A rule that cannot be read; `path` leads to the place inside it."""

    def __init__(self, reason: Text, remedy: Text, path: Path = ()) -> None:
        super().__init__(reason, remedy, place=Text.same(_written(path)) if path else None)
        self.path = path


def _written(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{brief(step)}" for step in path).lstrip(".")


def brief(raw: object) -> str:
    """Quote something that was sent: its beginning, without characters that cannot be shown."""
    if isinstance(raw, (dict, list, tuple)):
        return "…"
    written = raw[: SHOWN + 1] if isinstance(raw, str) else str(raw)
    clean = "".join(letter if letter.isprintable() else "�" for letter in written[:SHOWN])
    return clean + ("…" if len(written) > SHOWN else "")


def refuse(path: Path, reason: Text, remedy: Text) -> NoReturn:
    """Refuse what stands at a place."""
    raise BadRule(reason, remedy, path)


def only(raw: Mapping[str, object], known: Collection[str], path: Path) -> None:
    """Refuse a key that does not belong here."""
    extra = next((key for key in raw if key not in known), None)
    if extra is not None:
        name = brief(extra)
        refuse(
            (*path, extra),
            Text(f"这里不能有“{name}”。", f"“{name}” does not belong here."),
            Text(f"可用:{'、'.join(sorted(known))}。", f"Use: {', '.join(sorted(known))}."),
        )


def named(raw: object, known: Collection[str] | None, path: Path, what: Text) -> str:
    """Read a key that must be one of those known (None: any)."""
    if isinstance(raw, str) and raw and len(raw) <= 60 and (known is None or raw in known):
        return raw
    names = sorted(known or ())[:40]
    some = Text(f"可用:{'、'.join(names)}。", f"Use one of: {', '.join(names)}.")
    none = Text(f"目前没有可用的{what.zh}。", f"No {what.en} can be used here.")
    refuse(
        path,
        Text(f"没有名为“{brief(raw)}”的{what.zh}。", f"There is no {what.en} “{brief(raw)}”."),
        some if names else none,
    )
