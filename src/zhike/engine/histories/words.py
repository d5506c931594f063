"""Words of a column travel as their places among those that occur: numbers are quick to sort, compare and count."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from zhike.engine.lake import Session
from zhike.engine.lake.session import quoted

# A list is searched once for each word of a file's own dictionary, a type of words is asked for every row.
FEW = 500


@dataclass(frozen=True, slots=True)
class Words:
    """The words that occur in a column, and the SQL of each row's place among them."""

    listed: tuple[str, ...]
    place: str


@contextmanager
def words(session: Session, column: str, relation: str) -> Iterator[Words]:
    """The words of a column of a relation in SQL, readable within the block."""
    asked = f'SELECT DISTINCT "{column}" AS word FROM ({relation}) AS t WHERE "{column}" IS NOT NULL'
    found = session.cursor.execute(f"{asked} LIMIT {FEW + 1}").fetchall()
    if len(found) <= FEW:
        yield _few(column, tuple(word for (word,) in found))
        return
    kind = f"words_{uuid4().hex[:8]}"
    session.cursor.execute(f'CREATE TEMP TYPE "{kind}" AS ENUM ({asked})')
    try:
        (listed,) = session.one(f'SELECT enum_range(NULL::"{kind}")') or ((),)
        yield Words(tuple(listed), f'enum_code("{column}"::"{kind}")')
    finally:
        session.cursor.execute(f'DROP TYPE temp.main."{kind}"')


def _few(column: str, listed: tuple[str, ...]) -> Words:
    if not listed:
        return Words((), "NULL::INTEGER")
    return Words(listed, f'list_position([{", ".join(map(quoted, listed))}], "{column}") - 1')
