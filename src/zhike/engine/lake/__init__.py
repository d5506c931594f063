"""The lake: a derived, columnar copy of the facts, read by DuckDB and rebuildable at any time."""

from zhike.engine.lake.session import Lake, LakeUnreachable, Session
from zhike.engine.lake.sync import SyncReceipt, TableReceipt, copied, reset, sync
from zhike.engine.lake.tables import SHAPES, LakeTable
from zhike.engine.lake.upkeep import Upkeep, erase, maintain, purge

__all__ = [
    "SHAPES",
    "Lake",
    "LakeTable",
    "LakeUnreachable",
    "Session",
    "SyncReceipt",
    "TableReceipt",
    "Upkeep",
    "copied",
    "erase",
    "maintain",
    "purge",
    "reset",
    "sync",
]
