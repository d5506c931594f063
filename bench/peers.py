"""What lifetimes and scikit-learn make of the same arrays; run by an interpreter that has them, knows nothing of Zhike."""

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
