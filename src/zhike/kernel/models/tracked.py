"""Rows that the lake copies carry the id of the transaction that wrote them, so that a late commit is never missed."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Func


class CurrentTransactionId(Func):
    """`pg_current_xact_id()`."""

    function = "pg_current_xact_id"
    arity = 0


if TYPE_CHECKING:
    _IntegerField = models.Field[int, int]
else:  # Django's fields are generic only for the type checker
    _IntegerField = models.Field


class TransactionIdField(_IntegerField):
    """A 64-bit transaction id (`xid8`), stamped by the database on every write."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(editable=False, db_default=CurrentTransactionId())
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Leave out what `__init__` sets itself."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs.pop("db_default", None)
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """PostgreSQL's own type, which compares in commit-safe order."""
        return "xid8"

    def get_prep_value(self, value: Any) -> Any:
        """xid8 has no cast from integers, only from text."""
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> int | None:
        """The driver hands xid8 over as text."""
        return None if value is None else int(value)


class Tracked(models.Model):
    """Base of every model that has a copy in the lake (see `kernel.tracking` and `kernel.lake`)."""

    tx = TransactionIdField()

    class Meta:
        abstract = True


class Deletion(models.Model):
    """A tracked row that is gone: the lake deletes it too at the next sync."""

    table_name = models.TextField()
    row_id = models.BigIntegerField()
    tx = TransactionIdField(db_index=True)

    class Privacy:
        internal = {"id", "table_name", "row_id", "tx"}
