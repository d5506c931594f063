"""Between which days a balance sheet may be asked for, and which runs were in force on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zhike.core.text import Text
from zhike.insight.facts import InsightRefusal
from zhike.insight.models import Run
from zhike.insight.queries import latest, runs

KINDS = (Run.Kind.VALUE, Run.Kind.CHURN, Run.Kind.RFM, Run.Kind.TIERS)
USUAL = "quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """From the end of `first` to the end of `second`."""

    first: date
    second: date

    @property
    def day_after(self) -> date:
        """The first day whose orders belong to the period."""
        return self.first + timedelta(days=1)


def closing_day() -> date | None:
    """The latest day that a statement may reach to: that of the latest forecast; None before the first."""
    run = latest(Run.Kind.VALUE)
    return run.as_of if run else None


def picks(until: date) -> dict[str, Period]:
    """This month, quarter and year up to a day, and those before; each opens with the end of the one before."""
    month, quarter = until.replace(day=1), until.replace(month=(until.month - 1) // 3 * 3 + 1, day=1)
    year = until.replace(month=1, day=1)
    eve = timedelta(days=1)
    before = (quarter - eve).replace(day=1)
    opened = before.replace(month=(before.month - 1) // 3 * 3 + 1)
    return {
        "month": Period(month - eve, until),
        "quarter": Period(quarter - eve, until),
        "year": Period(year - eve, until),
        "last_month": Period((month - eve).replace(day=1) - eve, month - eve),
        "last_quarter": Period(opened - eve, quarter - eve),
    }


def read(first: str, second: str, until: date) -> Period:
    """The period that was asked for, by default this quarter; a refusal says what would be right."""
    usual = picks(until)[USUAL]
    if not first and not second:
        return usual
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(second))
    except ValueError:
        raise _refused(
            Text("日期应写作 2017-09-30 这样的形式。", "Write dates like 2017-09-30."),
            Text("请选择期初与期末两个日期。", "Choose an opening and a closing day."),
        ) from None
    return _sensible(period, until)


def _sensible(period: Period, until: date) -> Period:
    if period.first >= period.second:
        raise _refused(
            Text(
                f"期初 {period.first} 不早于期末 {period.second}。",
                f"The opening day {period.first} is not before the closing day {period.second}.",
            ),
            Text("请把期初改为更早的日期。", "Choose an earlier opening day."),
        )
    if period.second > until:
        raise _refused(
            Text(
                f"{period.second} 尚无预测,最近一次预测是 {until}。",
                f"Nothing is foretold as of {period.second}; the latest forecast is of {until}.",
            ),
            Text(
                f"期末请选 {until} 或更早,或先运行每日更新。",
                f"Choose {until} or earlier, or run the daily refresh first.",
            ),
        )
    return period


def _refused(reason: Text, remedy: Text) -> InsightRefusal:
    return InsightRefusal(reason, remedy, place=Text("期间", "Period"))


def in_force(kind: str, day: date) -> Run | None:
    """The last run of a kind up to a day; before the first, the first; None when there is none."""
    return runs(kind).filter(as_of__lte=day).first() or runs(kind).order_by("as_of", "-id").first()


def forces(period: Period) -> dict[str, list[int | None]]:
    """The ids of the runs in force on both days, by kind; as `in_force`, in one question."""
    known: dict[str, list[tuple[date, int]]] = {kind: [] for kind in KINDS}
    listed = Run.objects.filter(kind__in=KINDS).order_by("-as_of", "-id").values_list("kind", "as_of", "pk")
    for kind, as_of, pk in listed:
        known[kind].append((as_of, pk))
    days = (period.first, period.second)
    return {kind: [_in_force(found, day) for day in days] for kind, found in known.items()}


def _in_force(found: list[tuple[date, int]], day: date) -> int | None:
    """Of runs, the latest first: the last one up to a day; before the first, the first."""
    if not found:
        return None
    earliest = max(pk for as_of, pk in found if as_of == found[-1][0])
    return next((pk for as_of, pk in found if as_of <= day), earliest)
