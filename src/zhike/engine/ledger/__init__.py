"""The balance sheet of the customer base: what customers are worth on one day, on another, and what moved in between.

For every customer `opening + model + change = closing`, in whole cents, and each customer is in exactly one movement; so
any sum over customers (all, a tier, a region, a manager, a channel) balances exactly. `movements` defines the movements in
words, `entries` computes the row of every customer, `keeping` keeps the rows of a statement in the lake, and `statement` sums.
"""

from zhike.engine.ledger.entries import Terms, entries
from zhike.engine.ledger.keeping import drop_others, kept, put
from zhike.engine.ledger.movements import MOVEMENTS, Movement
from zhike.engine.ledger.statement import (
    DIMENSIONS,
    Control,
    Slice,
    Sums,
    Total,
    cells,
    control,
    slices,
    total,
)

__all__ = [
    "DIMENSIONS",
    "MOVEMENTS",
    "Control",
    "Movement",
    "Slice",
    "Sums",
    "Terms",
    "Total",
    "cells",
    "control",
    "drop_others",
    "entries",
    "kept",
    "put",
    "slices",
    "total",
]
