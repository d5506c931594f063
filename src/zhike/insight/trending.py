"""What monthly series of the whole base or of a group tell, as it is kept. Loads statsmodels: no page imports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from zhike.engine.lake import Session
from zhike.engine.trends import forecast
from zhike.engine.trends.series import periods
from zhike.insight.queries.trends import monthly


def told(session: Session, as_of: date) -> dict[str, Any]:
    """The forecast of each series from its months that are over, as JSON keeps it; None for one too short."""
    months, series = monthly(periods(session, as_of), as_of)
    return foretold(months, series)


def foretold(
    months: Sequence[str],
    series: Mapping[str, Sequence[float]],
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """The same for series by key, one value per month; `tell` hears how many of how many are done."""
    found: dict[str, Any] = {}
    for done, (key, values) in enumerate(series.items(), 1):
        result = forecast.tell(values)
        found[key] = asdict(result) if result else None
        tell(done, len(series))
    return {
        "method": f"{forecast.METHOD}/v{forecast.VERSION}",
        "months": list(months),
        "ahead": forecast.AHEAD,
        "level": forecast.LEVEL,
        "of": found,
    }
