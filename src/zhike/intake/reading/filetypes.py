"""Tells what a file is by its content; its name may lie."""

import zipfile
from collections.abc import Callable
from enum import StrEnum
from typing import BinaryIO

from zhike.intake.reading import refusals
from zhike.intake.reading.encodings import unmarked_utf16

Opener = Callable[[], BinaryIO]

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
GZIP = b"\x1f\x8b"
HEAD = 1 << 20

MOST_ENTRIES = 10_000
MOST_UNPACKED = 2 << 30
SUSPECT_UNPACKED = 64 << 20
SUSPECT_RATIO = 150


class FileType(StrEnum):
    """The four shapes a table arrives in."""

    TEXT = "text"
    GZIPPED = "gzipped"
    XLSX = "xlsx"
    XLS = "xls"


def detect(open_file: Opener) -> FileType:
    """The type of a file, or a refusal when it is no table or is not safe to open."""
    with open_file() as file:
        head = file.read(HEAD)
        if not head:
            raise refusals.empty()
        if head.startswith(GZIP):
            return FileType.GZIPPED
        if head.startswith(ZIP):
            _check_archive(file)
            return FileType.XLSX
        if head.startswith(OLE):
            _check_compound(head + file.read())
            return FileType.XLS
    check_is_text(head)
    return FileType.TEXT


def check_is_text(head: bytes) -> None:
    """Refuse bytes that no table in text form begins with."""
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refusals.empty()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    start = head[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style")):
        raise refusals.web_page()
    if _binary_share(head[:65536]) > 0.05 and not unmarked_utf16(head):
        raise refusals.wrong_type()


def _binary_share(head: bytes) -> float:
    control = sum(head.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13, 27))
    return control / len(head)


def _check_archive(file: BinaryIO) -> None:
    """Read the directory of the zip before anything inside is opened."""
    try:
        entries = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refusals.corrupt() from error
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if _overlap(entries):
        raise refusals.corrupt()
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise refusals.zip_bomb(unpacked >> 20)
    if unpacked > SUSPECT_UNPACKED and unpacked / packed > SUSPECT_RATIO:
        raise refusals.zip_bomb(unpacked >> 20)
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusals.encrypted()
    if "xl/workbook.xml" not in names:
        raise refusals.wrong_type()


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Entries that share their compressed bytes: the trick of the densest bombs."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + entry.compress_size
    return False


def _check_compound(content: bytes) -> None:
    """An OLE container is an old workbook, an encrypted new one, or no workbook at all."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refusals.encrypted()
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise refusals.wrong_type()
