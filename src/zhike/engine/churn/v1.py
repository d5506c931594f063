"""Churn v1: the probability of no purchase within a horizon, by logistic regression on orders and BG/NBD. Frozen once released.

What orders show on a day (`features.snapshot`) is set against whether there was a purchase in the horizon that followed;
the same coefficients then judge customers today. BG/NBD's chance of a purchase (Fader, Hardie & Lee, 2005) is one more input;
P(alive) is none: it calls one-time buyers alive. Fitting is followed by calibration on rows not seen in fitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.churn import logistic
from zhike.engine.churn.features import Snapshot
from zhike.engine.churn.words import ALL, FEATURES, LEVELS, THEMES, Cuts
from zhike.engine.clv import v1 as clv
from zhike.engine.cores import on_one_core

METHOD = "churn"
VERSION = 1

PENALTY = 1.0
FEWEST = 50  # customers who bought, and who did not, within the horizon
REASONS = 3
BANDS = 10  # of the calibration table
Floats = NDArray[np.float64]
SIGNS: Floats = np.array([feature.sign for feature in ALL.values()], dtype=np.float64)
_THEME = np.array([THEMES.index(feature.theme) for feature in ALL.values()])
_BY_THEME = [np.flatnonzero(theme == _THEME) for theme in range(len(THEMES))]
_SIGNED = [places[SIGNS[places] != 0] for places in _BY_THEME]


class CannotLearn(Refusal):
    """The past does not show enough, or not the right stretch of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learnt from one day and the horizon after it.

    `middle`, `scale`, `coefficients`: shape (17,), the features in the order of words.ALL, after their shape; `usual`:
    raw means, for words. `line`: intercept and slope of the calibration. Coefficients point towards no purchase.
    """

    horizon: int
    trained_on: date
    customers: int
    base_rate: float
    middle: Floats
    scale: Floats
    usual: Floats
    intercept: float
    coefficients: Floats
    line: Floats


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a customer is at risk: a feature, how much it and its like add to the log-odds of no purchase, and words."""

    key: str
    contribution: float
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Per customer, in the order of the snapshot: the probability of no purchase within the horizon, and why.

    `level`: 0 to 3 for the keys of words.LEVELS. `reason`: shape (n, 3), places in words.ALL, −1 where nothing more speaks for
    churn; `contribution`: shape (n, 3), in log-odds, by theme; `values`: raw features, for words.
    """

    model: Model
    customer_id: NDArray[np.int64]
    probability: Floats
    level: NDArray[np.int8]
    reason: NDArray[np.int8]
    contribution: Floats
    values: Floats = field(repr=False)

    def reasons(self, place: int) -> tuple[Reason, ...]:
        """The reasons of the customer at a place, the strongest first, in words."""
        found = []
        for index, contribution in zip(self.reason[place], self.contribution[place], strict=True):
            if index >= 0:
                feature = list(ALL.values())[index]
                value, usual = self.values[place, index], self.model.usual[index]
                said = feature.sentence(float(value), float(usual), self.model.horizon)
                found.append(Reason(feature.key, float(contribution), said))
        return tuple(found)

    def counts(self) -> dict[str, int]:
        """Customers per warning level."""
        return dict(zip(LEVELS, np.bincount(self.level, minlength=len(LEVELS)).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Band:
    """Customers with a similar probability of no purchase: foretold and real share."""

    lowest: float
    highest: float
    customers: int
    expected: float
    actual: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well probabilities put customers in order (AUC: .5 guessing, 1 perfect) and how far off they are (Brier)."""

    auc: float
    brier: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A model trained on one day and tried on a later one, beside the rules it must beat."""

    horizon: int
    trained_on: date
    tried_on: date
    customers: int
    base_rate: float
    model: Quality
    recency_rule: Quality
    bg_nbd: Quality
    bands: tuple[Band, ...]

    @property
    def better(self) -> bool:
        """Whether the model beats the recency rule on both counts."""
        return self.model.auc > self.recency_rule.auc and self.model.brier < self.recency_rule.brier


@on_one_core
def train(snapshot: Snapshot) -> Model:
    """Learn from the customers of a day and whether they bought within the horizon after it.

    Raises CannotLearn when fewer than 50 did or fewer than 50 did not.
    """
    gone = ~snapshot.bought
    if min(gone.sum(), (~gone).sum()) < FEWEST:
        raise _too_few(int((~gone).sum()), int(gone.sum()), snapshot.horizon)
    values = _values(snapshot)
    shaped = _shaped(values)
    middle, scale = shaped.mean(axis=0), shaped.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    standard = (shaped - middle) / scale
    beta = logistic.fit(standard, gone, penalty=PENALTY, signs=SIGNS)
    return Model(
        horizon=snapshot.horizon,
        trained_on=snapshot.as_of,
        customers=len(gone),
        base_rate=float(gone.mean()),
        middle=middle,
        scale=scale,
        usual=values.mean(axis=0),
        intercept=float(beta[0]),
        coefficients=beta[1:],
        line=logistic.calibration(standard, gone, penalty=PENALTY, signs=SIGNS),
    )


@on_one_core
def score(model: Model, snapshot: Snapshot, *, cuts: Cuts | None = None) -> Scores:
    """Judge the customers of a day; raises CannotLearn when the snapshot looks at another horizon than the model."""
    cuts = cuts or Cuts()
    if snapshot.horizon != model.horizon:
        raise _other_horizon(model.horizon, snapshot.horizon)
    values = _values(snapshot)
    parts = (_shaped(values) - model.middle) / model.scale * model.coefficients
    probability = expit(model.line[0] + model.line[1] * (model.intercept + parts.sum(axis=1)))
    reason, contribution = _reasons(parts * model.line[1])
    edges = [cuts.watch, cuts.warning, cuts.critical]
    return Scores(
        model=model,
        customer_id=snapshot.customer_id,
        probability=probability,
        level=np.searchsorted(edges, probability, side="right").astype(np.int8),
        reason=reason,
        contribution=contribution,
        values=values,
    )


@on_one_core
def validate(earlier: Snapshot, later: Snapshot) -> Validation:
    """Train on one day, try on a day at least a horizon later: no customer's future is seen in training.

    The recency rule knows only how long ago the last purchase was; BG/NBD is its own chance of a purchase.
    """
    if later.as_of < earlier.as_of + timedelta(days=earlier.horizon):
        raise _overlap(earlier.as_of, later.as_of, earlier.horizon)
    scores = score(train(earlier), later)
    gone = ~later.bought
    return Validation(
        horizon=later.horizon,
        trained_on=earlier.as_of,
        tried_on=later.as_of,
        customers=len(gone),
        base_rate=float(gone.mean()),
        model=quality(scores.probability, gone),
        recency_rule=_recency_rule(earlier, later),
        bg_nbd=quality(1 - scores.values[:, -1], gone),
        bands=_bands(scores.probability, gone),
    )


def quality(probability: Floats, happened: NDArray[np.bool_]) -> Quality:
    """AUC (ties count half) and Brier score of probabilities; shape (n,) each."""
    _, place, number = np.unique(probability, return_inverse=True, return_counts=True)
    rank = (np.cumsum(number) - (number - 1) / 2)[place]
    yes = int(happened.sum())
    no = len(happened) - yes
    auc = (rank[happened].sum() - yes * (yes + 1) / 2) / (yes * no) if yes and no else float("nan")
    return Quality(float(auc), float(np.mean((probability - happened) ** 2)))


def _values(snapshot: Snapshot) -> Floats:
    """The raw features with BG/NBD's chance of a purchase, fitted to these histories; shape (n, 17)."""
    history = (snapshot.frequency, snapshot.recency, snapshot.age)
    chance = clv.p_purchase(clv.fit(*history), *history, horizon=snapshot.horizon)
    return np.column_stack([snapshot.features, np.clip(chance, 1e-6, 1 - 1e-6)])


