"""Tells which column means what: by its name, checked against its cells, else by its cells alone; asks when it cannot tell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.instant import forms, meanings, refusals
from zhike.intake import matching
from zhike.intake.reading.headings import bare, plain
from zhike.intake.reading.layout import Column, Header

SURE = 0.7
CERTAIN = 0.9
MISFIT = 0.4  # so many cells that cannot be what the name says: the name lies
FEWEST_CODES = 3
MOST_WORDS = 40
MOST_ATTRIBUTES = 8
IDENTITIES = ("customer_code", "phone", "email", "customer_name")
_WORDS = {
    "customer_code": ("customer", Text("客户", "customer")),
    "placed_at": ("date", Text("下单日期", "order date")),
    "amount": ("amount", Text("金额", "amount")),
}
_GIVEN = Text("由 --map 指定", "given by --map")
_HINTED = Text("列名含有线索", "a word in its name")
_TELLING = Text("少数几种取值,可用来区分客户", "a few values that tell customers apart")
_NOTHING = Text("用不到", "not needed")
_DECIMALS = re.compile(r"[-+]?[¥¥$€£]?\s*[-+]?\d[\d,]*\.\d{1,4}")
_NUMBER = re.compile(r"[-+]?\d[\d,.]*%?")
_NUMBERED = re.compile(r"[#A-Za-z]{0,3}-?\d+")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A column and what it was taken for; `key` is "" when nothing."""

    column: Column
    key: str
    confidence: float
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What every column of a file was taken for."""

    columns: tuple[Recognised, ...]

    def of(self, key: str) -> Recognised | None:
        """The column with a meaning."""
        return next((one for one in self.columns if one.key == key), None)

    @property
    def identity(self) -> str:
        """By which meaning a customer is told from another."""
        return next(key for key in IDENTITIES if self.of(key))


def recognise(header: Header, sample: Sequence[Sequence[str]], given: Mapping[str, str]) -> Understanding:
    """What the columns mean; `given` is what --map says. Raises `CannotAnalyse` with a question when that is not clear."""
    told = _given(header, given)
    sight = _Sight(header, sample)
    told |= _by_name(sight, told)
    told |= _by_hint(sight, told)
    told |= _by_content(sight, told)
    told |= _as_named(sight, told)
    told |= _attributes(sight, told)
    nothing = {
        one.index: Recognised(column=one, key="", confidence=0.0, why=_NOTHING) for one in header.columns
    }
    found = Understanding(columns=tuple((nothing | told)[one.index] for one in header.columns))
    lacking = [key for key in meanings.NEEDED if not _answered(found, key)]
    if lacking:
        asked = [_WORDS[key] for key in lacking]
        raise refusals.which_column(asked, [column.name for column in header.columns])
    return found


class _Sight:
    """The columns with the cells of the first records."""

    def __init__(self, header: Header, sample: Sequence[Sequence[str]]) -> None:
        self.belied: dict[str, Recognised] = {}
        self.columns = {column.index: column for column in header.columns}
        self.names = [column.name for column in header.columns]
        self.cells = {
            index: [row[index].strip() if index < len(row) else "" for row in sample]
            for index in self.columns
        }

    def filled(self, index: int) -> list[str]:
        """What stands in a column."""
        return [cell for cell in self.cells[index] if cell]

    def share(self, index: int, key: str) -> float:
        """The share of a column's cells that a meaning could read."""
        filled = self.filled(index)
        field = meanings.cleaned_as(key)
        texts = forms.standard_texts(field.type, filled)
        good = sum(1 for text in texts if _reads(field, text))
        return good / len(filled) if filled else 1.0

    def fits(self, index: int, key: str, told: Mapping[int, Recognised]) -> bool:
        """Whether the cells may mean what the name says."""
        if key == "number":
            return not self._shared(index, told)
        if key == "customer_code" and (_like_money(self.filled(index)) or _like_days(self.filled(index))):
            return False
        if key == "customer_name" and _like_codes(self.filled(index)):
            return False
        return self.share(index, key) >= 1 - MISFIT

    def _shared(self, index: int, told: Mapping[int, Recognised]) -> bool:
        """Whether different customers have the same order number: then it is none."""
        who = next((place for place, one in told.items() if one.key == "customer_code"), None)
        if who is None:
            return len(set(self.filled(index))) < 0.1 * len(self.filled(index))
        buyers: dict[str, set[str]] = {}
        for number, customer in zip(self.cells[index], self.cells[who], strict=True):
            buyers.setdefault(number, set()).add(customer)
        return sum(len(one) > 1 for one in buyers.values()) > 0.1 * len(buyers)


