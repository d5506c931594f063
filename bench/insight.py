"""`python -m bench.insight`: a million customers and twenty million orders, judged against DuckDB's bare group-by in the same run.

The base is seeded Parquet in a cache outside the project, made once. Each part runs in a process of its own, its memory watched.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import insight_parts, measures, peers_venv
from bench.measures import Measure

CUSTOMERS, ORDERS = 1_000_000, 20_000_000
PARTS = insight_parts.PARTS
BESIDE = {"others", "clv"}  # parts that ask peers
# Little memory is measured as somebody short of it would run: what DuckDB frees goes back to the system at once.
SPARING = {"classes": {"MALLOC_MMAP_THRESHOLD_": "131072"}}


def main() -> None:
    """Run every part, print the table, say which aims were missed."""
    chosen = _arguments()
    if chosen.part:
        print(
            json.dumps([dataclasses.asdict(one) for one in PARTS[chosen.part](_base(chosen), chosen.peers)])
        )
        return
    machine, began = measures.machine(), time.perf_counter()
    _say("the base: made on the first run, read afterwards")
    _asked("base", chosen, "")
    found: list[Measure] = []
    parts = [name for name in PARTS if name != "base" and (not chosen.only or name in chosen.only)]
    beside = any(part in BESIDE for part in parts)
    peers = peers_venv.python(_cache(chosen) / "peers", chosen.peers) if beside else ""
    for part in parts:
        _say(part)
        measured = _asked(part, chosen, peers)
        _say(measures.table(measured))
        found += measured
    print(
        f"\n{machine}; {chosen.customers:,} customers, {chosen.orders:,} orders, {time.perf_counter() - began:.0f} s in all\n"
    )
    print(measures.table(found))
    missed = [one.what for one in found if one.reached is False]
    print(f"\n{'every aim reached' if not missed else 'missed: ' + '; '.join(missed)}")


def _asked(part: str, chosen: argparse.Namespace, peers: str) -> list[Measure]:
    """What a part measured in a process of its own; a part that failed says so and leaves the others standing."""
    command = [
        sys.executable,
        "-m",
        "bench.insight",
        "--part",
        part,
        "--peers",
        peers,
        "--folder",
        str(_cache(chosen)),
    ]
    command += ["--customers", str(chosen.customers), "--orders", str(chosen.orders)]
    environment = os.environ | SPARING.get(part, {})
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    if done.returncode:
        return [Measure(f"{part}: FAILED", float("inf"), "", aim=0)]
    return [Measure(**one) for one in json.loads(done.stdout.strip().splitlines()[-1])]


def _cache(chosen: argparse.Namespace) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder: Path = chosen.folder or home / "zhike-bench"
    return folder


def _base(chosen: argparse.Namespace) -> insight_parts.Base:
    folder = _cache(chosen) / f"{chosen.customers}x{chosen.orders}"
    return insight_parts.Base(folder, chosen.customers, chosen.orders)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.insight", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the base is kept; default ~/.cache/zhike-bench"
    )
    parser.add_argument(
        "--peers", default="", help="a Python that has pandas, pyarrow, lifetimes and scikit-learn"
    )
    parser.add_argument("--only", nargs="*", default=[], choices=list(PARTS), help="only these parts")
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
