"""Series of the asker's customers, live from the lake, and what the latest run foretold for the whole base."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import ibis.expr.types as ir
from lunardate import LunarDate

from zhike.core.figures import Unit
from zhike.core.rules.classes import CHANNEL
from zhike.core.text import Text
from zhike.engine import favourites
from zhike.engine.lake import Session
from zhike.engine.trends.series import SHORTEST, Period, Step, over, periods
from zhike.insight.models import Run
from zhike.insight.queries import everybody
from zhike.insight.queries.scores import latest
from zhike.kernel import lake


@dataclass(frozen=True, slots=True)
class Kind:
    """One series: its label, its unit, and how a period gives it."""

    label: Text
    unit: Unit
    value: Callable[[Period], Decimal | int | None]


OF: Mapping[str, Kind] = {
    "sales": Kind(Text("销售额", "Sales"), "money_short", lambda one: one.sales),
    "orders": Kind(Text("订单数", "Orders"), "count", lambda one: one.orders),
    "active": Kind(Text("活跃客户", "Active customers"), "count", lambda one: one.active),
    "new": Kind(Text("新客户", "New customers"), "count", lambda one: one.new),
    "returning": Kind(Text("回头率", "Share who came back"), "share", lambda one: one.returning),
}
# Days that move a month's trade; the Spring Festival follows the moon.
FEASTS = ((6, 18, Text("618 大促", "618 sales")), (10, 1, Text("国庆假期", "National Day holidays")),
          (11, 11, Text("双十一", "Singles' Day")))  # fmt: skip
MOST = 20
YEAR = 12
FEWEST = 10  # buyers in a middle month, below which chance decides what a group does


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The periods up to a day; `running` when the last one is not over.

    `foretold` is what was foretold of all series, from the months it names, and None while nothing is.
    """

    as_of: date
    periods: tuple[Period, ...]
    running: bool
    foretold: Mapping[str, Any] | None = None

    @property
    def months(self) -> list[str]:
        """The months that the forecast was made from."""
        return list(self.foretold["months"]) if self.foretold else []

    def told(self, of: str) -> Mapping[str, Any] | None:
        """What is foretold of one series; None when it is too short."""
        return self.foretold["of"].get(of) if self.foretold else None


def monthly(found: Sequence[Period], as_of: date) -> tuple[list[str], dict[str, list[float]]]:
    """The months that are over, and the series as a forecast wants them."""
    done = [one for one in found if over(one.begins, as_of)]
    series = {key: [float(kind.value(one) or 0) for one in done] for key, kind in OF.items()}
    return [one.begins.isoformat() for one in done], series


def course(ids: Callable[[Session], ir.Table | None], step: Step, channel: str = "") -> Course | None:
    """The series of some customers, live; None before the first run."""
    scored = latest()
    if scored is None:
        return None
    with lake.session() as session:
        found = _periods(session, scored.as_of, step, ids(session), channel)
    return Course(
        as_of=scored.as_of,
        periods=found,
        running=bool(found) and not over(found[-1].begins, scored.as_of, step),
    )


def _periods(
    session: Session, as_of: date, step: Step, only: ir.Table | None, channel: str
) -> tuple[Period, ...]:
    if only is None and not channel:
        return everybody.periods_of_all(session, as_of, step)
    return periods(session, as_of, step, only=only, channel=channel)


def buyers(found: Course) -> Decimal:
    """How many bought in the middle one of the last twelve months that are over."""
    active = [one.active for one in found.periods if over(one.begins, found.as_of)][-YEAR:]
    return Decimal(str(median(active))) if active else Decimal(0)


def too_little(found: Course) -> bool:
    """Whether a group has too few months or too few buyers for a forecast to say anything."""
    done = sum(over(one.begins, found.as_of) for one in found.periods)
    return done < SHORTEST or buyers(found) < FEWEST


def of_everybody() -> Mapping[str, Any] | None:
    """What the latest run foretold of the whole base."""
    run = latest(Run.Kind.TREND)
    return run.params if run else None


def channels() -> list[str]:
    """Channels of orders, the most frequent first."""
    with lake.session() as session:
        return favourites.values(session, CHANNEL, MOST)


def feasts(month: date) -> list[Text]:
    """What in a month may explain it: the Spring Festival, or the same month of the year before having had it, and sales days."""
    found = [words for number, _day, words in FEASTS if number == month.month]
    spring, before = (LunarDate(year, 1, 1).toSolarDate() for year in (month.year, month.year - 1))
    if spring.month == month.month:
        found.append(Text(f"春节({spring.isoformat()})", f"Spring Festival ({spring.isoformat()})"))
    elif before.month == month.month:
        found.append(Text("上一年春节在此月", "Spring Festival was in this month the year before"))
    return found