def _reads(field: FieldSpec, text: str) -> bool:
    try:
        field.clean(text)
    except BadValue:
        return False
    return True


def _given(header: Header, given: Mapping[str, str]) -> dict[int, Recognised]:
    """What --map says."""
    told: dict[int, Recognised] = {}
    names = {plain(column.name): column for column in header.columns}
    for name, word in given.items():
        column = names.get(plain(name))
        if column is None:
            raise refusals.no_such_column(name, [one.name for one in header.columns])
        key = meanings.meaning(word)
        if key is None:
            raise refusals.no_such_meaning(word, meanings.words())
        told[column.index] = Recognised(column=column, key=key, confidence=1.0, why=_GIVEN)
    return told


def _by_name(sight: _Sight, told: Mapping[int, Recognised]) -> dict[int, Recognised]:
    """Meanings by name; a column whose cells belie its name is left out, and the others are asked again."""
    out = set(told)
    taken = {one.key for one in told.values()}
    kind = replace(
        meanings.ORDERS, fields=lambda: tuple(one for key, one in meanings.FIELDS.items() if key not in taken)
    )
    while True:
        asked = [(index, one.name, one.group) for index, one in sight.columns.items() if index not in out]
        offers = matching.suggest(kind, asked, sight.cells, {})
        found = {
            one.index: Recognised(
                column=sight.columns[one.index], key=one.field, confidence=one.confidence, why=one.why
            )
            for one in offers
            if one.field and one.confidence >= SURE and one.why != matching.BY_CONTENT
        }
        lying = {index for index, one in found.items() if not sight.fits(index, one.key, {**told, **found})}
        if not lying:
            return {index: _rated(sight, one) for index, one in found.items()}
        sight.belied |= {
            found[index].key: found[index] for index in lying if found[index].confidence >= CERTAIN
        }
        out |= lying


def _rated(sight: _Sight, one: Recognised) -> Recognised:
    """A discount that is never above 1 is a rate, not an amount."""
    if one.key == "discount" and all(_within_one(cell) for cell in sight.filled(one.column.index)):
        return replace(one, key=meanings.RATE.key)
    return one


def _within_one(cell: str) -> bool:
    try:
        return 0 <= float(cell.rstrip("%")) / (100 if cell.endswith("%") else 1) <= 1
    except ValueError:
        return False


def _by_hint(sight: _Sight, told: Mapping[int, Recognised]) -> dict[int, Recognised]:
    """For what is still missing, a column with a telling word in its name and fitting cells."""
    found: dict[int, Recognised] = {}
    taken = {one.key for one in told.values()}
    for key, pattern in meanings.HINTS:
        if key in taken or (key == "amount" and "unit_price" in taken):
            continue
        for index, column in sight.columns.items():
            free = index not in told and index not in found
            if free and pattern.search(bare(column.name)) and sight.fits(index, key, {**told, **found}):
                found[index] = Recognised(column=column, key=key, confidence=0.65, why=_HINTED)
                break
    return found