def _shaped(values: Floats) -> Floats:
    columns = [values[:, place] for place in range(values.shape[1])]
    for place, feature in enumerate(FEATURES.values()):
        if feature.shape == "log":
            columns[place] = np.log1p(np.maximum(columns[place], 0.0))
        elif feature.shape == "signed_log":
            columns[place] = np.sign(columns[place]) * np.log1p(np.abs(columns[place]))
    return np.column_stack([*columns[:-1], logit(columns[-1])])


def _reasons(parts: Floats) -> tuple[NDArray[np.int8], Floats]:
    """The strongest themes per customer, each named by the feature of a known sign that adds most to it."""
    total = np.column_stack([parts[:, places].sum(axis=1) for places in _BY_THEME])
    lead = np.column_stack([signed[parts[:, signed].argmax(axis=1)] for signed in _SIGNED])
    order = np.argsort(-total, axis=1, kind="stable")[:, :REASONS]
    contribution = np.take_along_axis(total, order, axis=1)
    reason = np.where(contribution > 0, np.take_along_axis(lead, order, axis=1), -1).astype(np.int8)
    return reason, np.where(contribution > 0, contribution, 0.0)


def _recency_rule(earlier: Snapshot, later: Snapshot) -> Quality:
    """The order that the time since the last purchase gives, and the shares learnt by tenths of it on the earlier day."""
    before, silence = earlier.age - earlier.recency, later.age - later.recency
    tenths = np.array_split(np.argsort(before, kind="stable"), BANDS)
    share = [(~earlier.bought[rows]).mean() for rows in tenths]
    foretold = np.interp(silence, [before[rows].mean() for rows in tenths], share)
    return Quality(quality(silence, ~later.bought).auc, quality(foretold, ~later.bought).brier)


