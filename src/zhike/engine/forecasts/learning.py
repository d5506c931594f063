"""What the orders of all customers teach about value and churn, how well it foretold the past, and all of it as JSON.

Learning reads the orders several times, so it is done once a week or when the base has grown; in between a run carries what
was learnt. Loads scipy: web processes do without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from zhike.core.blueprints import ForecastSpec
from zhike.core.text import Text
from zhike.engine.churn import v1 as churn
from zhike.engine.churn.features import Snapshot, snapshot
from zhike.engine.churn.words import FEATURES
from zhike.engine.clv import empirical, summary
from zhike.engine.clv import v1 as clv
from zhike.engine.lake import Session

YEAR = 365
LEARNS_EVERY = 7
GROWN = 1.1  # so many times the customers it was learnt from: learn again
TRIAL = 90
MODEL = f"{clv.METHOD}/v{clv.VERSION}"
REGRESSION = f"{churn.METHOD}/v{churn.VERSION}"
COUNTED = "empirical/v1"
Params = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Parameters of both models as of a day; `counted` and `leaving` stand in where a model cannot be used.

    `model` is None when churn cannot be learnt, and `why` says so. `holdout` and `trial` are how the past was foretold.
    """

    on: date
    customers: int
    horizon: int
    fit: clv.Fit
    spend: clv.SpendFit
    counted: empirical.Empirical | None
    holdout: clv.Holdout | None
    model: churn.Model | None
    leaving: empirical.Empirical | None
    trial: churn.Validation | None
    why: Text | None

    @property
    def value_method(self) -> str:
        """By which method value is told: a pooled rate is an empirical one too."""
        return COUNTED if self.counted or self.fit.too_small else MODEL

    @property
    def churn_method(self) -> str:
        """By which method churn is told."""
        if self.model:
            return REGRESSION
        return COUNTED if self.leaving or self.fit.too_small else MODEL

    def holds(self, as_of: date, customers: int, horizon: int) -> bool:
        """Whether what was learnt still serves on a later day."""
        young = (as_of - self.on).days < LEARNS_EVERY
        return young and horizon == self.horizon and customers <= self.customers * GROWN

    def value_params(self) -> dict[str, Any]:
        """What the run of the value keeps."""
        told = {"fit": self.fit, "spend": self.spend, "counted": self.counted, "holdout": self.holdout}
        about = {"horizon_days": YEAR, "trial_days": TRIAL, **self._about()}
        return about | {name: plain(one) for name, one in told.items()}

    def churn_params(self) -> dict[str, Any]:
        """What the run of churn keeps."""
        told = {"model": self.model, "leaving": self.leaving, "trial": self.trial, "why": self.why}
        about = {"horizon_days": self.horizon, **self._about()}
        return about | {name: plain(one) for name, one in told.items()}

    def _about(self) -> dict[str, Any]:
        return {"learnt_on": self.on.isoformat(), "customers": self.customers}


def current(
    session: Session, now: Snapshot, kept: Params | None, terms: ForecastSpec
) -> tuple[Learnt, Params]:
    """What serves on the day of a snapshot with the parameters that its runs keep: learnt before, or anew."""
    told = {"terms": plain(terms)}
    if kept is not None:
        before = remembered(*kept)
        if before.holds(now.as_of, len(now.customer_id), now.horizon):
            return before, (kept[0] | told, kept[1] | told)
    learnt = learn(session, now)
    return learnt, (learnt.value_params() | told, learnt.churn_params() | told)


def learn(session: Session, now: Snapshot) -> Learnt:
    """Learn from everything up to the day of a snapshot, for its horizon."""
    fit = clv.fit(now.frequency, now.recency, now.age)
    before = snapshot(session, now.as_of - timedelta(days=now.horizon), horizon=now.horizon)
    model, why = _model(before)
    return Learnt(
        on=now.as_of,
        customers=len(now.age),
        horizon=now.horizon,
        fit=fit,
        spend=clv.fit_spend(now.frequency, mean_spend(now)),
        counted=_counted(session, now) if fit.degenerate else None,
        holdout=_holdout(session, now.as_of),
        model=model,
        leaving=None if model else _leaving(before),
        trial=_trial(session, before) if model else None,
        why=why,
    )


