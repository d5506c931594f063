"""What the customers stage hands to others."""

from dataclasses import dataclass, field
from typing import NamedTuple

from zhike.core.errors import Refusal
from zhike.core.text import Text

MANUAL = "manual"


class CustomerRefusal(Refusal):
    """Something about a customer was asked that cannot be done."""


class Held(NamedTuple):
    """One row that waits for a person: which, why, what to do, and the field whose value is in the way, if it is one."""

    row: int
    reason: Text
    remedy: Text
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the rows of one chunk: read = accepted + held."""

    accepted: int
    held: tuple[Held, ...] = ()
    added: int = 0
    changed: int = 0
    customers: tuple[int, ...] = field(default=(), repr=False)
