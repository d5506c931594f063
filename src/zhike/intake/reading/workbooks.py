"""Reads XLSX and XLS through a child process with limits on memory and time."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from zhike.intake.reading import limits, refusals
from zhike.intake.reading.filetypes import Opener
from zhike.intake.reading.pieces import NumberedRow


@dataclass(frozen=True, slots=True)
class SheetHead:
    """A sheet's size and its first rows as text."""

    name: str
    visible: bool
    rows: int
    columns: int
    head: list[list[str]]


def heads(open_file: Opener) -> list[SheetHead]:
    """The sheets of a workbook with their first rows."""
    found = []
    with _child(open_file, "heads") as answers:
        for answer in answers:
            found.append(SheetHead(**answer))
    return found


def rows(open_file: Opener, sheet: str) -> Iterator[NumberedRow]:
    """Every row of a sheet with its number (from 1), merged cells filled."""
    with _child(open_file, "rows", sheet) as answers:
        for first, block in answers:
            yield from enumerate(block, first)


@contextmanager
def _child(open_file: Opener, *task: str) -> Iterator[Iterator[Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "zhike.intake.reading.workbook_child", *task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin and process.stdout
    feeder = threading.Thread(target=_feed, args=(open_file, process.stdin), daemon=True)
    feeder.start()
    try:
        yield _answers(process, process.stdout)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
        feeder.join(timeout=10)


def _answers(process: subprocess.Popen[bytes], stream: IO[bytes]) -> Iterator[Any]:
    for line in stream:
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise _refusal(answer)
        yield answer
    if process.wait() != 0:
        # Rust ends the process when memory runs out, the system when time does.
        raise refusals.too_big_to_open()


def _refusal(answer: dict[str, Any]) -> refusals.BadFile:
    match answer["error"]:
        case "encrypted":
            return refusals.encrypted()
        case "memory":
            return refusals.too_big_to_open()
        case "sheets":
            return refusals.too_many_sheets(answer["found"], limits.MOST_SHEETS)
        case _:
            return refusals.corrupt()


def _feed(open_file: Opener, stdin: IO[bytes]) -> None:
    """Hand the workbook to the child; one that has already given its answer no longer listens."""
    try:
        with open_file() as file, stdin:
            shutil.copyfileobj(file, stdin, 1 << 20)
    except (BrokenPipeError, ValueError):
        return
