"""A rule from outside is measured before it is read: what is too long, too deep or too much is refused at once.

Nothing here looks at more than the caps allow, so the time taken does not grow with what was sent.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NoReturn

from zhike.core.rules.refusing import BadRule, Path, brief, refuse
from zhike.core.text import Text

MAX_CHARACTERS = 50_000  # of a rule as text
MAX_WORD = 1_000  # characters of one value
MAX_VALUES = 5_000  # keys and values of a rule
MAX_NESTING = 40  # brackets inside one another; a rule of MAX_DEPTH levels needs two each
MAX_DIGITS = 40  # of a number

_SPLIT = Text("请拆成几个标签、分群或层级。", "Split it into several tags, segments or tiers.")


def loaded(raw: str | bytes) -> object:
    """Read JSON text, refusing what JSON allows but a rule never needs: long numbers, NaN, the same key twice."""
    if len(raw) > MAX_CHARACTERS:
        _refuse_length()
    try:
        found: object = json.loads(
            raw, parse_int=_whole, parse_constant=_never, object_pairs_hook=_without_repeats
        )
    except (ValueError, RecursionError):
        raise BadRule(
            Text("规则不是有效的 JSON。", "The rule is not valid JSON."),
            Text("请核对括号和引号。", "Check brackets and quotes."),
        ) from None
    return found


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _too_many_digits(())
    return int(digits)


def _never(word: str) -> NoReturn:
    raise BadRule(
        Text(f"“{word}”不是数字。", f"“{word}” is not a number."),
        Text("请写数字,如 500000 或 1.5。", "Write a number such as 500000 or 1.5."),
    )


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadRule(
                Text(f"“{brief(key)}”写了两次。", f"“{brief(key)}” is written twice."),
                Text("同一处每个词只写一次。", "Write each word once in the same place."),
            )
        found[key] = value
    return found


def measure(raw: object) -> None:
    """Refuse loaded JSON or YAML that is too deep, too much, or holds what no rule can hold; raises `BadRule`."""
    seen = characters = 0
    waiting: list[tuple[object, Path]] = [(raw, ())]
    while waiting:
        value, path = waiting.pop()
        inside: list[tuple[object, Path]] = []
        if len(path) > MAX_NESTING:
            _refuse_nesting()
        if isinstance(value, (Mapping, list, tuple)):
            seen += 1 + len(value)
            if seen > MAX_VALUES:
                _refuse_values()
            inside = _inside(value, path)
        characters += sum(len(str(where[-1])) for _one, where in inside)
        characters += len(value) if isinstance(value, str) else 0
        if characters > MAX_CHARACTERS:
            _refuse_length()
        _plain(value, path)
        waiting.extend(inside)


def _inside(
    value: Mapping[object, object] | list[object] | tuple[object, ...], path: Path
) -> list[tuple[object, Path]]:
    if not isinstance(value, Mapping):
        return [(one, (*path, number)) for number, one in enumerate(value)]
    if not all(isinstance(key, str) for key in value):
        refuse(path, Text("条件的键应是文字。", "The keys of a condition are texts."), _PLAINLY)
    for key in value:
        _word(str(key), path)
    return [(one, (*path, str(key))) for key, one in value.items()]


_PLAINLY = Text("请只用文字、数字、是非和列表。", "Use texts, numbers, true or false, and lists.")


def _plain(value: object, path: Path) -> None:
    if value is None or isinstance(value, (bool, date, Mapping, list, tuple)):
        return
    if isinstance(value, str):
        _word(value, path)
    elif isinstance(value, int):
        if value.bit_length() > 3 * MAX_DIGITS:
            _too_many_digits(path)
    elif isinstance(value, float):
        if math.isinf(value):  # what JSON makes of 1e999
            refuse(path, Text(f"“{value}”太大。", f"“{value}” is too large."), _PLAINLY)
        if math.isnan(value):
            refuse(path, Text(f"“{value}”不是数字。", f"“{value}” is not a number."), _PLAINLY)
    elif isinstance(value, Decimal):
        if not value.is_finite() or len(value.as_tuple().digits) > MAX_DIGITS:
            _too_many_digits(path)
    else:
        refuse(path, Text("这里不能有这样的值。", "A value of this kind cannot stand here."), _PLAINLY)


_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _word(value: str, path: Path) -> None:
    if len(value) > MAX_WORD:
        refuse(
            path,
            Text(
                f"“{brief(value)}”超过 {MAX_WORD:,} 个字符。",
                f"“{brief(value)}” is longer than {MAX_WORD:,} characters.",
            ),
            Text("请写短一些。", "Write less."),
        )
    if _UNSHOWN.search(value):
        refuse(
            path,
            Text(
                f"“{brief(value)}”里有不能显示的字符。",
                f"“{brief(value)}” holds characters that cannot be shown.",
            ),
            Text("请删掉它们再试。", "Remove them and try again."),
        )


def _refuse_nesting() -> NoReturn:
    refuse(
        (),
        Text(f"规则的括号超过 {MAX_NESTING} 层。", f"The rule nests deeper than {MAX_NESTING} brackets."),
        _SPLIT,
    )


def _refuse_values() -> NoReturn:
    refuse(
        (),
        Text(f"规则超过 {MAX_VALUES:,} 个值。", f"The rule has more than {MAX_VALUES:,} values."),
        _SPLIT,
    )


def _refuse_length() -> NoReturn:
    refuse(
        (),
        Text(
            f"规则超过 {MAX_CHARACTERS:,} 个字符。", f"The rule is longer than {MAX_CHARACTERS:,} characters."
        ),
        _SPLIT,
    )


def _too_many_digits(path: Path) -> NoReturn:
    refuse(
        path,
        Text(f"数字超过 {MAX_DIGITS} 位。", f"A number has more than {MAX_DIGITS} digits."),
        Text("请写数字,如 500000 或 1.5。", "Write a number such as 500000 or 1.5."),
    )
