"""Value and churn beside lifetimes and scikit-learn: `python -m bench.value`, with ZHIKE_CDNOW naming the CDNOW folder.

Without it a simulated base of the same size stands in. The peers go into a virtual environment of their own, which is
removed afterwards; where it cannot be made they are left out with a word. Their Python is `--peers` when given.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from tests.engine import cdnow
from tests.engine.buyers import simulate

from bench import measures
from bench.measures import Measure
from zhike.engine.churn import v1 as churn
from zhike.engine.churn.features import Snapshot, snapshot
from zhike.engine.clv import v1
from zhike.engine.lake import SHAPES, Session

PUBLISHED = (0.243, 4.414, 0.793, 2.426)
SAMPLE = 2357
LARGE = 1_000_000
START = date(1997, 1, 1)
HORIZON = 91
History = tuple[np.ndarray, np.ndarray, np.ndarray]


def main() -> None:
    """Measure, ask the peers, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.value", description=__doc__)
    parser.add_argument("--peers", default="", help="a Python that has lifetimes and scikit-learn")
    chosen = parser.parse_args()
    machine = measures.machine()
    with tempfile.TemporaryDirectory(prefix="zhike-value-") as made:
        folder = Path(made)
        found = _value(folder) + _churn(folder)
        peers = _asked(folder, chosen.peers)
    print(f"\n{machine}\n")
    print(measures.table(found + _beside(found, peers)))


def _value(folder: Path) -> list[Measure]:
    found = []
    for name, (frequency, recency, age) in _bases().items():
        np.savez(folder / f"history-{name}.npz", frequency=frequency, recency=recency, age=age)
        seconds = _quickest(lambda h=(frequency, recency, age): v1.fit(*h), 25 if len(age) < LARGE else 5)
        fit = v1.fit(frequency, recency, age)
        aim = 0.5 if len(age) >= LARGE else None
        said = (
            f"r {fit.r:.4f}, alpha {fit.alpha:.4f}, a {fit.a:.4f}, b {fit.b:.4f}, LL {fit.log_likelihood:.4f}; "
            f"{fit.groups:,} different histories, {fit.evaluations} evaluations"
        )
        found.append(Measure(f"BG/NBD fit, {name}", seconds, "s", aim, said))
    return found


def _bases() -> dict[str, History]:
    dice = np.random.default_rng(2005)
    days = simulate((0.8, 60.0, 0.8, 2.5), dice.integers(1, 731, LARGE).astype(float))
    moments = simulate(PUBLISHED, dice.uniform(20, 100, LARGE))
    small = simulate(PUBLISHED, dice.integers(180, 274, SAMPLE) / 7)
    sample = cdnow.sample() if cdnow.FOLDER.is_dir() else (small.frequency, small.recency, small.age)
    return {
        "CDNOW sample" if cdnow.FOLDER.is_dir() else "simulated sample": sample,
        "1 M on whole days": (days.frequency, np.floor(days.recency), days.age),
        "1 M at any moment": (moments.frequency, moments.recency, moments.age),
    }


def _churn(folder: Path) -> list[Measure]:
    session = _session(folder)
    earlier, later = (snapshot(session, START + timedelta(weeks=n), horizon=HORIZON) for n in (26, 39))
    np.savez(folder / "churn-arrays.npz", **_arrays(earlier, "") | _arrays(later, "later_"))
    trial = churn.validate(earlier, later)
    base = "CDNOW" if cdnow.FOLDER.is_dir() else "simulated"
    said = f"{base}, trained on week 26, tried on week 39, {HORIZON} days, {trial.customers:,} customers"
    aims = (0.78, 0.116) if cdnow.FOLDER.is_dir() else (None, None)
    return [
        Measure("churn: AUC", trial.model.auc, "", aims[0], said, more_is_better=True),
        Measure("churn: Brier", trial.model.brier, "", aims[1], said),
        Measure("recency rule: AUC", trial.recency_rule.auc, "", None, said),
        Measure("recency rule: Brier", trial.recency_rule.brier, "", None, said),
        Measure("BG/NBD alone: AUC", trial.bg_nbd.auc, "", None, said),
        Measure("BG/NBD alone: Brier", trial.bg_nbd.brier, "", None, said),
        Measure(
            "churn: train",
            _quickest(lambda: churn.train(earlier), 3),
            "s",
            None,
            "with calibration in 5 folds",
        ),
    ]


