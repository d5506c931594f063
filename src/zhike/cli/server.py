"""`zhike up` (everything), `zhike web`, `zhike worker` (one process each)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from zhike.cli import doctor, processes, supervisor
from zhike.cli import here as cli
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text

ADDRESS: Final = "up.address"


@click.command(
    help="启动网页、后台任务与内置数据库。Start everything: web, worker and the embedded database."
)
@click.option("--port", type=click.IntRange(1, 65535), help="网页端口,默认 8765。The web port.")
@cli.options
def up(here: Here, port: int | None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    if port:
        choose_port(port)
    serve(here)


def choose_port(port: int) -> None:
    """A port given on the command line beats every other setting, for us and for the processes we start."""
    os.environ["ZHIKE_PORT"] = str(port)


def command(here: Here, name: str) -> list[str]:
    """How to start one of our commands on this home as a process of its own."""
    return [
        sys.executable,
        "-m",
        "zhike.cli",
        name,
        "--home",
        str(here.home),
        *(["--json"] if here.as_json else []),
    ]


def serve(here: Here) -> None:
    """Prepare the home, start everything, tell when it is ready."""
    cli.make_home(here.home)
    with only_one(here), cli.database(here, bound=True) as server:
        address = (here.config.bind, here.config.port)
        must_be_free(address)
        must_have_a_front_end(here)
        prepared = prepare()

        def ready(pids: dict[str, int | None]) -> None:
            tell_ready(here, pids, link_of(here, prepared["setup"]))

        with address_kept(here):
            supervisor.Supervisor(
                home=here.home, server=server, address=address, tell=lambda news: click.echo(news, err=True)
            ).run(ready)
    here.say("已停止。", "Stopped.")


@contextmanager
def only_one(here: Here) -> Iterator[None]:
    """Refuse a second start on the same home, naming the process that runs."""
    try:
        with processes.locked(here.home / "up.lock", wait=False) as handle:
            processes.sign(handle)
            yield
    except processes.Taken as taken:
        raise Stopped(
            Text(
                f"该目录已在运行(进程 {taken.holder})",
                f"This home is already running (process {taken.holder})",
            ),
            Text(
                f"请先停止它:kill {taken.holder},或用 --home 另选目录",
                f"Stop it first: kill {taken.holder}; or choose another --home",
            ),
            place=Text.same(str(here.home)),
        ) from None


@contextmanager
def address_kept(here: Here) -> Iterator[None]:
    """While we serve, other commands on this home find in it where: a port given to `up` stands in no setting."""
    file = here.home / ADDRESS
    file.write_text(_own_address(here), "utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def must_be_free(address: tuple[str, int]) -> None:
    """Refuse a port that somebody else serves."""
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise Stopped(
                Text(
                    f"端口 {address[1]} 不可用:{error.strerror}",
                    f"Port {address[1]} is not free: {error.strerror}",
                ),
                Text("请用 --port 另选端口", "Choose another one with --port"),
            ) from None


def must_have_a_front_end(here: Here) -> None:
    """Refuse to serve pages without style: `make install` was not run, or not to its end."""
    for finding in doctor.front_end(here):
        raise Stopped(finding.what, finding.remedy)


def prepare() -> dict[str, str | None]:
    """Migrate and make the set-up link in a process of its own, whose memory is given back."""
    done = subprocess.run(
        [sys.executable, "-m", "zhike.cli.prepare"],
        stdout=subprocess.PIPE,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Stopped(
            Text("数据库准备失败,原因见上", "The database could not be prepared; the reason stands above"),
            Text("请运行 zhike doctor", "Run zhike doctor"),
        )
    result: dict[str, str | None] = json.loads(done.stdout)
    return result


def link_of(here: Here, secret: str | None) -> str | None:
    """The address of the one-time set-up page."""
    return f"{origin(here)}/accounts/join/{secret}/" if secret else None


def origin(here: Here) -> str:
    """Where a browser finds us: the address set, the one of `zhike up` if it runs, or the one it would have."""
    config, file = here.config, here.home / ADDRESS
    if config.origin:
        return config.origin.rstrip("/")
    if file.exists() and doctor.is_up(here):
        return file.read_text("utf-8")
    return _own_address(here)


def _own_address(here: Here) -> str:
    """Where these settings serve pages."""
    config = here.config
    host = "127.0.0.1" if config.bind in {"0.0.0.0", "::"} else config.bind  # noqa: S104
    return f"http://{host}:{config.port}"


def tell_ready(here: Here, pids: dict[str, int | None], link: str | None) -> None:
    """One health line, and the link a person needs next."""
    url = f"{origin(here)}/"
    here.answer({"ready": True, "url": url, "setup": link, "pids": pids, "home": str(here.home)})
    if not here.as_json:
        names = " · ".join(f"{name} {pid}" for name, pid in pids.items() if pid)
        here.say(f"知客已就绪:{url}  ({names})", f"Zhike is ready: {url}  ({names})")
        if link:
            here.say(f"首次设置(链接仅可用一次):{link}", f"First set-up (the link works once): {link}")
        here.say("按 Ctrl-C 停止。", "Ctrl-C stops it.")
    sys.stdout.flush()


@click.command(help="只启动网页服务。Start the web server alone.")
@click.option("--port", type=click.IntRange(1, 65535), help="网页端口,默认 8765。The web port.")
@cli.options
def web(here: Here, port: int | None) -> None:
    """Serve pages with granian; the process that knows Django is granian's worker."""
    if port:
        choose_port(port)
    under_supervisor = bool(os.environ.get("DATABASE_URL"))
    config = here.config
    must_be_free((config.bind, config.port))  # granian would share a port with whoever serves it already
    with cli.database(here):
        if not under_supervisor:
            prepare()
        from granian.constants import Interfaces
        from granian.server import Server

        Server(
            "zhike.cli.wsgi:application",
            address=config.bind,
            port=config.port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=config.web_threads,
            respawn_failed_workers=True,
            log_level="warning",  # type: ignore[arg-type]
        ).serve()


@click.command(help="只启动后台任务。可在多台机器上启动多个。Start a worker alone; there may be several.")
@cli.options
def worker(here: Here) -> None:
    """Run jobs until stopped; jobs of dead workers are taken over."""
    given = os.environ.copy()
    with cli.django(here):
        from zhike.cli import working

        again = working.work(concurrency=here.config.worker_concurrency)
    if again:  # the same process, so the supervisor notices nothing, with its memory given back
        os.execve(sys.executable, command(here, "worker"), given)  # noqa: S606
