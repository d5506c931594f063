"""A Spark outside this process, as a company has one, and one process that asks it what `zhike spark check` asks.

`python -m tests.engine.far spark://… folder` compares both engines over the Parquet files in the folder and prints what it saw.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from tests.engine.worlds import AS_OF
from zhike.engine.lake import SHAPES, Session
from zhike.engine.rfm import v1
from zhike.engine.spark import Cluster, Exchange, compare
from zhike.engine.spark.files import TableFiles

HERE = "127.0.0.1"
PATIENCE = 60  # seconds until a server that says nothing is given up
WORKER = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--host", HERE)


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """A master and one worker of one core; gives the address of the master."""
    port = free_port()
    master = f"spark://{HERE}:{port}"
    with ExitStack() as started:
        kind = "org.apache.spark.deploy.master.Master"
        said = started.enter_context(
            running(folder, kind, "--host", HERE, "--port", str(port), "--webui-port", "0")
        )
        until(said, "I have been elected leader")
        kind, place = "org.apache.spark.deploy.worker.Worker", str(folder / "work")
        said = started.enter_context(running(folder, kind, *WORKER, "--work-dir", place, master))
        until(said, "Successfully registered with master")
        yield master


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """A server of Spark Connect on one core; gives its address."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": HERE,
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
    }
    told = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    submit = ("org.apache.spark.deploy.SparkSubmit", "--master", "local[1]", "--class", kind)
    with running(folder, *submit, *told, "spark-internal") as said:
        until(said, "Spark Connect server started at")
        yield f"sc://{HERE}:{port}"


def asked(master: str, folder: Path) -> dict[str, Any]:
    """What a process of its own saw of both engines; it goes by Chinese time, its Spark by Greenwich's."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.far", master, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=at_home() | {"TZ": "Asia/Shanghai"},
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@contextmanager
def running(folder: Path, kind: str, *arguments: str) -> Iterator[Path]:
    """One Java program of Spark's; gives the file of what it says, and stops it in the end."""
    said = folder / f"{kind.rpartition('.')[2]}.log"
    with said.open("w") as log:
        program = subprocess.Popen(
            [str(spark_home() / "bin" / "spark-class"), kind, *arguments],
            env=at_home() | {"TZ": "UTC"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield said
    finally:
        program.terminate()
        program.wait(PATIENCE)


def until(said: Path, words: str) -> None:
    """Wait for words of a program."""
    ends = time.monotonic() + PATIENCE
    while words not in said.read_text():
        assert time.monotonic() < ends, said.read_text()
        time.sleep(0.1)


def spark_home() -> Path:
    """Where the installed Spark lies."""
    spec = find_spec("pyspark")
    assert spec and spec.origin
    return Path(spec.origin).parent


def at_home() -> dict[str, str]:
    """The environment of a Spark that nobody outside this machine can reach."""
    return os.environ | {"SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": HERE}


def free_port() -> int:
    """A port where nobody listens now."""
    with socket.socket() as one:
        one.bind((HERE, 0))
        return int(one.getsockname()[1])


def main(master: str, folder: Path) -> None:
    """Compare both engines over the files, and tell which Spark it was."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("ATTACH ':memory:' AS lake")
        for name in SHAPES:
            connection.execute(f"CREATE VIEW lake.main.{name} AS FROM '{folder / name}.parquet'")
        session, cluster = Session(connection), Cluster(master, scratch=folder / "spill")
        files = {
            name: TableFiles(session.table(name).schema(), (f"{folder / name}.parquet",), 0)
            for name in SHAPES
        }
        with cluster.session(files) as spark:
            exchange = Exchange(folder / "exchange")
            found = compare(session, spark, AS_OF, method=v1.Quantiles(), exchange=exchange)
            seen = {"ids": [row["customer_id"] for row in spark.rows(spark.ids([3, 5]))]}
            seen |= {"zone": spark.spark.conf.get("spark.sql.session.timeZone")}
        cluster.close()
    print(json.dumps(seen | {one.what: asdict(one) for one in found}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
