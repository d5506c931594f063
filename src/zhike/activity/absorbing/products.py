"""Products: known by their code; a later file fills in or corrects what an order could not tell."""

import pyarrow as pa
import pyarrow.compute as pc

from zhike.customers.facts import Outcome
from zhike.kernel import bulk

COLUMNS = {
    "row": "bigint", "code": "text", "name": "text", "category": "text", "brand": "text", "price": "numeric",
}  # fmt: skip
NEW = """
    INSERT INTO activity_product (code, name, category, brand, price, source)
    SELECT DISTINCT ON (code) code, coalesce(name, ''), coalesce(category, ''), coalesce(brand, ''), price, %(source)s
    FROM {staged} WHERE code IS NOT NULL ORDER BY code, row DESC
    ON CONFLICT (code) DO NOTHING
"""
CHANGED = """
    WITH told AS (SELECT DISTINCT ON (code) * FROM {staged} WHERE code IS NOT NULL ORDER BY code, row DESC),
    wanted AS (
        SELECT p.id, p.category <> coalesce(nullif(t.category, ''), p.category) AS moved,
               coalesce(nullif(t.name, ''), p.name) AS name, coalesce(nullif(t.category, ''), p.category) AS category,
               coalesce(nullif(t.brand, ''), p.brand) AS brand, coalesce(t.price, p.price) AS price
        FROM told t JOIN activity_product p ON p.code = t.code
    ),
    changed AS (
        UPDATE activity_product p SET name = w.name, category = w.category, brand = w.brand, price = w.price
        FROM wanted w WHERE w.id = p.id
          AND (p.name, p.category, p.brand, p.price) IS DISTINCT FROM (w.name, w.category, w.brand, w.price)
        RETURNING p.id, w.moved
    )
    SELECT id, moved FROM changed
"""


def absorb(table: pa.Table, source: str) -> Outcome:
    """Take a chunk of products in; the last word of a file about a product counts."""
    for name in ("name", "category", "brand"):
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    with bulk.staged_table(COLUMNS, table) as staged:
        added = bulk.run(NEW.format(staged=staged), {"source": source})
        changed = bulk.rows(CHANGED.format(staged=staged))
    touch_lines([product for product, moved in changed if moved])
    return Outcome(accepted=table.num_rows, added=added, changed=len(changed))


def from_orders(table: pa.Table, source: str) -> None:
    """Products first seen in an order; what is known already is only filled in where it is empty."""
    columns = {"product_code": "code", "product_name": "name", "category": "category"}
    present = [column for column in columns if column in table.column_names]
    if "product_code" not in present:
        return
    seen = table.select(present).filter(pc.is_valid(table["product_code"]))
    seen = seen.group_by("product_code", use_threads=False).aggregate(
        [(column, "max") for column in present if column != "product_code"]
    )
    seen = seen.rename_columns([columns[name.removesuffix("_max")] for name in seen.column_names])
    seen = seen.append_column("row", pa.array(range(seen.num_rows), pa.int64()))
    with bulk.staged_table(COLUMNS, seen) as staged:
        bulk.run(NEW.format(staged=staged), {"source": source})
        if len(present) > 1:
            moved = bulk.rows(
                f"UPDATE activity_product p SET name = coalesce(nullif(p.name, ''), s.name, ''), "
                f"category = coalesce(nullif(p.category, ''), s.category, '') FROM {staged} s WHERE p.code = s.code "
                "AND ((p.name = '' AND s.name <> '') OR (p.category = '' AND s.category <> '')) RETURNING p.id"
            )
            touch_lines([row[0] for row in moved])


def touch_lines(products: list[int]) -> None:
    """The lake shows a line's category: lines of products whose category changed are copied anew."""
    if products:
        bulk.run("UPDATE activity_orderline SET batch = batch WHERE product_id = ANY(%s)", [products])
