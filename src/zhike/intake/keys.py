"""Gives every row a key that the same file sent again gives again, while two equal rows in one file stay two."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhike.intake.facts import Kind

Marks = npt.NDArray[np.uint64]
LONGEST = 40
RUNS = 8


class Keys:
    """Counts how often each row has occurred in the file so far; needs eight bytes a row."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._seen: list[Marks] = []

    def remember(self, marks: bytes) -> None:
        """Count rows of a chunk that was staged before an interruption."""
        if marks:
            self._add(np.sort(np.frombuffer(marks, dtype=np.uint64)))

    def add(self, table: pa.Table) -> tuple[pa.Table, bytes]:
        """The table with `row_key` and `occurrence`, and the marks to remember it by."""
        if not self._kind.keyed_by:
            return table, b""
        texts = _texts(table, self._kind.keyed_by)
        digests = [blake2b(text.encode(), digest_size=8).digest() for text in texts]
        marks = np.frombuffer(b"".join(digests), dtype=np.uint64)
        occurrence = self._count(marks)
        keys = [f"{digest.hex()}-{nth}" for digest, nth in zip(digests, occurrence.tolist(), strict=True)]
        own = (
            table[self._kind.numbered_by].to_pylist() if self._kind.numbered_by in table.column_names else ()
        )
        for index, number in enumerate(own):
            if number:
                keys[index] = _own_key(number)
        table = table.append_column("row_key", pa.array(keys, pa.string()))
        return table.append_column("occurrence", pa.array(occurrence, pa.int64())), marks.tobytes()

    def _count(self, marks: Marks) -> npt.NDArray[np.int64]:
        """Which occurrence in the file each row is, from 1."""
        order = np.argsort(marks, kind="stable")
        ordered = marks[order]
        before = sum(
            (
                np.searchsorted(run, ordered, "right") - np.searchsorted(run, ordered, "left")
                for run in self._seen
            ),
            start=np.zeros(len(marks), dtype=np.int64),
        )
        places = np.arange(len(ordered))
        within = places - np.searchsorted(ordered, ordered, "left")
        result = np.empty(len(marks), dtype=np.int64)
        result[order] = before + within + 1
        self._add(ordered)
        return result

    def _add(self, run: Marks) -> None:
        self._seen.append(run)
        if len(self._seen) > RUNS:
            self._seen = [np.sort(np.concatenate(self._seen))]


def _texts(table: pa.Table, columns: tuple[str, ...]) -> list[str]:
    """One text per row of the cells that make it what it is."""
    present = [table[name].cast(pa.string()) for name in columns if name in table.column_names]
    joined = pc.binary_join_element_wise(*present, "\x1f", null_handling="replace", null_replacement="\x00")
    texts: list[str] = joined.to_pylist()
    return texts


def _own_key(number: str) -> str:
    """A number of the file as key; one that is too long is told apart by its digest."""
    key = f"#{number}"
    return key if len(key) <= LONGEST else f"#{blake2b(number.encode(), digest_size=16).hexdigest()}"
