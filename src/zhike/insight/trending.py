"""What the monthly series of the whole base tell, as a run keeps it. Loads statsmodels: only `actions.trend` imports it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from zhike.engine.lake import Session
from zhike.engine.trends.forecast import AHEAD, LEVEL, METHOD, VERSION, tell
from zhike.engine.trends.series import over, periods
from zhike.insight.queries.trends import OF, value_of


def told(session: Session, as_of: date) -> dict[str, Any]:
    """The forecast of each series from its months that are over, as JSON keeps it; None for one too short."""
    months = [one for one in periods(session, as_of) if over(one.begins, as_of)]
    found: dict[str, Any] = {}
    for key in OF:
        values = [value_of(one, key) for one in months]
        result = tell([float(value or 0) for value in values])
        found[key] = asdict(result) if result else None
    return {
        "method": f"{METHOD}/v{VERSION}",
        "months": [one.begins.isoformat() for one in months],
        "ahead": AHEAD,
        "level": LEVEL,
        "of": found,
    }