def _bands(probability: Floats, happened: NDArray[np.bool_]) -> tuple[Band, ...]:
    """Tenths of the customers by probability, foretold against real."""
    order = np.argsort(probability, kind="stable")
    found: Sequence[NDArray[np.int64]] = np.array_split(order, BANDS)
    return tuple(
        Band(
            float(probability[rows[0]]),
            float(probability[rows[-1]]),
            len(rows),
            float(probability[rows].mean()),
            float(happened[rows].mean()),
        )
        for rows in found
        if len(rows)
    )


def _too_few(bought: int, gone: int, horizon: int) -> CannotLearn:
    return CannotLearn(
        Text(
            f"样本太少:{horizon} 天内购买的 {bought} 位,未购买的 {gone} 位,各需至少 {FEWEST} 位。",
            f"Too few to learn from: {bought} bought within {horizon} days and {gone} did not; at least {FEWEST} of each "
            "are needed.",
        ),
        Text("请换一个预测期,或等订单更多时再试。", "Choose another horizon, or wait for more orders."),
        place=Text("流失预测", "Churn"),
    )


def _other_horizon(learnt: int, asked: int) -> CannotLearn:
    return CannotLearn(
        Text(
            f"模型按 {learnt} 天训练,却要判断 {asked} 天。", f"The model learnt {learnt} days, not {asked}."
        ),
        Text("请按同一预测期重新训练。", "Train it for the same horizon."),
        place=Text("流失预测", "Churn"),
    )


def _overlap(earlier: date, later: date, horizon: int) -> CannotLearn:
    return CannotLearn(
        Text(
            f"{earlier} 之后的 {horizon} 天尚未在 {later} 前结束,检验会看到未来。",
            f"The {horizon} days after {earlier} are not over by {later}: the trial would see the future.",
        ),
        Text("请让两天至少相隔一个预测期。", "Leave at least one horizon between the two days."),
        place=Text("流失预测", "Churn"),
    )
