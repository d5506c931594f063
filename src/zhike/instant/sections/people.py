"""How a customer is written in a report: the code; a name only if asked; a phone, mail or name that serves as code masked."""

from dataclasses import dataclass
from typing import Any

from zhike.core import masks
from zhike.core.spreadsheets import inert
from zhike.core.text import Text
from zhike.instant.report import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """By which meaning customers are told apart, and whether names may be shown."""

    identity: str
    named: bool
    names: bool

    def columns(self) -> tuple[Column, ...]:
        """The columns that say who it is."""
        code = Column(Text("客户", "Customer"))
        return (code, Column(Text("姓名", "Name"))) if self._with_names else (code,)

    def cells(self, row: dict[str, Any]) -> tuple[object, ...]:
        """What stands in them."""
        code = inert(self._code(row))
        return (code, inert(row["name"] or "")) if self._with_names else (code,)

    @property
    def _with_names(self) -> bool:
        return self.names and self.named and self.identity != "customer_name"

    def _code(self, row: dict[str, Any]) -> str:
        who = str(row["who"])
        if self.names or self.identity == "customer_code":
            return who
        masked = {"phone": masks.phone, "email": masks.email, "customer_name": masks.name}[self.identity](who)
        return f"{masked} #{row['customer_id']}"
