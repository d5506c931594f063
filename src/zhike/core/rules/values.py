"""Reading the values of a rule: numbers, days, stretches of time, and values of the blueprint's fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zhike.core import dates
from zhike.core.errors import BadValue
from zhike.core.rules.refusing import BadRule, Path, brief, refuse
from zhike.core.rules.spans import MOST_DAYS, MOST_MONTHS, Span
from zhike.core.rules.tree import Op, Relative, RuleValue
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.core.fields import FieldSpec

MAX_LIST = 500
MOST_DIGITS = 15  # before the point
SMALLER = Text("须小于 1,000,000,000,000,000(15 位)。", "It must be below 1,000,000,000,000,000 (15 digits).")
MOST_TIMES_MEAN = Decimal(10) ** 6


def number(raw: object, path: Path) -> Decimal:
    """Read a number below 10^15 with at most six decimals."""
    found: Decimal | None = None
    try:
        if isinstance(raw, (int, float, str, Decimal)) and not isinstance(raw, bool) and len(str(raw)) <= 400:
            found = Decimal(str(raw).replace(",", ""))
    except (ArithmeticError, ValueError):
        pass
    if found is None or found.is_nan():
        refuse(
            path,
            Text(f"“{brief(raw)}”不是数字。", f"“{brief(raw)}” is not a number."),
            Text("请写数字,如 500000 或 1.5。", "Write a number such as 500000 or 1.5."),
        )
    # The size first: comparing or rounding a number such as 1e999999999 overflows.
    if found.is_infinite() or found.adjusted() >= MOST_DIGITS:
        refuse(path, Text(f"“{brief(raw)}”太大。", f"“{brief(raw)}” is too large."), SMALLER)
    if found.adjusted() < -7 or found != round(found, 6):
        refuse(
            path,
            Text(f"“{brief(raw)}”的小数太长。", f"“{brief(raw)}” has too many decimals."),
            Text("小数最多六位。", "Write at most six decimals."),
        )
    return found


def metric_value(raw: object, path: Path, relative: Relative | None) -> Decimal:
    """Read a threshold of a metric: a number, a multiple of the mean, or a percentile."""
    found = number(raw, path)
    most = Decimal(100) if relative is Relative.PERCENTILE else MOST_TIMES_MEAN
    if relative is not None and not 0 <= found <= most:
        refuse(
            path,
            Text(f"{found} 不能作为倍数或百分位。", f"{found} is neither a multiple nor a percentile."),
            Text(
                "倍数在 0 到 1,000,000 之间,百分位在 0 到 100 之间。",
                "A multiple lies between 0 and 1,000,000, a percentile between 0 and 100.",
            ),
        )
    return found


def day(raw: object, path: Path) -> date:
    """Read a day."""
    try:
        return dates.clean_date(raw)
    except BadValue as bad:
        raise BadRule(bad.reason, bad.remedy, path) from None


def whole(raw: object, path: Path, *, low: int, high: int) -> int:
    """Read a whole number between two others."""
    found = number(raw, path)
    if found == found.to_integral_value() and low <= found <= high:
        return int(found)
    refuse(
        path,
        Text(
            f"{brief(found)} 不在 {low} 到 {high:,} 之间。",
            f"{brief(found)} is not between {low} and {high:,}.",
        ),
        Text(f"请写 {low} 到 {high:,} 的整数。", f"Write a whole number from {low} to {high:,}."),
    )


def span(raw: Mapping[str, object], path: Path, *, most_days: int = MOST_DAYS, months: bool = True) -> Span:
    """Read `days` or, where allowed, `months` of a test; `value` may stand for days."""
    said = [key for key in ("days", "months", "value") if raw.get(key) is not None]
    if len(said) != 1 or (said == ["months"] and not months):
        words = "days 或 months" if months else "days"
        refuse(
            path,
            Text(f"这里要写 {words},写一个。", f"Write {words.replace('或', 'or')} here, one of them."),
            Text("写成 days: 30。", "Write days: 30."),
        )
    if said == ["months"]:
        return Span(months=whole(raw["months"], (*path, "months"), low=1, high=MOST_MONTHS))
    return Span(days=whole(raw[said[0]], (*path, said[0]), low=1, high=most_days))


def field_value(raw: object, spec: FieldSpec, op: Op, path: Path) -> RuleValue:
    """Read what a field is compared with, as the field itself would be read."""
    if not op.takes_many:
        return _one(raw, spec, path)
    if not isinstance(raw, (list, tuple)) or not 1 <= len(raw) <= MAX_LIST:
        refuse(
            path,
            Text(
                f"“{op.value}”后面应是 1 到 {MAX_LIST} 个值。",
                f"“{op.value}” takes a list of 1 to {MAX_LIST} values.",
            ),
            Text("写成 value: [甲, 乙]。", "Write value: [a, b]."),
        )
    return tuple(str(_one(one, spec, (*path, n))) for n, one in enumerate(raw))


def _one(raw: object, spec: FieldSpec, path: Path) -> RuleValue:
    if isinstance(raw, (Mapping, list, tuple)) or raw is None:
        refuse(
            path,
            Text("这里应是一个值。", "A single value is expected here."),
            Text("请写一个值。", "Write one value."),
        )
    try:
        value = spec.clean([raw] if spec.type == "multi_choice" else raw)
    except BadValue as bad:
        raise BadRule(bad.reason, bad.remedy, path) from None
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        refuse(
            path,
            Text("这里的值是空的。", "The value is empty."),
            Text("要找空值请用 op: empty。", "To find empty values use op: empty."),
        )
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