def _by_content(sight: _Sight, told: Mapping[int, Recognised]) -> dict[int, Recognised]:
    """For what is needed and still missing, the column that looks like it and like nothing else."""
    found: dict[int, Recognised] = {}
    taken = {one.key for one in told.values()}
    for key, looks in _LOOKS:
        if (
            key in taken
            or (key == "amount" and "unit_price" in taken)
            or (key == "customer_code" and taken & set(IDENTITIES))
        ):
            continue
        fitting = [
            index
            for index in sight.columns
            if index not in told and index not in found and looks(sight.filled(index))
        ]
        if len(fitting) == 1 or (fitting and sight.names[0].startswith("列")):
            found[fitting[0]] = Recognised(
                column=sight.columns[fitting[0]], key=key, confidence=0.6, why=matching.BY_CONTENT
            )
    return found


def _as_named(sight: _Sight, told: Mapping[int, Recognised]) -> dict[int, Recognised]:
    """What is needed and found nowhere else: the column that bears its very name, so that its cells can be complained of."""
    taken = {one.key for one in told.values()}
    return {
        one.column.index: one
        for key, one in sight.belied.items()
        if key in meanings.NEEDED and key not in taken and one.column.index not in told
    }


def _like_days(cells: Sequence[str]) -> bool:
    return bool(cells) and sum(forms.is_day(cell) for cell in cells) > 0.9 * len(cells)


def _like_money(cells: Sequence[str]) -> bool:
    return bool(cells) and sum(bool(_DECIMALS.fullmatch(cell)) for cell in cells) > 0.8 * len(cells)


def _like_codes(cells: Sequence[str]) -> bool:
    """Numbers with at most a mark before them: no names of people."""
    return bool(cells) and sum(bool(_NUMBERED.fullmatch(cell)) for cell in cells) > 0.5 * len(cells)


def _like_order_numbers(cells: Sequence[str]) -> bool:
    """#1001, #1002 … as shops number their orders."""
    return bool(cells) and all(cell.startswith("#") and _NUMBERED.fullmatch(cell) for cell in cells)


def _like_customers(cells: Sequence[str]) -> bool:
    """Codes of one shape that come again, but are not a handful of words."""
    if len(cells) < 2 or any(forms.is_day(cell) or _DECIMALS.fullmatch(cell) for cell in cells[:50]):
        return False
    coded = sum(bool(_CODE.fullmatch(cell)) for cell in cells) > 0.9 * len(cells)
    return coded and max(FEWEST_CODES, 0.05 * len(cells)) < len(set(cells)) < len(cells)


_LOOKS = (
    ("placed_at", _like_days),
    ("amount", _like_money),
    ("customer_code", _like_customers),
    ("number", _like_order_numbers),
)


def _attributes(sight: _Sight, told: Mapping[int, Recognised]) -> dict[int, Recognised]:
    """Columns of a few words, such as region or segment: what customers may be told apart by."""
    found: dict[int, Recognised] = {}
    for index, column in sight.columns.items():
        cells = sight.filled(index)
        words = set(cells)
        telling = (
            1 < len(words) <= MOST_WORDS
            and len(cells) > 0.5 * len(sight.cells[index])
            and len(cells) > 3 * len(words)
        )
        if (
            index not in told
            and telling
            and not any(_NUMBER.fullmatch(cell) for cell in words)
            and len(found) < MOST_ATTRIBUTES
        ):
            found[index] = Recognised(column=column, key="attribute", confidence=0.8, why=_TELLING)
    return found


def attributes(header: Header, sample: Sequence[Sequence[str]]) -> list[Recognised]:
    """The columns of a file of customers that tell them apart, in their order."""
    found = _attributes(_Sight(header, sample), {})
    return [found[index] for index in sorted(found)]


def _answered(found: Understanding, key: str) -> bool:
    if key == "customer_code":
        return any(found.of(one) for one in IDENTITIES)
    if key == "amount":
        return bool(found.of("amount") or found.of("unit_price"))
    return found.of(key) is not None
