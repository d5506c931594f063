"""Finds the encoding of a text file by decoding all of it, and its delimiter by counting."""

import codecs
import csv
import io
from collections import Counter
from typing import BinaryIO

from zhike.intake.reading import refusals

BLOCK = 1 << 20
DELIMITERS = ",\t;|"
SAMPLE_LINES = 60


def encoding(file: BinaryIO) -> str:
    """The codec that reads the whole file: UTF-16 by its mark, else UTF-8, else GB18030."""
    head = file.read(BLOCK)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if unmarked := unmarked_utf16(head):
        return unmarked
    if _decodes("utf-8", head, file):
        return "utf-8-sig"
    file.seek(0)
    # One broken character in a long UTF-8 file must not turn all of it into wrong Chinese.
    if _damaged_utf8(head):
        return "utf-8-sig"
    if _decodes("gb18030", file.read(BLOCK), file) or _nearly_gb18030(head):
        return "gb18030"
    raise refusals.unreadable_text()


def unmarked_utf16(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of its ASCII is zero, always on the same side; "" for anything else."""
    head = head[: 1 << 16]
    even, odd = head[::2].count(0), head[1::2].count(0)
    few, many = sorted((even, odd))
    if many <= len(head) * 0.1 or few > many * 0.02:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def delimiter(text: str) -> str:
    """The delimiter that cuts the most lines into the same number of cells, more than one."""
    lines = [line for line in text.splitlines() if line.strip()][:SAMPLE_LINES]
    scores = {mark: _agreement(lines, mark) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else ","


def _decodes(codec: str, head: bytes, rest: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    block = head
    try:
        while block:
            decoder.decode(block)
            block = rest.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _damaged_utf8(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    broken = text.count("\ufffd")
    return sum(not char.isascii() for char in text) > 20 * (broken + 1) if broken else True


def _nearly_gb18030(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("gb18030")("replace").decode(head)
    broken = text.count("\ufffd")
    return sum("\u4e00" <= char <= "\u9fff" for char in text) > 20 * broken


def _agreement(lines: list[str], mark: str) -> float:
    """How many lines have the commonest number of cells, weighted by that number."""
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=mark) if row)
    except csv.Error:
        return 0
    wide = {width: count for width, count in widths.items() if width > 1}
    return max((count * min(width, 50) ** 0.5 for width, count in wide.items()), default=0)
