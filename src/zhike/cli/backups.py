"""`zhike backup` and `zhike restore`: the database in one file, its keys in another, the lake made anew."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click

from zhike.cli import here as cli
from zhike.cli import postgres
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text

FORMAT: Final = 1
DUMP, MANIFEST, SETTINGS = "database.dump", "manifest.json", "zhike.toml"


def _must_be_new(file: Path) -> None:
    """An older backup is never overwritten: its keys may be the only ones that open it."""
    taken = next((one for one in (file, _keys_beside(file)) if one.exists()), None)
    if taken is not None:
        raise Stopped(
            Text(f"{taken} 已存在。", f"{taken} exists already."),
            Text(
                "请换一个文件名,旧备份不会被覆盖。",
                "Choose another name; an older backup is never overwritten.",
            ),
        )


@click.command(
    help="备份数据库到 FILE,密钥到 FILE.keys(请分开保存)。"
    "Write the database to FILE and its keys to FILE.keys; keep them apart."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@cli.options
def backup(here: Here, file: Path) -> None:
    """Safe while the installation runs: the dump is one snapshot."""
    _must_exist(here)
    file = file.resolve()
    _must_be_new(file)
    with cli.database(here), tempfile.TemporaryDirectory(dir=file.parent, prefix=".zhike-backup-") as folder:
        keys = _keys_of(here)
        dump = Path(folder) / DUMP
        _client(here, "pg_dump", "--format=custom", "--exclude-schema=lake", "--no-owner", f"--file={dump}")
        manifest = _manifest(dump, keys)
        made = Path(folder) / "backup"
        with tarfile.open(made, "w") as archive:
            _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode(), Path(folder))
            if (here.home / SETTINGS).exists():
                archive.add(here.home / SETTINGS, SETTINGS)
            archive.add(dump, DUMP)
        made.chmod(0o600)
        made.replace(file)
        _write_private(_keys_beside(file), json.dumps(keys))
    size = file.stat().st_size
    here.answer(
        {"file": str(file), "keys": str(_keys_beside(file)), "bytes": size, "sha256": manifest["sha256"]},
        f"已备份到 {file}({size:,} 字节)。密钥在 {_keys_beside(file)}:没有它,联系方式等密封字段无法读出;"
        "两者放在一起,任何人都能读出。请分开保存。",
        f"Backed up to {file} ({size:,} bytes). The keys are in {_keys_beside(file)}: without them sealed fields such "
        "as phones cannot be read; whoever holds both can read everything. Keep them apart.",
    )


@click.command(
    help="从备份恢复到空目录,并重建分析数据。Restore a backup into an empty home and rebuild the lake."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="默认 FILE.keys。Default FILE.keys.",
)
@cli.options
def restore(here: Here, file: Path, keys_file: Path | None) -> None:
    """All or nothing: a home that could not be restored is left empty."""
    with tempfile.TemporaryDirectory(prefix="zhike-restore-") as folder:
        manifest = _unpack(file, Path(folder))
        keys = _matching_keys(keys_file or _keys_beside(file), manifest)
        _must_be_empty(here)
        cli.make_home(here.home)
        try:
            _write_private(here.home / "keys/ring.json", json.dumps(keys["ring"]))
            _write_private(here.home / "secret.key", keys["secret"])
            if (Path(folder) / SETTINGS).exists() and not (here.home / SETTINGS).exists():
                shutil.copyfile(Path(folder) / SETTINGS, here.home / SETTINGS)
            result = _fill(here, Path(folder) / DUMP)
        except BaseException:
            _empty(here.home)
            raise
    here.answer(
        {"home": str(here.home), "backup_of": manifest["made_at"], **result},
        f"已恢复 {manifest['made_at']} 的备份:{result['customers']:,} 位客户,分析数据 {result['lake_rows']:,} 行。",
        f"Restored the backup of {manifest['made_at']}: {result['customers']:,} customers, "
        f"{result['lake_rows']:,} rows in the lake.",
    )


def _fill(here: Here, dump: Path) -> dict[str, int]:
    """Load the dump, bring it to this version's schema, and derive the lake from it."""
    with cli.database(here):
        _must_have_no_tables(here)
        _client(
            here,
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            str(dump),
        )
        cli.start_django()
        try:
            cli.migrate()
            from django.apps import apps

            from zhike.kernel import lake, tracking

            tracking.restamp()
            synced = lake.sync()
            rows = sum(table[0] for table in synced.tables.values())
            return {"customers": apps.get_model("customers.Customer").objects.count(), "lake_rows": rows}
        finally:
            cli.let_go()


