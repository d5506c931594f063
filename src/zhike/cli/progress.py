"""Progress bars on a terminal, silence elsewhere: what a command tells while it works."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from zhike.core.text import Text

Tell = Callable[[int, int, Text | None], None]


@contextmanager
def bar(title: Text) -> Iterator[Tell]:
    """A bar on stderr; the function it gives takes (done, total, step)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task(str(title), total=None)
        last = ""

        def tell(done: int, total: int, step: Text | None = None) -> None:
            nonlocal last
            shown.update(task, completed=done, total=total or None, description=str(step or title))
            if shown.disable and step is not None and str(step) != last:
                last = str(step)
                click.echo(f"{done}/{total} {last}", err=True)

        yield tell
