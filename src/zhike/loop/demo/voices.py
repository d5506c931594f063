"""What the invented members said of their baskets: ratings and words written for the demonstration, seeded.

Nothing here was said by anybody. Whether a basket is spoken of, how and about what follows from its number alone, so that
every demonstration hears the same; the words agree with the rating, and deliveries suffer in the weeks before the feasts.
"""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files

SPOKEN_OF = 0.035
TONES = {"glad": 0.62, "torn": 0.12, "sore": 0.26}
RATINGS = {"glad": (4, 5, 5), "torn": (3,), "sore": (1, 1, 2)}
TOPICS = {"delivery": 22, "quality": 17, "taste": 17, "price": 16, "service": 14, "packaging": 8, "place": 6}
CHANNELS = ("小程序", "小程序", "短信问卷", "电话回访")
WORDLESS = 0.1  # a rating and nothing more, as people do
TWICE = 0.3  # speak of two topics
RUSH = (11, 12)  # months in which deliveries are late more often, and more members are sore


@dataclass(frozen=True, slots=True)
class Basket:
    """One basket of the sample: its number, whose it is and when it was bought."""

    number: str
    customer: str
    at: datetime


def said(baskets: Sequence[Basket], until: datetime) -> Iterator[dict[str, str]]:
    """The feedback on some of the baskets, one row each, in their order; none after `until`."""
    for basket in baskets:
        dice = random.Random(f"voice|{basket.number}")  # noqa: S311 (invented words, no secret)
        day = basket.at + timedelta(days=dice.randint(1, 4))
        at = day.replace(hour=dice.randint(9, 21), minute=dice.randint(0, 59), second=0)
        if dice.random() < SPOKEN_OF and at <= until:
            yield _row(basket, at, dice)


def _row(basket: Basket, at: datetime, dice: random.Random) -> dict[str, str]:
    weights = {**TONES, "sore": TONES["sore"] * (1.6 if at.month in RUSH else 1)}
    tone = dice.choices(list(weights), list(weights.values()))[0]
    return {
        "评价编号": f"V{basket.number}",
        "客户编号": basket.customer,
        "时间": f"{at:%Y-%m-%d %H:%M:%S}",
        "评分": str(dice.choice(RATINGS[tone])),
        "内容": "" if dice.random() < WORDLESS else _words(tone, at.month, dice),
        "渠道": dice.choice(CHANNELS),
    }


def _words(tone: str, month: int, dice: random.Random) -> str:
    """One or two clauses in one tone; who is torn praises one thing and minds another."""
    known, filler = _written(), _written()["filler"]
    first = _topic(dice, late=tone != "glad" and month in RUSH)
    second = dice.choice([topic for topic in TOPICS if topic != first])
    if tone == "torn":
        return f"{dice.choice(known[second]['for'])},不过{dice.choice(known[first]['against'])},{dice.choice(filler['torn'])}"
    side = "for" if tone == "glad" else "against"
    clauses = [
        dice.choice(known[one][side]) for one in ([first, second] if dice.random() < TWICE else [first])
    ]
    return f"{dice.choice(filler['opening'])}{';'.join(clauses)}。{dice.choice(filler[tone])}"


def _topic(dice: random.Random, *, late: bool) -> str:
    weights = {**TOPICS, "delivery": TOPICS["delivery"] * (4 if late else 1)}
    return dice.choices(list(weights), list(weights.values()))[0]


@lru_cache(maxsize=1)
def _written() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("zhike.loop.demo").joinpath("data", "voices.toml").read_text(encoding="utf-8"))
