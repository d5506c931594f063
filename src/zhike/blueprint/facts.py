"""What the blueprint stage hands to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from zhike.core.blueprints import Change
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel.facts import Impact


class BlueprintRefusal(Refusal):
    """Something about a blueprint that cannot be done."""


class NoBlueprint(BlueprintRefusal):
    """No blueprint is in force yet."""

    def __init__(self) -> None:
        super().__init__(
            Text("还没有生效的模板。", "No blueprint is in force yet."),
            Text("请在“模板”页选择一个。", "Choose one on the page Blueprint."),
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """A page cannot do its work because no blueprint is in force; some may choose one, the others wait for them."""

    may_choose: bool


class Outpaced(BlueprintRefusal):
    """Somebody else saved the draft in the meantime; nothing was overwritten."""

    def __init__(self, who: str) -> None:
        super().__init__(
            Text(f"{who}刚刚保存了这份草稿。", f"{who} has just saved this draft."),
            Text("您的内容没有丢失:请对照后再保存。", "Nothing you typed is lost: compare, then save again."),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A blueprint that comes with the product."""

    key: str
    name: Text
    kind: Text
    solves: tuple[Text, ...]
    fields: int
    tiers: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One line of the list of versions."""

    key: UUID
    name: Text
    number: int
    state: str
    state_label: str
    note: str
    effective_from: date | None
    by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference between two versions, and what it would touch."""

    changes: tuple[Change, ...]
    impacts: tuple[Impact, ...]
