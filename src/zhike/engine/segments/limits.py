"""A bound on how long a question to the lake may take while somebody waits for the answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.lake import Session

AGAIN = 0.02  # seconds between two interrupts


class TooSlow(Refusal):
    """The question was stopped: it took longer than it was given."""


@contextmanager
def at_most(session: Session, seconds: float | None) -> Iterator[None]:
    """Stop what the session runs after some seconds; raises `TooSlow`. Other sessions go on undisturbed."""
    if seconds is None:
        yield
        return
    done = threading.Event()
    watch = threading.Thread(target=_stop, args=(session, seconds, done), daemon=True)
    watch.start()
    try:
        yield
    except duckdb.InterruptException as stopped:
        raise _too_slow(seconds) from stopped
    finally:
        done.set()
        watch.join()


def _stop(session: Session, seconds: float, done: threading.Event) -> None:
    """Interrupt until the work has ended: an interrupt between two statements is forgotten by the next one."""
    if not done.wait(seconds):
        while not done.is_set():
            session.cursor.interrupt()
            done.wait(AGAIN)


def _too_slow(seconds: float) -> TooSlow:
    return TooSlow(
        Text(
            f"规则在 {seconds:g} 秒内没有算完,已停止。",
            f"The rule was not computed within {seconds:g} seconds and was stopped.",
        ),
        Text(
            "可先保存,由后台计算;或缩短时间窗、减少条件。",
            "Save it to have it computed in the background, or shorten its windows or drop conditions.",
        ),
        place=Text("规则", "Rule"),
    )
