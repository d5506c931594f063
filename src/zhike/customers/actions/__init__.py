"""Everything that changes customers; other stages call these and nothing else."""

from zhike.customers.actions.editing import AlreadyThere, EditedMeanwhile, create, edit, restore
from zhike.customers.actions.keeping import assign, erase, object_to_profile, reveal
from zhike.customers.actions.taking import absorb, reader
from zhike.customers.actions.views import drop_view, save_view

__all__ = [
    "AlreadyThere",
    "EditedMeanwhile",
    "absorb",
    "assign",
    "create",
    "drop_view",
    "edit",
    "erase",
    "object_to_profile",
    "reader",
    "restore",
    "reveal",
    "save_view",
]
