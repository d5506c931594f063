"""Whose rows they are: customer codes become customers, rows of strangers wait."""

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.customers.facts import Held

IMPORT_FIRST = Text(
    "请先导入该客户,或改正客户编号,然后在批次页重试这些行。",
    "Import the customer first, or correct the code; then try these rows again on the batch's page.",
)


def with_owners(table: pa.Table, source: str) -> tuple[pa.Table, list[Held]]:
    """The rows of known customers with a `customer_id`, and the others as held."""
    if "customer_code" not in table.column_names:
        table = table.append_column("customer_code", pa.nulls(table.num_rows, pa.string()))
    codes = pc.dictionary_encode(table.column("customer_code").combine_chunks())
    named = codes.dictionary.to_pylist()
    known = customers.by_source_codes(source, [code for code in named if code])
    ids = pa.array([known.get(code) for code in named], pa.int64())
    table = table.append_column("customer_id", ids.take(codes.indices))
    strangers = table.filter(pc.is_null(table["customer_id"]))
    held = [
        Held(row, nobody(code or ""), IMPORT_FIRST, "customer_code")
        for row, code in zip(
            strangers["row"].to_pylist(), strangers["customer_code"].to_pylist(), strict=True
        )
    ]
    return table.filter(pc.is_valid(table["customer_id"])), held


def nobody(code: str) -> Text:
    """Nobody is known under a code."""
    return Text(f"没有编号为“{code}”的客户。", f"There is no customer with the code “{code}”.")
