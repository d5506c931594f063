"""Uploaded files while they are worked on: kept under the home, readable by its owner only, sealed block by block."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings

from zhike.core.text import Text
from zhike.intake.facts import IntakeRefusal
from zhike.intake.reading.filetypes import Opener
from zhike.kernel import sealing

BLOCK = 1 << 20
LENGTH = 4


def path_of(key: UUID) -> Path:
    """Where the file of a batch lies."""
    home: Path = settings.CONFIG.home
    return home / "spool" / f"{key}.sealed"


def write(key: UUID, blocks: Iterable[bytes]) -> tuple[str, int]:
    """Seal a file into the spool; returns its SHA-256 and size."""
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for number, block in enumerate(_equal(blocks)):
            digest.update(block)
            size += len(block)
            sealed = sealing.seal_bytes(block, place=f"spool|{key}|{number}")
            file.write(len(sealed).to_bytes(LENGTH, "big") + sealed)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def opener(key: UUID) -> Opener:
    """A function that opens the file of a batch anew, as plain bytes."""
    if not path_of(key).exists():
        raise IntakeRefusal(
            reason=Text(zh="上传的文件已不在暂存区。", en="The uploaded file is no longer in the spool."),
            remedy=Text(zh="请重新上传该文件。", en="Upload the file again."),
        )
    return lambda: cast(BinaryIO, io.BufferedReader(_Sealed(key), BLOCK))


def delete(key: UUID) -> None:
    """Forget the file of a batch."""
    path_of(key).unlink(missing_ok=True)


def _equal(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of equal size, the last one shorter."""
    rest = bytearray()
    for block in blocks:
        rest += block
        while len(rest) >= BLOCK:
            yield bytes(rest[:BLOCK])
            del rest[:BLOCK]
    if rest:
        yield bytes(rest)


class _Sealed(io.RawIOBase):
    """Plain bytes of a sealed file; blocks are equally long, so any place is found by arithmetic."""

    def __init__(self, key: UUID) -> None:
        self._key = key
        self._file = path_of(key).open("rb")
        self._stride = LENGTH + int.from_bytes(self._file.read(LENGTH), "big")
        self._total = path_of(key).stat().st_size
        self._place = 0
        self._number, self._block = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        self._load(self._place // BLOCK)
        piece = self._block[self._place % BLOCK :][: len(view)]
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size()}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def tell(self) -> int:
        return self._place

    def close(self) -> None:
        self._file.close()
        super().close()

    def _size(self) -> int:
        if not self._total:
            return 0
        last = (self._total - 1) // self._stride
        self._load(last)
        return last * BLOCK + len(self._block)

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._number, self._block = number, b""
        if number * self._stride >= self._total:
            return
        self._file.seek(number * self._stride)
        sealed = self._file.read(int.from_bytes(self._file.read(LENGTH), "big"))
        self._block = sealing.unseal_bytes(sealed, place=f"spool|{self._key}|{number}")
