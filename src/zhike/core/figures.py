"""How numbers, money, shares and days are written, the same on pages, in charts and in reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from zhike.core.text import language

Unit = Literal["count", "money", "money_short", "share", "days", "plain"]
NOTHING = "–"
SIGNS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "TWD": "NT$",
    "JPY": "JP¥",
    "MOP": "MOP$",
}
_sign: ContextVar[str] = ContextVar("sign", default=SIGNS["CNY"])
# From which size an amount is shortened, by how much, and what is written behind it.
_STEPS = {
    "zh": ((Decimal(10**8), Decimal(10**8), " 亿"), (Decimal(10**4), Decimal(10**4), " 万")),
    "en": (
        (Decimal(10**9), Decimal(10**9), "B"),
        (Decimal(10**6), Decimal(10**6), "M"),
        (Decimal(10**4), Decimal(10**3), "K"),
    ),
}


def _decimal(value: object) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _grouped(number: Decimal, places: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    # A rounded −0.00 is nothing, and says so without a sign.
    return f"{abs(rounded) if rounded == 0 else rounded:,.{places}f}".replace("-", "−")


def count(value: object) -> str:
    """A whole number with thousands separators: 18,204."""
    number = _decimal(value)
    return NOTHING if number is None else _grouped(number, 0)


def plain(value: object, places: int = 2) -> str:
    """A number with at most `places` decimals and no trailing zeros: 1.9."""
    number = _decimal(value)
    if number is None:
        return NOTHING
    text = _grouped(number, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def sign() -> str:
    """The sign before amounts of money in the current context."""
    return _sign.get()


@contextmanager
def paying_in(currency: str) -> Iterator[None]:
    """Write money in a currency (ISO 4217 code) inside a `with` block."""
    token = _sign.set(SIGNS.get(currency, currency))
    try:
        yield
    finally:
        _sign.reset(token)


def money(value: object) -> str:
    """An exact amount, to the cent: ¥ 1,204,300.00."""
    number = _decimal(value)
    return NOTHING if number is None else _signed(number, _grouped(abs(number), 2))


def money_whole(value: object) -> str:
    """An amount without cents, for what is only expected: ¥ 386,000."""
    number = _decimal(value)
    return NOTHING if number is None else _signed(number, _grouped(abs(number), 0))


def money_short(value: object) -> str:
    """An amount for cards: ¥ 3,842.6 万 in Chinese, ¥ 38.4M in English; below 10,000 in full."""
    number = _decimal(value)
    if number is None:
        return NOTHING
    size = abs(number)
    for least, unit, suffix in _STEPS[language()]:
        if size >= least:
            return _signed(number, _grouped(size / unit, 1) + suffix)
    cents = size < 1000 and size != size.to_integral_value()
    return _signed(number, _grouped(size, 2 if cents else 0))


def _signed(number: Decimal, written: str) -> str:
    minus = number < 0 and any(digit in "123456789" for digit in written)
    return f"{'−' if minus else ''}{sign()} {written}"


def share(value: object, places: int = 1) -> str:
    """A share between 0 and 1 as a percentage: 37.8%."""
    number = _decimal(value)
    return NOTHING if number is None else f"{_grouped(number * 100, places)}%"


def share_whole(value: object) -> str:
    """A share in whole percents, for what is only expected: 12%."""
    return share(value, 0)


def days(value: object) -> str:
    """A number of days: 12 天, 12 days."""
    number = _decimal(value)
    if number is None:
        return NOTHING
    if language() == "zh":
        return f"{_grouped(number, 0)} 天"
    return f"{_grouped(number, 0)} day{'' if number == 1 else 's'}"


def days_ago(value: object) -> str:
    """How many days before the day of the figures: 348 天前, 348 days ago."""
    return NOTHING if _decimal(value) is None else days(value) + ("前" if language() == "zh" else " ago")


def day(value: object) -> str:
    """A date as YYYY-MM-DD; of a moment, its date."""
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value) if value else NOTHING


def moment(value: datetime | None) -> str:
    """A moment as YYYY-MM-DD HH:MM, in the time zone it carries; one of which only the day is known, as the day."""
    return (f"{value:%Y-%m-%d %H:%M}" if any(value.timetuple()[3:6]) else day(value)) if value else NOTHING


def figure(value: object) -> str:
    """Any single value as a reader expects it."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | float | Decimal):
        return plain(value)
    return NOTHING if value is None or value == "" else str(value)


def written(value: object, unit: Unit) -> str:
    """A value in its unit."""
    return {
        "count": count,
        "money": money,
        "money_short": money_short,
        "share": share,
        "days": days,
        "plain": plain,
    }[unit](value)
