"""RFM with its eight classes in pandas and in polars, as their manuals would have it; knows nothing of Zhike."""

import json
import resource
import sys
import time
from pathlib import Path

AS_OF = "2017-12-31"
STEPS = [0.2, 0.4, 0.6, 0.8]


def in_pandas(folder: Path) -> int:
    import pandas as pd

    orders = pd.read_parquet(folder / "orders.parquet", columns=["customer_id", "placed_on", "amount"])
    orders["placed_on"] = pd.to_datetime(orders["placed_on"])
    orders["amount"] = orders["amount"].astype("float64")
    found = orders.groupby("customer_id").agg(
        last=("placed_on", "max"), f=("amount", "size"), m=("amount", "sum")
    )
    found["r"] = -(pd.Timestamp(AS_OF) - found["last"]).dt.days
    high = [found[key] > found[key].quantile(STEPS[2], interpolation="lower") for key in ("r", "f", "m")]
    return int((high[0] * 4 + high[1] * 2 + high[2] * 1).count())


def in_polars(folder: Path) -> int:
    import polars as pl

    found = (
        pl.scan_parquet(folder / "orders.parquet")
        .group_by("customer_id")
        .agg(last=pl.col("placed_on").max(), f=pl.len(), m=pl.col("amount").sum())
        .collect(engine="streaming")
        .with_columns(r=-(pl.lit(AS_OF).str.to_date() - pl.col("last")).dt.total_days())
    )
    high = [pl.col(key) > pl.col(key).quantile(STEPS[2], "lower") for key in ("r", "f", "m")]
    classed = found.with_columns(
        code=high[0].cast(pl.Int8) * 4 + high[1].cast(pl.Int8) * 2 + high[2].cast(pl.Int8)
    )
    return classed.height


def main(name: str, folder: Path) -> None:
    """Print seconds and peak memory of one run."""
    began = time.perf_counter()
    {"pandas": in_pandas, "polars": in_polars}[name](folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
