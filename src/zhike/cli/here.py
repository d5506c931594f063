"""What every command shares: its home, how it speaks, how it refuses, and the way into Django."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, NoReturn, ParamSpec

import click

from zhike.cli import postgres
from zhike.core import text
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import config as settings

P = ParamSpec("P")
MIGRATING = 0x5A49  # advisory lock: two commands starting together migrate once


class Stopped(Refusal):
    """A command that cannot go on."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a command works and how it answers."""

    home: Path
    as_json: bool

    @property
    def config(self) -> settings.Config:
        """The home's settings."""
        return settings.read(self.home)

    def say(self, zh: str, en: str) -> None:
        """Tell a person something; with --json it goes to stderr, so that stdout holds only JSON."""
        click.echo(str(Text(zh, en)), err=self.as_json)

    def answer(self, result: dict[str, Any], zh: str = "", en: str = "") -> None:
        """The command's result: one JSON line with --json, a sentence without."""
        if self.as_json:
            click.echo(json.dumps(result, ensure_ascii=False, default=str))
        elif zh:
            self.say(zh, en)

    def refuse(self, refusal: Refusal) -> NoReturn:
        """Say why not and what to do; exit code 1."""
        if self.as_json:
            click.echo(json.dumps({"error": refusal.as_json()}, ensure_ascii=False))
        else:
            click.secho(str(refusal), fg="red", err=True)
        sys.exit(1)


def options(work: Callable[Concatenate[Here, P], None]) -> Callable[..., None]:
    """Give a command `--home` and `--json`, and turn refusals into a message and exit code 1."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="数据目录,默认 ~/.zhike 或 ZHIKE_HOME(root 用户为 /var/lib/zhike)。"
        "Where everything is kept; default ~/.zhike or ZHIKE_HOME (/var/lib/zhike for root).",
    )
    @click.option("--json", "as_json", is_flag=True, help="最后一行输出 JSON。The last line printed is JSON.")
    @functools.wraps(work)
    def command(home: Path | None, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> None:
        given = (
            click.get_current_context().find_root().obj or {}
        )  # both options may stand before the command, too
        home = home or given.get("home")
        as_json = as_json or bool(given.get("as_json"))
        # By default SIGTERM ends Python on the spot; an exit lets go of the database first.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        here = Here((home.expanduser().resolve() if home else settings.default_home()), as_json)
        try:
            os.environ["ZHIKE_HOME"] = str(here.home)
            text.speak(os.environ.get("ZHIKE_LANGUAGE", "zh"))
            work(here, *args, **kwargs)
        except Refusal as refusal:
            here.refuse(refusal)
        except settings.BadConfig as error:
            here.refuse(Stopped(Text.same(str(error)), Text("", "")))
        except postgres.PostgresTrouble as error:
            here.refuse(
                Stopped(
                    Text(
                        f"内置 PostgreSQL 无法启动:{error}",
                        f"The embedded PostgreSQL does not start: {error}",
                    ),
                    Text(
                        f"请查看 {here.home}/logs/postgres.log,或用 DATABASE_URL 指定自己的服务器",
                        f"See {here.home}/logs/postgres.log, or name a server of your own in DATABASE_URL",
                    ),
                )
            )
        except Exception as error:
            if (silence := unreachable(error)) is None:
                raise
            here.refuse(silence)

    return command


def unreachable(error: Exception) -> Stopped | None:
    """The database that does not answer, told by name because Django may not even be loaded."""
    if type(error).__name__ not in {"OperationalError", "ConnectionTimeout"}:
        return None
    return Stopped(
        Text(f"数据库没有应答:{error}", f"The database does not answer: {error}".strip()),
        Text("请检查 DATABASE_URL,或运行 zhike doctor", "Check DATABASE_URL, or run zhike doctor"),
    )


def make_home(home: Path) -> None:
    """Make the home, closed to others (root's database account may pass it, not list it)."""
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for name in ("logs", "keys"):
        (home / name).mkdir(exist_ok=True, mode=0o700)


@contextmanager
def database(here: Here, *, bound: bool = False) -> Iterator[postgres.Server | None]:
    """The home's database while inside: the embedded server, or None when the settings name another one."""
    make_home(here.home)
    config = here.config
    text.speak(config.language)
    if config.database_url:
        os.environ["DATABASE_URL"] = config.database_url
        yield None
        return
    with postgres.running(here.home, bound=bound) as server:
        os.environ["DATABASE_URL"] = server.url
        try:
            yield server
        finally:
            os.environ.pop("DATABASE_URL", None)


@contextmanager
def django(here: Here) -> Iterator[None]:
    """Django ready on the home's migrated database; everything is let go before the database stops."""
    with database(here):
        start_django()
        migrate()
        try:
            yield
        finally:
            let_go()


def start_django() -> None:
    """Load the settings and all stages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.settings")
    import django as framework

    framework.setup()


def migrate() -> int:
    """Apply what is missing; of several processes starting together one does it. Returns how many."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def missing() -> int:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    if not missing():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            count = missing()
            if count:
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    return count


def let_go() -> None:
    """Close the lake and every connection of this process."""
    from django.db import connections

    from zhike.kernel import lake

    lake.close()
    connections.close_all()
