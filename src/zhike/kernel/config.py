"""The installation's settings, read once from the environment or `zhike.toml`, with errors that say how to mend them."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECRET_NAMES = {"secret_key", "database_url"}
KNOWN = {
    "secret_key",
    "database_url",
    "debug",
    "hosts",
    "origin",
    "bind",
    "port",
    "language",
    "time_zone",
    "max_upload_mb",
    "web_threads",
    "worker_concurrency",
    "lake_memory",
    "lake_threads",
    "spark",
    "spark_memory",
    "spark_path",
}


class BadConfig(Exception):
    """A setting that cannot be used; the message names the setting, the reason and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting of one installation; see docs/guide/install.md for their meaning."""

    home: Path
    secret_key: str
    database_url: str
    debug: bool = False
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    origin: str = ""
    bind: str = "127.0.0.1"
    port: int = 8765
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    max_upload_mb: int = 512
    web_threads: int = 4
    worker_concurrency: int = 2
    lake_memory: str = "1GB"
    lake_threads: int = 2
    spark: str = ""
    spark_memory: str = "1g"
    spark_path: str = ""

    def shown(self) -> dict[str, str]:
        """The effective values for `zhike doctor`, secrets hidden."""
        return {
            name: "••••" if name in SECRET_NAMES and getattr(self, name) else str(getattr(self, name))
            for name in self.__dataclass_fields__
        }


def default_home() -> Path:
    """`ZHIKE_HOME`, or `~/.zhike`; root's home is closed to the PostgreSQL user, so root gets `/var/lib/zhike`."""
    if chosen := os.environ.get("ZHIKE_HOME"):
        return Path(chosen).expanduser().resolve()
    return Path("/var/lib/zhike") if os.geteuid() == 0 else Path.home() / ".zhike"


def read(home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings of `home`: environment `ZHIKE_<NAME>` (or `ZHIKE_<NAME>_FILE`) over `zhike.toml` over defaults."""
    home = home or default_home()
    given = _from_file(home / "zhike.toml") | _from_environment(environ)
    given.setdefault("database_url", environ.get("DATABASE_URL", ""))
    if not given.get("secret_key"):
        given["secret_key"] = secret_file(home / "secret.key")
    return Config(home=home, **{name: _typed(name, value) for name, value in given.items()})  # type: ignore[arg-type]


def secret_file(path: Path) -> str:
    """The secret kept in `path`, made on first use and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two processes starting together one writes the secret, the other reads it.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _from_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(
            f"{path}: {error}. 请修正该文件的 TOML 写法。/ Mend the TOML of this file."
        ) from error
    if unknown := set(given) - KNOWN:
        raise BadConfig(
            f"{path}: 未知设置 / unknown setting {', '.join(sorted(unknown))}. "
            f"可用 / known: {', '.join(sorted(KNOWN))}."
        )
    return dict(given)


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in KNOWN:
        if (value := environ.get(f"ZHIKE_{name.upper()}")) is not None:
            found[name] = value
        elif (file := environ.get(f"ZHIKE_{name.upper()}_FILE")) is not None:
            found[name] = Path(file).read_text(encoding="utf-8").strip()
    return found


def _typed(name: str, value: object) -> object:
    kind = Config.__dataclass_fields__[name].type
    try:
        if kind is bool:
            return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "yes", "on"}
        if kind is int:
            return int(str(value))
        if name == "hosts":
            return tuple(value) if isinstance(value, list) else tuple(str(value).replace(" ", "").split(","))
        return str(value)
    except ValueError as error:
        raise BadConfig(
            f"{name}={value!r}: 应为整数,请改正环境变量 ZHIKE_{name.upper()} 或 zhike.toml。"
            f"/ must be a whole number; mend ZHIKE_{name.upper()} or zhike.toml."
        ) from error
