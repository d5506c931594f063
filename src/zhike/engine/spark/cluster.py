"""The way to Spark: two cores of this machine, or a cluster of one's own, and sessions that compute there."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.spark.files import LakeFiles
from zhike.engine.spark.session import SparkSession

REMOTE = "sc://"  # Spark Connect
LOCAL = "local"
PORTS = {"sc": 15002, "spark": 7077}
PATIENCE = 5.0  # seconds until an address that does not answer counts as silent
PLACE = Text("Spark", "Spark")
# What answers must not depend on: the time zones of machines, and sums or casts that silently overflow. Without java8API a
# day goes to the workers as the driver's midnight; where they keep another zone it is the day before, and files are skipped.
SAME_ANSWERS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.datetime.java8API.enabled": "true",
}
LOGGING = Path(__file__).with_name("log4j2.properties")
QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{LOGGING}",
    "spark.sql.debug.maxToStringFields": "200",
}

# Translating a wide query to Java classes takes half a minute; with little data, running it as it stands does not. Nor
# do few rows need two hundred parts.
SMALL = 100_000_000  # bytes of Parquet
AT_ONCE = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "4",
}


class SparkUnreachable(Refusal):
    """Spark could not be started or reached."""


class Cluster:
    """One Spark per process, started on first use.

    `master` is `local[2]`, `spark://host:7077`, `yarn`, `k8s://…`, or `sc://host:15002` for Spark Connect. `memory` bounds the
    driver; what does not fit is spilled to `scratch`.
    """

    def __init__(
        self,
        master: str = "local[2]",
        *,
        memory: str = "1g",
        scratch: Path | None = None,
    ) -> None:
        self.master = master
        self.memory = memory
        self.scratch = scratch
        self._lock = threading.Lock()
        self._spark: Any = None

    @contextmanager
    def session(self, files: LakeFiles) -> Iterator[SparkSession]:
        """A session over these files; what it keeps ends with it."""
        spark = self._opened()
        if sum(one.size for one in files.values()) < SMALL:
            for name, value in AT_ONCE.items():
                spark.conf.set(name, value)
        opened = SparkSession(spark, files)
        try:
            yield opened
        finally:
            opened.forget()
            if self._remote:
                with suppress(Exception):
                    spark.stop()

    def close(self) -> None:
        """Stop Spark, or hang up on the cluster; one that no longer answers is stopped already."""
        with self._lock:
            spark, self._spark = self._spark, None
        if spark is not None:
            with suppress(Exception):
                spark.stop()

    @property
    def _remote(self) -> bool:
        return self.master.startswith(REMOTE)

    def _opened(self) -> Any:
        """A session with settings and views of its own."""
        if self._remote:
            # Spark Connect cannot divide a session: each is a conversation of its own with the server.
            return self._start()
        with self._lock:
            if self._spark is None:
                self._spark = self._start()
            return self._spark.newSession()

    def _start(self) -> Any:
        try:
            pyspark = import_module("pyspark.sql")  # 400 MB that only Spark's users have
        except ImportError as error:
            raise _missing("pyspark", "pip install 'zhike[spark]'") from error
        if not self._remote and not _java():
            raise _missing("Java 17", "apt install openjdk-17-jre-headless")
        if _silent(self.master):
            raise _unreachable(self.master, Text("地址无应答", "nobody answers there"))
        builder = pyspark.SparkSession.builder.appName("zhike")
        for name, value in self._options().items():
            builder = builder.config(name, value)
        try:
            if self._remote:
                return builder.remote(self.master).create()
            return builder.master(self.master).getOrCreate()
        except ImportError as error:
            raise _missing("Spark Connect (grpcio)", "pip install 'zhike[spark-connect]'") from error
        except Exception as error:
            raise _unreachable(self.master, _said(error)) from error

    def _options(self) -> dict[str, str]:
        if self._remote:
            return SAME_ANSWERS
        options = SAME_ANSWERS | QUIET | {"spark.driver.memory": self.memory}
        if self.scratch is not None:
            options |= {"spark.local.dir": str(self.scratch)}
        if self.master.startswith(LOCAL):
            # Nobody else needs to find this driver, and two cores need no two hundred parts.
            here = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
            options |= here | {"spark.sql.shuffle.partitions": "4"}
        return options


def _java() -> bool:
    home = os.environ.get("JAVA_HOME", "")
    return bool(shutil.which("java") or (home and Path(home, "bin", "java").exists()))


def _missing(what: str, remedy: str) -> SparkUnreachable:
    return SparkUnreachable(
        Text(f"缺少 {what}。", f"{what} is missing."),
        Text(f"请运行:{remedy}", f"Run: {remedy}"),
        place=PLACE,
    )


def _silent(master: str) -> bool:
    """Whether nobody listens where a master or a Connect server should: Spark itself asks on for a minute, or for ten."""
    kind, _, rest = master.partition("://")
    if kind not in PORTS:
        return False
    return not any(_listens(place, PORTS[kind]) for place in rest.partition("/")[0].split(","))


def _listens(place: str, usual: int) -> bool:
    try:
        at = urlsplit(f"//{place}")
        socket.create_connection((at.hostname or "", at.port or usual), timeout=PATIENCE).close()
    except (OSError, ValueError):  # a port that is no number
        return False
    return True


def _said(error: Exception) -> Text:
    """The first line that says something: what comes from Java begins with where it was called."""
    lines = [line.strip(": ") for line in str(error).splitlines()]
    told = next((line for line in lines if line and not line.startswith("An error occurred while")), "")
    return Text(told or type(error).__name__, told or type(error).__name__)


def _unreachable(master: str, said: Text) -> SparkUnreachable:
    master = master.partition("/;")[0]  # what follows may be a token
    return SparkUnreachable(
        Text(
            f"无法在 {master} 启动或连接 Spark:{said.zh}",
            f"Spark at {master} cannot be started or reached: {said.en}",
        ),
        Text(
            "请检查设置 spark(如 local[2]、spark://主机:7077、sc://主机:15002)和 Java 版本(17 或 21)。",
            "Check the setting spark (such as local[2], spark://host:7077, sc://host:15002) and Java (17 or 21).",
        ),
        place=PLACE,
    )
