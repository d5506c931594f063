"""What a file would become under a mapping: its first rows cleaned, with the first problems, before anything is imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhike.core.fields import FieldSpec
from zhike.intake import queries
from zhike.intake.cleaning import Cleaner, Place
from zhike.intake.facts import Kind
from zhike.intake.models import Batch
from zhike.intake.reading import tables
from zhike.intake.reading.pieces import columns_of
from zhike.intake.shading import Shade
from zhike.kernel.models import User

SHOWN_ROWS = 8
SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewCell:
    """A cell before and after cleaning; `reason` says why it is refused."""

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewProblem:
    """One refused cell of the first rows."""

    row: int
    column: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows as they would be imported."""

    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[PreviewCell, ...]], ...]
    problems: tuple[PreviewProblem, ...]
    looked_at: int
    refused: int


def preview(batch: Batch, mapping: Mapping[int, str], user: User) -> Preview:
    """Clean the sample of a batch under a mapping (column index → field key)."""
    kind = queries.kind(batch.kind)
    places = _places(batch, kind, mapping)
    rows = queries.sample_rows(batch)
    if not places or not rows:
        return Preview(heads=(), rows=(), problems=(), looked_at=len(rows), refused=0)
    width = places[-1].index + 1 if batch.found.get("text") else 1 << 20
    width = max(width, *(one.index + 1 for one in tables.header_of(batch.found).columns))
    cleaned = Cleaner(kind, places, width).clean(
        [n for n, _ in rows], columns_of([cells for _, cells in rows])
    )
    values = {row["row"]: row for row in cleaned.table.to_pylist()}
    shade = Shade(user)
    shown = [
        (number, _cells(places, cells, values.get(number), cleaned.bad.get(number, {}), shade))
        for number, cells in rows[:SHOWN_ROWS]
    ]
    return Preview(
        heads=tuple(str(place.field.label) for place in places),
        rows=tuple(shown),
        problems=tuple(_problems(places, dict(rows), cleaned.bad, shade))[:SHOWN_PROBLEMS],
        looked_at=len(rows),
        refused=len(cleaned.bad),
    )


def _places(batch: Batch, kind: Kind, mapping: Mapping[int, str]) -> list[Place]:
    """The mapped columns; of two that fill one field the first is shown (confirming them is refused)."""
    fields = {one.key: one for one in kind.fields()}
    places: dict[str, Place] = {}
    for column in tables.header_of(batch.found).columns:
        key = mapping.get(column.index, "")
        if key in fields and key not in places:
            places[key] = Place(column.index, column.name, fields[key])
    return list(places.values())


def _cells(
    places: Sequence[Place],
    raw: Sequence[str],
    values: Mapping[str, object] | None,
    bad: Mapping[str, object],
    shade: Shade,
) -> tuple[PreviewCell, ...]:
    found = []
    for place in places:
        text = raw[place.index] if place.index < len(raw) else ""
        refusal = bad.get(place.name)
        if refusal is not None or values is None:
            reason = getattr(refusal, "reason", None)
            said = shade.words(reason, place.field, about_cell=True) if reason else ""
            found.append(PreviewCell(text=shade.cell(place.field, text), reason=said))
        else:
            found.append(PreviewCell(text=_shown(place.field, values.get(place.field.key), shade)))
    return tuple(found)


def _shown(field: FieldSpec, value: object, shade: Shade) -> str:
    return field.mask(value) if shade.hides(field) else field.show(value)  # type: ignore[arg-type]


def _problems(
    places: Sequence[Place],
    rows: Mapping[int, Sequence[str]],
    bad: Mapping[int, Mapping[str, object]],
    shade: Shade,
) -> list[PreviewProblem]:
    by_name = {place.name: place for place in places}
    found = []
    for number, wrong in sorted(bad.items()):
        for column, refusal in wrong.items():
            place = by_name.get(column)
            field = place.field if place else None
            value = rows[number][place.index] if place and place.index < len(rows[number]) else ""
            found.append(
                PreviewProblem(
                    row=number,
                    column=column,
                    value=shade.cell(field, value),
                    reason=shade.words(refusal.reason, field, about_cell=bool(column)),  # type: ignore[attr-defined]
                    remedy=shade.words(refusal.remedy, field, about_cell=bool(column)),  # type: ignore[attr-defined]
                )
            )
    return found
