"""What lifetimes, scikit-learn and implicit make of the same arrays; run by a Python that has them, knows nothing of Zhike."""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

warnings.simplefilter("ignore")


def main(folder: Path) -> None:
    """Print {name: figure} for every set of arrays in the folder."""
    found: dict[str, float] = {}
    for path in sorted(folder.glob("history-*.npz")):
        found |= _lifetimes(path.stem.removeprefix("history-"), np.load(path))
    for path in sorted(folder.glob("churn-*.npz")):
        found |= _scikit(np.load(path))
    if (folder / "baskets-earlier.npz").exists():
        found |= _implicit(*(np.load(folder / f"baskets-{name}.npz") for name in ("earlier", "later")))
    print(json.dumps(found))


def _lifetimes(name: str, arrays: dict[str, np.ndarray]) -> dict[str, float]:
    from lifetimes import BetaGeoFitter

    history = (arrays["frequency"], arrays["recency"], arrays["age"])
    rounds = 7 if len(history[0]) < 100_000 else 1
    fitter = BetaGeoFitter(penalizer_coef=0.0)
    seconds = _quickest(lambda: fitter.fit(*history), rounds)
    found = {f"{name} {key}": float(fitter.params_[key]) for key in ("r", "alpha", "a", "b")}
    return found | {f"{name} seconds": seconds}


def _scikit(arrays: dict[str, np.ndarray]) -> dict[str, float]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    found: dict[str, float] = {}
    for name, model in (
        ("logistic", LogisticRegression(C=1.0, max_iter=5000)),
        ("boosting", HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, random_state=0)),
    ):
        found[f"{name} seconds"] = _quickest(lambda model=model: model.fit(arrays["x"], arrays["gone"]), 1)
        foretold = model.predict_proba(arrays["later_x"])[:, 1]
        found[f"{name} auc"] = float(roc_auc_score(arrays["later_gone"], foretold))
        found[f"{name} brier"] = float(brier_score_loss(arrays["later_gone"], foretold))
    return found


def _implicit(earlier: dict[str, np.ndarray], later: dict[str, np.ndarray]) -> dict[str, float]:
    """ALS with the settings that did best on the earlier stretch, for each kind of recommendation by itself."""
    grid = [(f, r, a) for f in (16, 32, 64, 128) for r in (0.01, 1.0) for a in (1.0, 10.0, 40.0)]
    marks = {settings: _als(earlier, *settings) for settings in grid}
    found: dict[str, float] = {}
    for mode in ("again", "new", "both"):
        best = max(grid, key=lambda one, mode=mode: marks[one][mode])
        found |= {f"als {mode}": _als(later, *best)[mode], f"als {mode} factors": best[0]}
    return found


def _als(stretch: dict[str, np.ndarray], factors: int, penalty: float, alpha: float) -> dict[str, float]:
    from implicit.als import AlternatingLeastSquares
    from scipy import sparse
    from threadpoolctl import threadpool_limits

    times = sparse.csr_matrix(
        (stretch["data"], stretch["indices"], stretch["indptr"]), shape=tuple(stretch["shape"])
    )
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors, regularization=penalty, alpha=alpha, random_state=0, num_threads=2
        )
        model.fit(times, show_progress=False)
    score = model.user_factors[stretch["rows"]] @ model.item_factors.T
    held = times[stretch["rows"]].toarray() > 0
    return {mode: _recall(score, held, stretch["truth"], mode) for mode in ("again", "new", "both")}


def _recall(score: np.ndarray, held: np.ndarray, truth: np.ndarray, mode: str) -> float:
    open_to = {"again": held, "new": ~held, "both": np.ones_like(held)}[mode]
    wanted = truth & open_to
    rows = wanted.any(axis=1)
    top = np.argsort(-np.where(open_to, score, -np.inf)[rows], axis=1, kind="stable")[:, :10]
    return float(
        (np.take_along_axis(wanted[rows], top, axis=1).sum(axis=1) / wanted[rows].sum(axis=1)).mean()
    )


def _quickest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of the quickest round: what else runs on the machine only ever adds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
