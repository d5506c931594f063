"""A rule being written: groups and rows with what was typed, read from a form that names each node `id:depth:kind`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

MOST = 240  # nodes taken from a form; a rule has at most 200 (core.rules.MAX_NODES)
DEEPEST = 11
JOINS = ("all", "any", "not_all", "none")
PARTS = (
    "what", "op", "value", "relative", "by", "unit", "calendar", "count", "when", "number", "from", "to", "column", "is",
)  # fmt: skip
PAIRED = frozenset({"column", "is"})  # side by side: a blank one keeps its place
LONGEST = 500


class Form(Protocol):
    """What a sent form answers."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(slots=True)
class Row:
    """One condition as it stands on the page."""

    id: int
    said: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""

    def first(self, part: str) -> str:
        """The one thing typed into a part of the row."""
        return next((text for text in self.said.get(part, ()) if text), "")

    @property
    def what(self) -> str:
        """What the row looks at: `metric:spend`, `field:region`, `tier`, `did:orders`; "" when not chosen yet."""
        return self.first("what")


@dataclass(slots=True)
class Group:
    """Conditions held together: all of them, any, not all, or none must hold."""

    id: int
    join: str = "all"
    items: list[Row | Group] = field(default_factory=list)
    error: str = ""


def blank() -> Group:
    """A rule nobody has begun: one group with one empty row."""
    return Group(1, items=[Row(2)])


def nodes(group: Group) -> Iterator[Row | Group]:
    """Every node, as they stand on the page."""
    yield group
    for item in group.items:
        if isinstance(item, Group):
            yield from nodes(item)
        else:
            yield item


def next_id(group: Group) -> int:
    """An id that no node has."""
    return max(node.id for node in nodes(group)) + 1


def read(form: Form) -> Group:
    """The rule as a form sent it; what makes no sense is left out, so that a page can always be shown."""
    top = Group(1)
    open_groups = [top]
    for position, (number, depth, kind) in enumerate(_named(form)):
        if position == 0:
            top.id, top.join = number, _join(form, number)
            continue
        open_groups = open_groups[: max(1, min(depth, len(open_groups)))]
        if kind == "g":
            fresh = Group(number, _join(form, number))
            open_groups[-1].items.append(fresh)
            open_groups.append(fresh)
        else:
            open_groups[-1].items.append(Row(number, _said(form, number)))
    return top


def _named(form: Form) -> Iterator[tuple[int, int, str]]:
    seen: set[int] = set()
    for text in form.getlist("node")[:MOST]:
        parts = text.split(":")
        if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()) or len(text) > 20:
            continue
        number = int(parts[0])
        if number not in seen:
            seen.add(number)
            yield number, min(int(parts[1]), DEEPEST), parts[2]


def _join(form: Form, number: int) -> str:
    said = next(iter(form.getlist(f"n{number}-join")), "all")
    return said if said in JOINS else "all"


def _said(form: Form, number: int) -> dict[str, list[str]]:
    found = {part: [text.strip()[:LONGEST] for text in form.getlist(f"n{number}-{part}")] for part in PARTS}
    return {part: texts for part, texts in found.items() if any(texts) or (part in PAIRED and texts)}


def row_of(number: int, said: Mapping[str, str | list[str]]) -> Row:
    """A row from what it would say."""
    listed = {part: [text] if isinstance(text, str) else list(text) for part, text in said.items()}
    return Row(number, {part: texts for part, texts in listed.items() if any(texts)})
