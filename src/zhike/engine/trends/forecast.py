"""Forecast of a series by exponential smoothing with its interval, seasons, what stands out, and a trial on the past.

Source: R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice (3rd ed., 2021), chapter 8: state space models
with additive errors, chosen by AICc among level, damped trend and yearly season; positive series on the log scale. Loads
statsmodels (and pandas): only the loop imports it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from zhike.engine.trends.series import SHORTEST

METHOD, VERSION = "ets", 1
YEAR = 12  # months; a season needs two years
AHEAD = 6
LEVEL = 0.8  # of the interval of the forecast
APART = 2.807  # deviations from what was expected one step ahead: 1 in 200 by chance
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of one series.

    `expected` is what was expected one step ahead of each point; `odd` are the places of the points too far from it. `seasons`:
    how many per cent above or below the usual each month of the year lies, the first point's month first (empty: no season).
    `error` and `naive` are the mean absolute percentage errors of this and of "as a year before" (or as the last) on
    the held-out end; None where it is too short to hold anything out.
    """

    model: str
    expected: tuple[float, ...]
    odd: tuple[int, ...]
    ahead: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    seasons: tuple[float, ...]
    error: float | None
    naive: float | None
    held_out: int


def tell(values: Sequence[float]) -> Told | None:
    """What a monthly series tells; None when it is shorter than SHORTEST."""
    if len(values) < SHORTEST:
        return None
    given = np.asarray(values, dtype=float)
    logs = bool((given > 0).all())
    fit = _best(np.log(given) if logs else given)
    steps = fit.get_prediction(start=len(given), end=len(given) + AHEAD - 1).summary_frame(alpha=1 - LEVEL)
    back = np.exp if logs else np.asarray
    expected = np.asarray(fit.fittedvalues)
    ahead, low, high = (
        tuple(float(one) for one in back(steps[name])) for name in ("mean", "pi_lower", "pi_upper")
    )
    error, naive, held = _trial(given, logs=logs)
    return Told(
        model=fit.model.short_name + (" log" if logs else ""),
        expected=tuple(float(one) for one in back(expected)),
        odd=_odd(np.asarray(fit.resid)),
        ahead=ahead,
        low=low if logs or min(values) < 0 else tuple(max(one, 0.0) for one in low),
        high=high,
        seasons=_seasons(fit, given, logs=logs),
        error=error,
        naive=naive,
        held_out=held,
    )


def _best(given: Floats):  # type: ignore[no-untyped-def] # statsmodels has no types
    """The model with the least AICc."""
    seasons = [None, "add"] if len(given) >= 2 * YEAR else [None]
    fits = []
    series = pd.Series(given)
    with catch_warnings():
        simplefilter("ignore")
        for season in seasons:
            for trend in (None, "add"):
                model = ETSModel(
                    series,
                    error="add",
                    trend=trend,
                    damped_trend=trend is not None,
                    seasonal=season,
                    seasonal_periods=YEAR if season else None,
                )
                fits.append(model.fit(disp=False))
    return min(fits, key=lambda fit: fit.aicc if np.isfinite(fit.aicc) else np.inf)


def _odd(residuals: Floats) -> tuple[int, ...]:
    """Places too far from what was expected; the spread is taken from the middle, so that one odd month does not hide itself."""
    spread = 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
    if spread <= 1e-9 * max(1.0, float(np.abs(residuals).max())):
        return ()
    return tuple(int(place) for place in np.flatnonzero(np.abs(residuals) > APART * spread) if place > 0)


def _seasons(fit, given: Floats, *, logs: bool) -> tuple[float, ...]:  # type: ignore[no-untyped-def]
    """The last season of the model, turned so that it begins with the first point's month."""
    if fit.model.seasonal is None:
        return ()
    last = np.asarray(fit.season)[-YEAR:]
    turned = np.roll(last, len(given) % YEAR)
    if logs:
        return tuple(float(one) for one in np.exp(turned - turned.mean()) - 1)
    return tuple(float(one) for one in (turned - turned.mean()) / max(abs(float(given.mean())), 1e-9))


def _trial(given: Floats, *, logs: bool) -> tuple[float | None, float | None, int]:
    held = min(AHEAD, len(given) // 4)
    known, truth = given[:-held], given[-held:]
    if len(known) < SHORTEST or not truth.all():
        return None, None, 0
    fit = _best(np.log(known) if logs else known)
    told = np.asarray(fit.forecast(held))
    before = known[-YEAR:][:held] if len(known) >= YEAR else np.repeat(known[-1], held)
    return _mape(np.exp(told) if logs else told, truth), _mape(before, truth), held


def _mape(told: Floats, truth: Floats) -> float:
    return float(np.mean(np.abs(told - truth) / np.abs(truth)))
