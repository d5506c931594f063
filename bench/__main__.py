"""`python -m bench`: generate, install, import, loop, visit, measure; prints a table with the aims."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bench import inside, measures, product, rfm
from bench.generator import generate
from bench.measures import Measure


def main() -> None:
    """Measure everything in a folder of its own, which is removed afterwards."""
    chosen = _arguments()
    machine = measures.machine()
    folder = Path(tempfile.mkdtemp(prefix="zhike-bench-", dir=chosen.folder))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # root's PostgreSQL runs under another account, which must reach the home
    try:
        found = _product(folder, chosen.customers, chosen.orders)
        if not chosen.small:
            _say("RFM on 1,000,000 customers × 20,000,000 orders")
            found += rfm.large(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{machine}\n")
    print(measures.table(found))


def _product(folder: Path, customers: int, orders: int) -> list[Measure]:
    _say(f"generating {customers:,} customers and {orders:,} orders")
    files = generate(folder / "files", customers=customers, orders=orders)
    found: list[Measure] = []
    _say("zhike up")
    with product.installed(folder / "home") as running:
        for step in (
            lambda: [product.idle_memory(running, "just started")],
            lambda: product.imports(running, files),
            lambda: product.loops(running),
            lambda: product.list_page(running),
            lambda: [product.idle_memory(running, "after all of this")],
            lambda: [Measure(**one) for one in inside.ask(running.home, "rfm_in_the_lake")],
        ):
            measured = step()
            _say(measures.table(measured))
            found += measured
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=2_000_000)
    parser.add_argument(
        "--small", action="store_true", help="without RFM on 1,000,000 customers × 20,000,000 orders"
    )
    parser.add_argument(
        "--folder", type=Path, default=None, help="where to work; default: the temporary folder"
    )
    return parser.parse_args()


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