def _arrays(day: Snapshot, prefix: str) -> dict[str, Any]:
    """The regression's own inputs, so that peers differ in the model only."""
    shaped = churn._shaped(churn._values(day))
    return {f"{prefix}x": (shaped - shaped.mean(axis=0)) / shaped.std(axis=0), f"{prefix}gone": ~day.bought}


def _session(folder: Path) -> Session:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("ATTACH ':memory:' AS lake")
    for name in ("customers", "orders"):
        columns = ", ".join(f'"{column}" {kind}' for column, kind in SHAPES[name].items())
        connection.execute(f"CREATE TABLE lake.main.{name} ({columns})")
    rows = cdnow.log() if cdnow.FOLDER.is_dir() else _shopping()
    path = folder / "orders.csv"
    path.write_text("".join(f"{who},{on},{amount}\n" for who, on, amount in rows))
    connection.execute(
        "INSERT INTO lake.main.orders (id, customer_id, placed_at, placed_on, amount, discount) "
        f"SELECT row_number() OVER (), column0, column1, column1, column2, 0 FROM read_csv('{path}', header=false)"
    )
    connection.execute(
        "INSERT INTO lake.main.customers (id) SELECT DISTINCT customer_id FROM lake.main.orders"
    )
    return Session(connection)


def _shopping() -> list[tuple[int, date, float]]:
    """Ten thousand customers who buy at a rate of their own and leave."""
    dice = np.random.default_rng(1997)
    found = []
    for customer in range(10_000):
        day, rate = float(dice.integers(0, 84)), dice.gamma(0.5, 1 / 20)
        leaving, typical = dice.beta(0.8, 2.4), dice.gamma(3, 12)
        while day < 546:
            found.append(
                (customer, START + timedelta(days=int(day)), round(typical * dice.uniform(0.5, 1.5), 2))
            )
            if dice.random() < leaving:
                break
            day += 1 + dice.exponential(1 / max(rate, 1e-6))
    return found


def _asked(folder: Path, python: str) -> dict[str, float]:
    """The peers' figures; empty, and said so, when they are not to be had."""
    python = python or installed(folder / "peers", "lifetimes", "scikit-learn")
    if not python:
        return {}
    done = subprocess.run(
        [python, str(Path(__file__).with_name("peers.py")), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print("… lifetimes and scikit-learn left out: they do not run here", file=sys.stderr)
        return {}
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def installed(venv: Path, *packages: str) -> str:
    """A Python with these packages in an environment of its own; empty, and said so, where it cannot be made."""
    named = " and ".join(packages)
    print(f"… installing {named} aside", file=sys.stderr, flush=True)
    python = venv / "bin" / "python"
    steps = (
        [sys.executable, "-m", "venv", str(venv)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
    )
    for step in steps:
        if subprocess.run(step, check=False).returncode:
            print(f"… {named} left out: they cannot be installed", file=sys.stderr)
            return ""
    return str(python)


def _beside(found: list[Measure], peers: dict[str, float]) -> list[Measure]:
    beside = []
    for one in found:
        name = one.what.removeprefix("BG/NBD fit, ")
        if f"{name} seconds" in peers:
            theirs = peers[f"{name} seconds"]
            reached = ", ".join(f"{key} {peers[f'{name} {key}']:.4f}" for key in ("r", "alpha", "a", "b"))
            said = f"lifetimes {theirs:.3f} s: {reached}; ours {one.value:.4f} s"
            beside.append(
                Measure(
                    f"against lifetimes, {name}",
                    theirs / one.value,
                    "× faster",
                    25,
                    said,
                    more_is_better=True,
                )
            )
    for name in ("logistic", "boosting"):
        if f"{name} auc" in peers:
            said = f"Brier {peers[f'{name} brier']:.4f}, {peers[f'{name} seconds']:.2f} s, same 17 inputs"
            beside.append(Measure(f"scikit-learn {name}: AUC", peers[f"{name} auc"], "", None, said))
    return beside


def _quickest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of the quickest round: what else runs on the machine only ever adds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
