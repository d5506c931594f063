"""`zhike keys`: the key ring of the sealed fields."""

from __future__ import annotations

import os
import signal

import click

from zhike.cli import here as cli
from zhike.cli import processes, progress
from zhike.cli.here import Here


@click.group(help="敏感字段的密钥环。The key ring of the sealed fields.")
def keys() -> None:
    """Commands about keys."""


@keys.command(help="启用一把新密钥,旧密钥仍可解密。Seal with a new key from now on; old seals stay readable.")
@cli.options
def rotate(here: Here) -> None:
    """Add a key, make it current, let a running installation read the ring anew."""
    with cli.django(here):
        from zhike.kernel import audit, jobs, queries, resealing, sealing

        name = sealing.rotate()
        audit.record("keys.rotated", queries.installation(), by=None, changes={"current": name})
        with progress.bar(resealing.TITLE) as tell:
            done = jobs.perform("kernel.reseal", by=None, title=resealing.TITLE, tell=tell)
    reloaded = reload(here)
    here.answer(
        {"current": name, "reloaded": reloaded, "resealed": done.result},
        f"新密钥 {name} 已启用。请重新备份:zhike backup。",
        f"Key {name} is in use now. Make a fresh backup: zhike backup.",
    )


def reload(here: Here) -> bool:
    """Ask a running `zhike up` on this home to start its processes anew."""
    try:
        with processes.locked(here.home / "up.lock", wait=False):
            return False
    except processes.Taken as taken:
        os.kill(int(taken.holder), signal.SIGHUP)
        return True
