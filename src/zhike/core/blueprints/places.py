"""Reading typed values out of loaded data, noting every problem with its place instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from zhike.core.blueprints.loading import Path, written
from zhike.core.blueprints.problems import Problem
from zhike.core.errors import Refusal
from zhike.core.text import Text

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MISSING = object()


@dataclass(slots=True)
class Report:
    """Where problems are gathered; knows the line of every path."""

    lines: dict[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """Find the line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


@dataclass(slots=True)
class Place:
    """A value somewhere in the blueprint."""

    raw: object
    path: Path
    report: Report

    def wrong(self, reason: Text, remedy: Text, path: Path = ()) -> None:
        """Note a problem here, or deeper at `path`."""
        full = (*self.path, *path)
        self.report.problems.append(Problem(written(full), self.report.line(full), reason, remedy))

    def refused(self, refusal: Refusal, path: Path = ()) -> None:
        """Note a refusal raised by a type or a rule."""
        self.wrong(refusal.reason, refusal.remedy, path)

    @property
    def given(self) -> bool:
        """Whether anything is written here."""
        return self.raw is not MISSING and self.raw is not None

    def at(self, key: str) -> Place:
        """Step into a mapping."""
        raw = self.raw.get(key, MISSING) if isinstance(self.raw, dict) else MISSING
        return Place(raw, (*self.path, key), self.report)

    def mapping(self, *known: str) -> bool:
        """Check that a mapping stands here with no keys but the known ones."""
        if not isinstance(self.raw, dict):
            self.wrong(
                Text("这里应是一组键值。", "A mapping is expected here."),
                Text(f"可用的键:{'、'.join(known)}。", f"It may have: {', '.join(known)}."),
            )
            return False
        for key in self.raw:
            if key not in known:
                self.wrong(
                    Text(f"不认识“{key}”。", f"“{key}” is not known here."),
                    Text(f"可用的键:{'、'.join(known)}。", f"It may have: {', '.join(known)}."),
                    (key,),
                )
        return True

    def items(self, *, required: bool = False) -> list[Place]:
        """List the places inside a list."""
        if not self.given and not required:
            return []
        if not isinstance(self.raw, list) or (required and not self.raw):
            self.wrong(
                Text("这里应是一个列表。", "A list is expected here."),
                Text("每项以“- ”开头。", "Begin each item with “- ”."),
            )
            return []
        return [Place(item, (*self.path, n), self.report) for n, item in enumerate(self.raw)]

    def _required(self) -> None:
        self.wrong(Text("缺少这一项。", "This is missing."), Text("请补上。", "Add it."))

    def key(self) -> str:
        """Read an identifier: lower-case letters, digits, underscores."""
        if isinstance(self.raw, str) and KEY.fullmatch(self.raw) and self.raw != "new":
            return self.raw
        if not self.given:
            self._required()
        else:
            self.wrong(
                Text(f"“{self.raw}”不能作标识。", f"“{self.raw}” cannot be a key."),
                Text(
                    "用小写字母开头,只含小写字母、数字、下划线,最多 40 个字符。",
                    "Use a-z, 0-9 and _, a letter first, at most 40 characters.",
                ),
            )
        return ""

    def text(self, *, required: bool = False, longest: int = 500) -> Text:
        """Read words in both languages: {zh: …, en: …}, or one phrase for both."""
        if not self.given:
            if required:
                self._required()
            return Text("", "")
        if isinstance(self.raw, dict):
            self.mapping("zh", "en")
            zh, en = (
                self.at("zh").string(required=required, longest=longest),
                self.at("en").string(longest=longest),
            )
            return Text(zh or en, en or zh)
        return Text.same(self.string(required=required, longest=longest))

    def string(self, *, required: bool = False, longest: int = 500) -> str:
        """Read a single phrase."""
        if not self.given or self.raw == "":
            if required:
                self._required()
            return ""
        if isinstance(self.raw, (dict, list)):
            self.wrong(
                Text("这里应是文字。", "Text is expected here."), Text("请写一句话。", "Write a phrase.")
            )
            return ""
        said = ("true" if self.raw else "false") if isinstance(self.raw, bool) else str(self.raw)
        if len(said) > longest:
            self.wrong(
                Text(f"长度为 {len(said)}。", f"It is {len(said)} characters long."),
                Text(f"最多 {longest} 个字符。", f"Use at most {longest} characters."),
            )
        return said.strip()

    def boolean(self, *, default: bool = False) -> bool:
        """Read true or false."""
        if not self.given:
            return default
        if isinstance(self.raw, bool):
            return self.raw
        self.wrong(
            Text("这里应是 true 或 false。", "True or false is expected here."),
            Text("请写 true 或 false。", "Write true or false."),
        )
        return default

    def integer(self, *, low: int, high: int, default: int | None = None) -> int:
        """Read a whole number between two bounds."""
        if not self.given:
            if default is None:
                self._required()
            return low if default is None else default
        if isinstance(self.raw, int) and not isinstance(self.raw, bool) and low <= self.raw <= high:
            return self.raw
        self.wrong(
            Text(
                f"“{self.raw}”不是 {low} 到 {high} 的整数。",
                f"“{self.raw}” is not a whole number from {low} to {high}.",
            ),
            Text(f"请写 {low} 到 {high}。", f"Write {low} to {high}."),
        )
        return low if default is None else default

    def decimal(self, *, low: Decimal | None = None) -> Decimal | None:
        """Read a number; None when nothing is written."""
        if not self.given:
            return None
        if isinstance(self.raw, (int, Decimal)) and not isinstance(self.raw, bool):
            number = Decimal(self.raw)
            if abs(number) < Decimal(10) ** 15 and (low is None or number >= low):
                return number
        said = str(self.raw)[:40]
        if self._too_large():
            self.wrong(
                Text(f"“{said}”太大。", f"“{said}” is too large."),
                Text(
                    "须小于 1,000,000,000,000,000(15 位)。",
                    "It must be below 1,000,000,000,000,000 (15 digits).",
                ),
            )
            return None
        self.wrong(
            Text(f"“{said}”不是可用的数字。", f"“{said}” is not a usable number."),
            Text("请写数字,如 500000 或 1.5。", "Write a number such as 500000 or 1.5."),
        )
        return None

    def _too_large(self) -> bool:
        """Whether it is a number, which YAML may have read as a text (1e30), that no figure reaches."""
        try:
            number = Decimal(str(self.raw)[:400])
        except ArithmeticError:
            return False
        return (
            not isinstance(self.raw, bool) and not number.is_nan() and number.copy_abs() >= Decimal(10) ** 15
        )

    def one_of(self, enum: type[E], *, default: E | None = None) -> E | None:
        """Read a word out of an enumeration."""
        if not self.given and default is not None:
            return default
        found = next((one for one in enum if one.value == self.raw), None)
        if found is None:
            self._no_such([one.value for one in enum])
        return found

    def word(self, known: Collection[str]) -> str:
        """Read a word out of a set."""
        if isinstance(self.raw, str) and self.raw in known:
            return self.raw
        self._no_such(sorted(known))
        return ""

    def _no_such(self, known: list[str]) -> None:
        if not self.given:
            self._required()
            return
        self.wrong(
            Text(f"不认识“{str(self.raw)[:40]}”。", f"“{str(self.raw)[:40]}” is not known here."),
            Text(f"可用:{'、'.join(known[:60])}。", f"Use one of: {', '.join(known[:60])}."),
        )


def built(entries: list[Place], build: Callable[[Place], T | None]) -> tuple[T, ...]:
    """What stands at each of some places, as far as it can be read."""
    return tuple(built for built in map(build, entries) if built is not None)


def check_unique(place: Place, keys: Iterable[str], what: Text) -> None:
    """Note every key that appears twice."""
    seen: set[str] = set()
    for key in keys:
        if key and key in seen:
            place.wrong(
                Text(f"{what.zh}“{key}”出现了两次。", f"The {what.en} “{key}” appears twice."),
                Text("请改名或去掉一个。", "Rename or remove one."),
            )
        seen.add(key)
