"""The shipped baskets of Complete Journey as lines of purchases, items by kind of product."""

from functools import lru_cache
from pathlib import Path

import polars as pl
import pyarrow as pa

from zhike.engine.recommend import v1

FOLDER = Path(__file__).parents[2] / "src/zhike/loop/demo/data"
PRODUCTS = pa.schema([("code", pa.string()), ("name", pa.string()), ("category", pa.string())])


@lru_cache(maxsize=1)
def lines() -> tuple[v1.Lines, int]:
    """What each household bought on which day, and the number of items; those hardly anybody bought are left out."""
    products = pl.read_csv(FOLDER / "products.csv.gz", infer_schema=False).select(
        code="product_id",
        name=pl.coalesce("product_type", "product_category", "department"),
        category="department",
    )
    sold = pl.read_csv(FOLDER / "transactions_sample.csv.gz", infer_schema=False).select(
        code="product_id",
        customer=pl.col("household_id").cast(pl.Int64),
        day=pl.col("transaction_timestamp").cast(pl.Float64).cast(pl.Int64) // 86400,
    )
    known = sold.join(products.fill_null(""), on="code")
    buyers = known.group_by("name").agg(pl.col("customer").n_unique()).filter(pl.col("customer") >= 5)
    named = {name: place for place, name in enumerate(sorted(buyers["name"]))}
    known = known.filter(pl.col("name").is_in(list(named)))
    item = known["name"].replace_strict(named, return_dtype=pl.Int64)
    return v1.ordered(known["customer"].to_numpy(), item.to_numpy(), known["day"].to_numpy()), len(named)
