"""Sealed values: AES-256-GCM bound to their table, column and row; blind indexes for exact search; keys outside the database.

A token is `<key id>.<base64(nonce ‖ ciphertext ‖ tag)>`. The associated data is `table|column|row`, so that a token
copied to another row or column does not open (NIST SP 800-38D). The key ring is a file, 0600, never in the database.
"""

import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from zhike.core.errors import Refusal
from zhike.core.text import Text

NONCE = 12
BLIND = 16


class BrokenSeal(Refusal):
    """A sealed value that does not open: moved, altered, or its key is missing."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys ever used by id, the one for new seals, and the key of the blind indexes (which cannot rotate)."""

    current: str
    ciphers: dict[str, AESGCM]
    blind_key: bytes


def ring_path() -> Path:
    """Where the key ring lies."""
    home: Path = settings.CONFIG.home
    return home / "keys" / "ring.json"


@lru_cache(maxsize=1)
def ring() -> KeyRing:
    """The key ring, made on first use."""
    path = ring_path()
    if not path.exists():
        _create(path)
    kept = json.loads(path.read_text())
    ciphers = {name: AESGCM(b64decode(key)) for name, key in kept["keys"].items()}
    return KeyRing(kept["current"], ciphers, b64decode(kept["blind"]))


def seal(value: str, *, table: str, column: str, row: str) -> str:
    """Seal one text for its place; the same text seals differently every time."""
    keys = ring()
    nonce = os.urandom(NONCE)
    box = keys.ciphers[keys.current].encrypt(nonce, value.encode(), f"{table}|{column}|{row}".encode())
    return f"{keys.current}.{b64encode(nonce + box).decode()}"


def unseal(token: str, *, table: str, column: str, row: str) -> str:
    """Open a token at the place it was sealed for; raises BrokenSeal anywhere else."""
    name, _, body = token.partition(".")
    return _open(name, b64decode(body), f"{table}|{column}|{row}").decode()


def sealer(table: str, column: str) -> Callable[[str, str], str]:
    """`seal` for many rows of one column: a function of (value, row) without the lookups."""
    keys = ring()
    encrypt, prefix, place = keys.ciphers[keys.current].encrypt, f"{keys.current}.", f"{table}|{column}|"

    def seal_one(value: str, row: str) -> str:
        nonce = os.urandom(NONCE)
        return prefix + b64encode(nonce + encrypt(nonce, value.encode(), (place + row).encode())).decode()

    return seal_one


def seal_bytes(content: bytes, *, place: str) -> bytes:
    """Seal a whole blob, such as a chunk of staged rows."""
    keys = ring()
    nonce = os.urandom(NONCE)
    box = keys.ciphers[keys.current].encrypt(nonce, content, place.encode())
    return keys.current.encode() + b"." + nonce + box


def unseal_bytes(blob: bytes, *, place: str) -> bytes:
    """Open a blob at the place it was sealed for."""
    name, _, body = bytes(blob).partition(b".")
    return _open(name.decode(), body, place)


def blind(kind: str, value: str) -> bytes:
    """A keyed digest (HMAC-SHA256, 128 bits) by which an exact value is found without being readable."""
    return hmac.digest(ring().blind_key, f"{kind}|{value}".encode(), "sha256")[:BLIND]


def blinder(kind: str) -> Callable[[str], bytes]:
    """`blind` for many values of one kind."""
    key, prefix, digest = ring().blind_key, f"{kind}|", hmac.digest
    return lambda value: digest(key, (prefix + value).encode(), "sha256")[:BLIND]


def rotate() -> str:
    """Add a new key and make it the current one; old seals stay readable. Returns its id."""
    path = ring_path()
    ring()
    kept = json.loads(path.read_text())
    name = f"k{len(kept['keys']) + 1}"
    kept["keys"][name] = b64encode(AESGCM.generate_key(256)).decode()
    _write(path, {**kept, "current": name})
    ring.cache_clear()
    return name


def is_current(token: str) -> bool:
    """Whether a token was sealed with the current key (if not, resealing is due after a rotation)."""
    return token.startswith(f"{ring().current}.")


def _open(name: str, body: bytes, place: str) -> bytes:
    cipher = ring().ciphers.get(name)
    if cipher is None:
        raise BrokenSeal(
            reason=Text(zh=f"密钥 {name} 不在密钥环中", en=f"Key {name} is not in the key ring"),
            remedy=Text(
                zh="请恢复备份中的 keys/ring.json",
                en="Restore keys/ring.json from the backup of this installation",
            ),
        )
    try:
        return cipher.decrypt(body[:NONCE], body[NONCE:], place.encode())
    except InvalidTag as error:
        raise BrokenSeal(
            reason=Text(
                zh="密文与其位置不符,可能被移动或改动", en="The sealed value does not belong to its place"
            ),
            remedy=Text(zh="请从备份恢复该记录", en="Restore this record from a backup"),
        ) from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = {"k1": b64encode(AESGCM.generate_key(256)).decode()}
    fresh = {"current": "k1", "keys": keys, "blind": b64encode(os.urandom(32)).decode()}
    draft = path.with_name(f"ring.{os.getpid()}.json")
    _write(draft, fresh)
    # Of two processes starting together one links its ring into place; the other finds it there and uses it.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _write(path: Path, content: Mapping[str, object]) -> None:
    """Replace the ring in one step: a crash leaves the old file or the new one, never half."""
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
