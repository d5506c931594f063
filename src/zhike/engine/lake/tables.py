"""What the lake holds: the declaration of one table, and the shapes every computation may rely on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

MONEY = "DECIMAL(14,2)"

SHAPES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "customers": {
            "id": "BIGINT",
            "kind": "VARCHAR",
            "code": "VARCHAR",
            "manager_id": "BIGINT",
            "department_id": "BIGINT",
            "created_on": "DATE",
            "fields": "JSON",
        },
        "orders": {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "placed_at": "TIMESTAMP",
            "placed_on": "DATE",
            "amount": MONEY,
            "discount": MONEY,
            "channel": "VARCHAR",
            "store": "VARCHAR",
            "payment": "VARCHAR",
        },
        "order_lines": {
            "id": "BIGINT",
            "order_id": "BIGINT",
            "customer_id": "BIGINT",
            "placed_on": "DATE",
            "product_code": "VARCHAR",
            "category": "VARCHAR",
            "quantity": "DECIMAL(14,3)",
            "amount": MONEY,
            "discount": MONEY,
        },
        "returns": {
            "id": "BIGINT",
            "order_id": "BIGINT",
            "customer_id": "BIGINT",
            "returned_on": "DATE",
            "amount": MONEY,
        },
        "interactions": {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "at": "TIMESTAMP",
            "on_date": "DATE",
            "channel": "VARCHAR",
            "purpose": "VARCHAR",
            "direction": "VARCHAR",
        },
        "feedback": {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "at": "TIMESTAMP",
            "on_date": "DATE",
            "rating": "DECIMAL(4,2)",
            "channel": "VARCHAR",
        },
        "events": {"id": "BIGINT", "customer_id": "BIGINT", "at": "TIMESTAMP", "kind": "VARCHAR"},
        "placements": {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "tier": "VARCHAR",
            "since": "DATE",
            "until": "DATE",
        },
        "memberships": {
            "id": "BIGINT",
            "customer_id": "BIGINT",
            "segment": "VARCHAR",
            "since": "DATE",
            "until": "DATE",
        },
        "taggings": {"id": "BIGINT", "customer_id": "BIGINT", "tag": "VARCHAR"},
        # Computed here, not copied: which RFM class and warning level the latest runs gave each customer.
        "classes": {"customer_id": "BIGINT", "kind": "VARCHAR", "key": "VARCHAR"},
        "records": {"id": "BIGINT", "customer_id": "BIGINT", "on_date": "DATE", "result": "VARCHAR"},
        # Computed here, not copied: the rows of balance sheets, amounts in cents.
        "ledger": {
            "statement": "VARCHAR",
            "customer_id": "BIGINT",
            "movement": "VARCHAR",
            **dict.fromkeys(("opening", "model", "change", "closing"), "BIGINT"),
            **dict.fromkeys(("off0", "off1"), "DOUBLE"),
            **dict.fromkeys(("earned0", "ordered", "returned", "orders0", "prior", "orders"), "BIGINT"),
            **dict.fromkeys(("known0", "asleep0", "asleep1"), "BOOLEAN"),
            **dict.fromkeys(("level0", "level1"), "VARCHAR"),
            "last1": "DATE",
            **dict.fromkeys(("tier0", "tier1", "rfm0", "rfm1"), "VARCHAR"),
            **dict.fromkeys(("region0", "region1", "channel0", "channel1"), "VARCHAR"),
            "manager": "BIGINT",
        },
    }
)

_FROM = re.compile(r"\bfrom\s+(?:only\s+)?\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeTable:
    """One table of the lake and the PostgreSQL query that yields its rows.

    `columns` maps lake column to DuckDB type, in order. `select` must yield those columns, `key` among them, and `tx`:
    the transaction (xid8) that wrote the row last. `days` names the date columns that are the day of a moment column
    (date → moment): the lake makes them itself, since asking PostgreSQL for the local time twice doubles the reading.
    `source` is the table whose deletions remove rows; when empty it is the first table named after FROM.
    """

    name: str
    columns: Mapping[str, str]
    select: str
    key: str = "id"
    tx: str = "tx"
    source: str = ""
    days: Mapping[str, str] = field(default_factory=dict)

    @property
    def deleted_from(self) -> str:
        """The PostgreSQL table whose entries in kernel_deletion remove rows here."""
        if self.source:
            return self.source
        found = _FROM.search(self.select)
        return found.group(1) if found else self.name

    @property
    def fingerprint(self) -> str:
        """Changes whenever the declaration does, so that a changed table is loaded afresh."""
        told = (
            self.name,
            dict(self.columns),
            self.select,
            self.key,
            self.tx,
            self.deleted_from,
            dict(self.days),
        )
        text = repr(told)
        return sha256(text.encode()).hexdigest()[:16]

    def query(self, condition: str) -> str:
        """The PostgreSQL query for the rows whose transaction meets a condition."""
        listed = ", ".join(f'r."{column}"' for column in self.columns if column not in self.days)
        return f"SELECT {listed} FROM ({self.select}) AS r WHERE {condition}"
