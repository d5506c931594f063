"""A draft as the page shows it: for each row the operators, the input and the words that fit what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from zhike.core import figures
from zhike.core.text import Text
from zhike.tiers.building.drafts import Group, Row
from zhike.tiers.building.offers import SPANS, UNITS, Choice, Offers, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row of the page."""

    id: int
    depth: int
    number: int
    row: Row
    subject: Subject | None
    widget: str
    op: str
    unit: Text
    counts: tuple[Choice, ...] = ()
    narrowings: tuple[tuple[str, str], ...] = ()
    is_group: bool = False

    @property
    def value(self) -> str:
        """The one value typed in."""
        return self.row.first("value")

    @property
    def values(self) -> list[str]:
        """All values ticked."""
        return self.row.said.get("value", [])

    @property
    def said(self) -> dict[str, str]:
        """What stands in each other part."""
        return {part: self.row.first(part) for part in (*_PARTS, "count", "when")}

    @property
    def columns(self) -> list[Choice]:
        """By what the things done may be told apart."""
        return list(self.subject.columns.items()) if self.subject else []


_PARTS = ("relative", "by", "unit", "calendar", "number", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group of the page with what is in it."""

    id: int
    depth: int
    join: str
    items: list[RowView | GroupView] = field(default_factory=list)
    is_group: bool = True

    @property
    def is_top(self) -> bool:
        """Whether it is the whole rule."""
        return self.depth == 0

    @property
    def rows(self) -> Iterator[RowView]:
        """Every row in it, at any depth."""
        for item in self.items:
            if isinstance(item, RowView):
                yield item
            else:
                yield from item.rows


def dressed(draft: Group, offers: Offers) -> GroupView:
    """The draft as the page shows it."""
    return _Dresser(offers).group(draft, 0)


class _Dresser:
    def __init__(self, offers: Offers) -> None:
        self.offers = offers
        self.rows = 0

    def group(self, group: Group, depth: int) -> GroupView:
        items = [
            self.group(item, depth + 1) if isinstance(item, Group) else self.row(item, depth + 1)
            for item in group.items
        ]
        return GroupView(id=group.id, depth=depth, join=group.join, items=items)

    def row(self, row: Row, depth: int) -> RowView:
        self.rows += 1
        subject = self.offers.subject(row.what) if row.what else None
        op = row.first("op")
        known = [one for one, _words in subject.ops] if subject else []
        op = op if op in known else next(iter(known), "")
        return RowView(
            id=row.id,
            depth=depth,
            number=self.rows,
            row=row,
            subject=subject,
            widget=_widget(subject, op) if subject else "none",
            op=op,
            unit=_unit(subject, row) if subject else Text("", ""),
            counts=_counts(subject) if subject else (),
            narrowings=_narrowings(row),
        )


def _widget(subject: Subject, op: str) -> str:
    if op in {"empty", "filled"}:
        return "none"
    if op in SPANS or op == "birthday":
        return "birthday" if op == "birthday" else "span"
    if subject.kind == "choice":
        return "ticks"
    by_kind = {"named": "pick", "boolean": "pick", "flag": "pick", "did": "did", "number": "number"}
    return by_kind.get(subject.kind, "date" if subject.kind in {"date", "birthday"} else "text")


def _unit(subject: Subject, row: Row) -> Text:
    relative = row.first("relative")
    if relative and subject.is_metric:
        return Text("倍", "×") if relative == "mean" else Text("%", "%")
    if subject.kind == "did" and not row.first("count"):
        return Text("次", "times")
    if subject.unit == "money":
        return Text.same(figures.sign())
    return UNITS.get(subject.unit, Text("", ""))


def _counts(subject: Subject) -> tuple[Choice, ...]:
    if subject.kind != "did":
        return ()
    sums = ((key, Text(f"{label.zh}合计", f"{label.en}, added up")) for key, label in subject.totals.items())
    return (("", Text("次数", "how often")), *sums)


def _narrowings(row: Row) -> tuple[tuple[str, str], ...]:
    columns, texts = row.said.get("column", []), row.said.get("is", [])
    return tuple(zip(columns, [*texts, *[""] * len(columns)], strict=False))