def mean_spend(now: Snapshot) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Per repeat purchase, 0 without one; shape (n,)."""
    total, first = (now.features[:, list(FEATURES).index(key)] for key in ("spend", "first_amount"))
    return np.where(now.frequency > 0, (total - first) / np.maximum(now.frequency, 1), 0.0)


def _model(before: Snapshot) -> tuple[churn.Model | None, Text | None]:
    try:
        return churn.train(before), None
    except churn.CannotLearn as short:
        return None, short.reason


def _trial(session: Session, later: Snapshot) -> churn.Validation | None:
    try:
        earlier = snapshot(session, later.as_of - timedelta(days=later.horizon), horizon=later.horizon)
        return churn.validate(earlier, later)
    except churn.CannotLearn:
        return None


def _leaving(before: Snapshot) -> empirical.Empirical | None:
    try:
        return empirical.count(
            before.frequency, before.recency, before.age, before.bought, horizon=before.horizon
        )
    except empirical.NoHistory:
        return None


def _counted(session: Session, now: Snapshot) -> empirical.Empirical | None:
    """What was bought in the last year, or in the later half of a shorter past."""
    hold = min(YEAR, int(now.age.max()) // 2)
    past = summary.histories(session, now.as_of - timedelta(days=hold), hold=hold)
    try:
        return empirical.count(past.frequency, past.recency, past.age, past.held, horizon=hold)
    except empirical.NoHistory:
        return None


def _holdout(session: Session, as_of: date) -> clv.Holdout | None:
    """The last three months, foretold from what was known before; None where that was too little."""
    past = summary.histories(session, as_of - timedelta(days=TRIAL), hold=TRIAL)
    if len(past.age) == 0:
        return None
    fit = clv.fit(past.frequency, past.recency, past.age)
    if fit.too_small:
        return None
    return clv.holdout(fit, past.frequency, past.recency, past.age, past.held, horizon=TRIAL)


def plain(value: Any) -> Any:
    """Dataclasses, arrays and texts as JSON keeps them; what is no number (NaN) as None."""
    if isinstance(value, Text):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def remembered(value: Mapping[str, Any], leaving: Mapping[str, Any]) -> Learnt:
    """What the runs of a day keep, as it was learnt; trials are read by pages only and stay where they are."""
    fit = value["fit"] | {"at_bound": tuple(value["fit"]["at_bound"])}
    return Learnt(
        on=date.fromisoformat(value["learnt_on"]),
        customers=value["customers"],
        horizon=leaving["horizon_days"],
        fit=clv.Fit(**_with_texts(fit)),
        spend=clv.SpendFit(**_with_texts(value["spend"])),
        counted=_table(value["counted"]),
        holdout=None,
        model=_regression(leaving["model"]),
        leaving=_table(leaving["leaving"]),
        trial=None,
        why=None,
    )


def _with_texts(raw: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: Text.from_json(raw[key]) if raw[key] else None for key in ("degenerate", "too_small")}
    return {key: float("nan") if one is None else one for key, one in raw.items()} | said


def _table(raw: Mapping[str, Any] | None) -> empirical.Empirical | None:
    if raw is None:
        return None
    return empirical.Empirical(
        horizon=raw["horizon"],
        customers=np.array(raw["customers"]),
        purchases=np.array(raw["purchases"]),
        any_purchase=np.array(raw["any_purchase"]),
    )


def _regression(raw: Mapping[str, Any] | None) -> churn.Model | None:
    if raw is None:
        return None
    arrays = {key: np.array(one) for key, one in raw.items() if isinstance(one, list)}
    return churn.Model(**{**raw, **arrays, "trained_on": date.fromisoformat(raw["trained_on"])})
