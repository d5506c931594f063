"""Recommendation beside ALS of implicit on the shipped baskets: `python -m bench.recommend`.

Complete Journey: 75,000 lines of 2,377 households in 2017, items by kind of product. Every method is tuned on one stretch
of 90 days and shown on the next; ALS too. implicit goes into a virtual environment of its own, which is removed afterwards;
where it cannot be made it is left out with a word. Its Python is `--peers` when given.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tests.engine import baskets

from bench import measures
from bench.measures import Measure
from bench.value import installed
from zhike.engine.recommend import v1
from zhike.engine.recommend.v1 import trial
from zhike.engine.recommend.words import METHODS

HORIZON = 90
SAID = {"both": "again and new in one list", "again": "again", "new": "new"}


def main() -> None:
    """Measure, ask the peer, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.recommend", description=__doc__)
    parser.add_argument("--peers", default="", help="a Python that has implicit")
    chosen = parser.parse_args()
    machine = measures.machine()
    with tempfile.TemporaryDirectory(prefix="zhike-recommend-") as made:
        folder = Path(made)
        found = _ours(folder)
        peer = _asked(folder, chosen.peers)
    print(f"\n{machine}\n")
    print(measures.table([*_against(found, peer), *found]))


def _ours(folder: Path) -> list[Measure]:
    told, size = baskets.lines()
    last = int(told.day.max())
    for name, back in (("earlier", 2), ("later", 1)):
        stretch = trial._stretch(told, size, last - back * HORIZON, HORIZON)
        assert stretch is not None
        times, rows = stretch.past.times, np.searchsorted(stretch.past.customer_id, stretch.some.customer_id)
        arrays = {"data": times.data, "indices": times.indices, "indptr": times.indptr, "shape": times.shape}
        np.savez(folder / f"baskets-{name}.npz", **arrays, rows=rows, truth=stretch.truth)
    began = time.process_time()
    found = v1.choose(told, size, as_of=last, horizon=HORIZON)
    taken = time.process_time() - began
    assert found.trial is not None
    measured = [
        Measure(
            f"{METHODS[one.method].en}: recall@10 {SAID[mode]}",
            recall,
            "",
            None,
            f"{found.trial.customers[mode]} customers",
        )
        for mode in SAID
        for one in found.trial.marks
        if (recall := one.recall.get(mode)) is not None
    ]
    return [
        *measured,
        Measure("trial of all methods", taken, "CPU s", None, f"{size:,} items, {len(told.day):,} lines"),
    ]


def _asked(folder: Path, python: str) -> dict[str, float]:
    """The peer's figures; empty, and said so, when they are not to be had."""
    python = python or installed(folder / "peers", "implicit", "threadpoolctl")
    if not python:
        return {}
    done = subprocess.run(
        [python, str(Path(__file__).with_name("peers.py")), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print("… implicit left out: it does not run here", file=sys.stderr)
        return {}
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _against(found: list[Measure], peer: dict[str, float]) -> list[Measure]:
    """The mix against the floor, and against ALS, both as aims."""
    by_name = {one.what: one.value for one in found}
    listed = []
    for mode, said in SAID.items():
        ours = by_name[f"{METHODS['ease+own'].en}: recall@10 {said}"]
        floor = by_name[f"{METHODS['own'].en}: recall@10 {said}"]
        listed.append(
            Measure(
                f"recall@10 {said}, against own history + popularity",
                ours,
                "",
                floor,
                "EASE + own",
                more_is_better=True,
            )
        )
        if peer:
            note = f"ALS with {peer[f'als {mode} factors']:.0f} factors, best of 24 settings"
            listed.append(
                Measure(
                    f"recall@10 {said}, against ALS of implicit",
                    ours,
                    "",
                    peer[f"als {mode}"],
                    note,
                    more_is_better=True,
                )
            )
    return listed


if __name__ == "__main__":
    main()