# ── pieces of a backup


def _manifest(dump: Path, keys: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "zhike": version("zhike"),
        "made_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        "sha256": _digest(dump),
        "keys": _fingerprint(keys),
    }


def _keys_of(here: Here) -> dict[str, Any]:
    ring = here.home / "keys/ring.json"
    return {
        "ring": json.loads(ring.read_text()) if ring.exists() else None,
        "secret": here.config.secret_key,
    }


def _fingerprint(keys: dict[str, Any]) -> str:
    """Names a key ring without telling it; the blind key never changes."""
    blind = str((keys["ring"] or {}).get("blind", ""))
    return hashlib.sha256(f"zhike|{blind}".encode()).hexdigest()[:16]


def _keys_beside(file: Path) -> Path:
    return file.with_name(file.name + ".keys")


def _matching_keys(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    try:
        keys: dict[str, Any] = json.loads(path.read_text())
        matches = _fingerprint(keys) == manifest["keys"]
    except (OSError, ValueError, KeyError):
        raise Stopped(
            Text(f"找不到或读不出密钥文件 {path}", f"The key file {path} is missing or unreadable"),
            Text("请用 --keys 指明备份时生成的 .keys 文件", "Name the .keys file of this backup with --keys"),
        ) from None
    if not matches:
        raise Stopped(
            Text("密钥与备份不匹配", "These keys do not belong to this backup"),
            Text(
                "请用 --keys 指明同一次备份的 .keys 文件",
                "Name the .keys file of the same installation with --keys",
            ),
        )
    return keys


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(
                folder, members=[archive.getmember(MANIFEST), archive.getmember(DUMP)], filter="data"
            )
            if SETTINGS in archive.getnames():
                archive.extract(SETTINGS, folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        whole = manifest["format"] == FORMAT and _digest(folder / DUMP) == manifest["sha256"]
    except (OSError, ValueError, KeyError, tarfile.TarError):
        whole = False
    if not whole:
        raise Stopped(
            Text(f"{file.name} 不是完整的知客备份", f"{file.name} is not a whole backup of Zhike"),
            Text("请改用另一份备份", "Use another backup"),
        )
    return manifest


def _add(archive: tarfile.TarFile, name: str, content: bytes, folder: Path) -> None:
    path = folder / name
    path.write_bytes(content)
    archive.add(path, name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    path.chmod(0o600)


# ── the database and the home


def _client(here: Here, program: str, *arguments: str) -> None:
    command: list[str | Path] = [
        postgres.binaries(here.home) / program,
        f"--dbname={os.environ['DATABASE_URL']}",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stopped(
            Text(
                f"{program} 失败:{done.stderr.strip()[-800:]}",
                f"{program} failed: {done.stderr.strip()[-800:]}",
            ),
            Text(
                "请检查磁盘空间与数据库版本(zhike doctor)",
                "Check the disk and the database's version (zhike doctor)",
            ),
        )


def _must_exist(here: Here) -> None:
    if not (here.home / "postgres").exists() and not (here.home.exists() and here.config.database_url):
        raise Stopped(
            Text(f"{here.home} 中没有数据", f"There are no data in {here.home}"),
            Text("请用 --home 指明数据目录", "Name the home with --home"),
        )


def _must_be_empty(here: Here) -> None:
    if (here.home / "postgres").exists() or (here.home / "keys/ring.json").exists():
        raise Stopped(
            Text(f"{here.home} 不是空目录,不会覆盖", f"{here.home} is not empty; nothing is overwritten"),
            Text("请用 --home 另选一个目录", "Choose another --home"),
        )


def _must_have_no_tables(here: Here) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found and found[0]:
        raise Stopped(
            Text(
                "DATABASE_URL 的数据库不是空的,不会覆盖",
                "The database of DATABASE_URL is not empty; nothing is overwritten",
            ),
            Text("请新建一个空数据库", "Create an empty database"),
        )


def _empty(home: Path) -> None:
    """Take back what a failed restore made."""
    for name in ("postgres", "lake", "keys", "secret.key"):
        path = home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
