"""Which comparisons may be written where, and the spellings people use for them."""

from __future__ import annotations

from collections.abc import Mapping

from zhike.core.rules.refusing import Path, brief, refuse
from zhike.core.rules.tree import Op
from zhike.core.text import Text

COMPARE = frozenset({Op.EQ, Op.NE, Op.GT, Op.GE, Op.LT, Op.LE})
PRESENCE = frozenset({Op.EMPTY, Op.FILLED})
MOVING = frozenset({Op.WITHIN_LAST, Op.WITHIN_NEXT, Op.OLDER_THAN, Op.LATER_THAN})
_PICK = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN}) | PRESENCE
OPS_OF_TYPE: dict[str, frozenset[Op]] = {
    **dict.fromkeys(("number", "integer", "money"), COMPARE | PRESENCE),
    "date": COMPARE | PRESENCE | MOVING | {Op.BIRTHDAY},
    **dict.fromkeys(("region", "industry"), _PICK | {Op.WITHIN}),
    **dict.fromkeys(("text", "url", "credit_code"), _PICK | {Op.CONTAINS}),
    "long_text": PRESENCE | {Op.CONTAINS},
    "choice": _PICK,
    "multi_choice": frozenset({Op.CONTAINS, Op.IN, Op.NOT_IN}) | PRESENCE,
    "boolean": frozenset({Op.EQ, Op.NE}) | PRESENCE,
}
_SPELLINGS = {
    "==": "=",
    "<>": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "not_in": "not in",
    "＞": ">",
    "＜": "<",
    "=>": ">=",
    "=<": "<=",
}


def operator(raw: Mapping[str, object], path: Path, allowed: frozenset[Op]) -> Op:
    """Read the comparison of a test."""
    said = raw.get("op")
    said = _SPELLINGS.get(said, said) if isinstance(said, str) else said
    found = next((op for op in allowed if op.value == said), None) if isinstance(said, str) else None
    if found is None:
        names = " ".join(op.value for op in Op if op in allowed)
        refuse(
            (*path, "op"),
            Text(
                f"这里不能用“{brief(raw.get('op'))}”比较。", f"“{brief(raw.get('op'))}” cannot be used here."
            ),
            Text(f"可用:{names}。", f"Use one of: {names}."),
        )
    return found
