"""`zhike doctor`: look at everything that can be wrong, and say what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from zhike.cli import here as cli
from zhike.cli import processes
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text
from zhike.kernel.facts import Finding

LITTLE_DISK: Final = 2 * 1024**3
OLDEST_POSTGRES: Final = 150000
STUCK_MINUTES: Final = 15

Check = Callable[[Here], list[Finding]]


@click.command(
    help="检查设置与数据的一致性,并给出处理办法。Check settings and promises; every finding says the remedy."
)
@cli.options
def doctor(here: Here) -> None:
    """Exit code 1 when something needs attention."""
    if not here.home.exists():
        raise Stopped(
            Text(f"{here.home} 不存在", f"{here.home} does not exist"),
            Text("请先运行 zhike up", "Run zhike up first"),
        )
    found = {name: check(here) for name, check in OUTSIDE.items()}
    with cli.django(here):
        found |= {name: check(here) for name, check in INSIDE.items()}
        found |= _invariants()
    tell(here, found)
    if any(found.values()):
        sys.exit(1)


def tell(here: Here, found: dict[Text, list[Finding]]) -> None:
    """Settings, then one line per check, then the findings."""
    settings = here.config.shown()
    checks = [
        {
            "name": name.as_json(),
            "ok": not findings,
            "findings": [
                {"place": one.place, "what": one.what.as_json(), "remedy": one.remedy.as_json()}
                for one in findings
            ],
        }
        for name, findings in found.items()
    ]
    here.answer({"ok": not any(found.values()), "settings": settings, "checks": checks})
    if here.as_json:
        return
    for setting, value in settings.items():
        click.echo(f"  {setting:<20} {value}")
    for name, findings in found.items():
        click.secho(f"{'✗' if findings else '✓'} {name}", fg="red" if findings else "green")
        for one in findings:
            click.echo(f"    {one.place}: {one.what} → {one.remedy}")


# ── checks without the database


def _files(here: Here) -> list[Finding]:
    findings = []
    for path in (here.home / "keys/ring.json", here.home / "secret.key", here.home / "zhike.toml"):
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            findings.append(
                Finding(
                    place=str(path),
                    what=Text("其他账号可以读取", "Other accounts can read it"),
                    remedy=Text(f"chmod 600 {path}", f"chmod 600 {path}"),
                )
            )
    return findings


def _versions(here: Here) -> list[Finding]:
    base = version("duckdb")
    extensions = ("duckdb-extension-ducklake", "duckdb-extension-postgres-scanner")
    return [
        Finding(
            place=name,
            what=Text(f"版本 {version(name)},DuckDB 为 {base}", f"Version {version(name)}, DuckDB is {base}"),
            remedy=Text("请运行 make install", "Run make install"),
        )
        for name in extensions
        if version(name) != base
    ]


def _disk(here: Here) -> list[Finding]:
    free = shutil.disk_usage(here.home).free
    if free >= LITTLE_DISK:
        return []
    return [
        Finding(
            place=str(here.home),
            what=Text(f"磁盘仅剩 {free // 1024**2} MB", f"Only {free // 1024**2} MB of disk are free"),
            remedy=Text("请清理磁盘或迁移数据目录", "Free some space, or move the home to a larger disk"),
        )
    ]


def front_end(here: Here) -> list[Finding]:
    """Style, scripts and icons under their hashed names."""
    collected = Path(__file__).resolve().parents[1] / "desk/collected/staticfiles.json"
    if collected.exists() or here.config.debug:
        return []
    return [
        Finding(
            place="desk/collected",
            what=Text("前端文件尚未准备", "The front-end files are not prepared"),
            remedy=Text("请运行 make install", "Run make install"),
        )
    ]


def _security(here: Here) -> list[Finding]:
    config = here.config
    findings = []
    if config.debug:
        findings.append(
            Finding(
                place="debug",
                what=Text("调试模式会向访客显示内部信息", "Debug mode shows internals to visitors"),
                remedy=Text("请在 zhike.toml 中设 debug = false", "Set debug = false in zhike.toml"),
            )
        )
    if config.bind not in {"127.0.0.1", "localhost", "::1"} and not config.origin.startswith("https://"):
        findings.append(
            Finding(
                place="origin",
                what=Text("对外服务但未使用 HTTPS", "Served to other machines without HTTPS"),
                remedy=Text(
                    '请放在 HTTPS 反向代理之后,并设 origin = "https://…"',
                    'Put it behind an HTTPS proxy and set origin = "https://…"',
                ),
            )
        )
    return findings


# ── checks with the database


def _database(here: Here) -> list[Finding]:
    from django.db import connection

    connection.ensure_connection()
    found = connection.connection.info.server_version
    if found >= OLDEST_POSTGRES:
        return []
    return [
        Finding(
            place="PostgreSQL",
            what=Text(f"版本 {found // 10000} 过旧", f"Version {found // 10000} is too old"),
            remedy=Text("需要 15 或更新的版本", "Version 15 or later is needed"),
        )
    ]


def _lake(here: Here) -> list[Finding]:
    from zhike.kernel import lake

    try:
        with lake.session() as session:
            session.cursor.execute("SELECT 1").fetchone()
    except Exception as error:  # whatever it is, it is the finding
        return [
            Finding(
                place="lake",
                what=Text(f"分析数据无法打开:{error}", f"The lake does not open: {error}"),
                remedy=Text(
                    f"停止服务,删除 {here.home}/lake 后运行 zhike loop daily 重建",
                    f"Stop the service, delete {here.home}/lake and run zhike loop daily to rebuild it",
                ),
            )
        ]
    return []


def _jobs(here: Here) -> list[Finding]:
    from datetime import timedelta

    from django.utils import timezone

    from zhike.kernel.models import Job, JobState

    before = timezone.now() - timedelta(minutes=STUCK_MINUTES)
    waiting = Job.objects.filter(state=JobState.WAITING, created_at__lt=before).count()
    if not waiting:
        return []
    running = is_up(here)
    return [
        Finding(
            place="jobs",
            what=Text(
                f"{waiting} 个后台任务等待超过 {STUCK_MINUTES} 分钟",
                f"{waiting} jobs have waited for more than {STUCK_MINUTES} minutes",
            ),
            remedy=Text("请查看 logs/worker.log", "Look at logs/worker.log")
            if running
            else Text("请运行 zhike up 或 zhike worker", "Run zhike up or zhike worker"),
        )
    ]


def _invariants() -> dict[Text, list[Finding]]:
    from zhike.kernel import slots

    return slots.check_invariants()


def is_up(here: Here) -> bool:
    """Whether `zhike up` runs on this home."""
    try:
        with processes.locked(here.home / "up.lock", wait=False):
            return False
    except processes.Taken as taken:
        return taken.holder != str(os.getpid())


OUTSIDE: Final[dict[Text, Check]] = {
    Text("密钥文件不外露", "Files are private"): _files,
    Text("版本一致", "Versions agree"): _versions,
    Text("磁盘", "Disk"): _disk,
    Text("前端文件", "Front end"): front_end,
    Text("服务安全", "Service is safe"): _security,
}
INSIDE: Final[dict[Text, Check]] = {
    Text("数据库", "Database"): _database,
    Text("分析数据", "Lake"): _lake,
    Text("后台任务", "Jobs move"): _jobs,
}
