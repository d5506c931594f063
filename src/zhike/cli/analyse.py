"""`zhike analyse`: a report on one file of orders, at once; needs no home, no server and no PostgreSQL."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import click

from zhike.cli import progress
from zhike.cli.importing import pair
from zhike.core import text
from zhike.core.errors import Refusal
from zhike.core.text import Text

ASKS = 2  # the exit code of a question
TITLE = Text("分析", "Analysing")
LANGUAGES = ["zh", "en"]


@click.command(
    help="分析一个订单文件,立即得到 HTML 报告与 Excel:数据质量、RFM、分层、价值、流失、留存、下一步;不需要服务器,数据不离开本机。"
    "Analyse one file of orders: an HTML report and a workbook at once; no server, nothing leaves this machine."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--customers",
    type=click.Path(path_type=Path),
    help="客户资料文件(可选)。A file of customers, if there is one.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="输出目录,默认当前目录。Where to write; default here.",
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="报告语言,默认中文。The report's language; default Chinese."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="统计日,默认最后一笔订单的日期。The reporting day; default the last order's.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=MEANING",
    help="指定某列的含义,如 '买家=customer'。What a column means.",
)
@click.option(
    "--dates",
    type=click.Choice(["ymd", "mdy", "dmy"]),
    help="日期的写法,默认自动判断。How days are written; default told by the file.",
)
@click.option("--currency", default="", metavar="CODE", help="币种,如 CNY、USD。The currency, such as USD.")
@click.option(
    "--names",
    is_flag=True,
    help="报告中写出客户姓名(默认只有编号)。Write customers' names into the report (codes only by default).",
)
@click.option("--json", "as_json", is_flag=True, help="最后一行输出 JSON。The last line printed is JSON.")
def analyse(
    file: Path, customers: Path | None, out: Path | None, lang: str | None, as_of: datetime | None, mapping: tuple[str, ...],
    dates: str | None, currency: str, names: bool, as_json: bool,
) -> None:  # fmt: skip
    """Understand the file, compute, write both files, say where they are."""
    spoken = lang or ("en" if os.environ.get("ZHIKE_LANGUAGE", "zh").startswith("en") else "zh")
    text.speak(spoken)
    try:
        from zhike.instant import making
        from zhike.instant.forms import Order

        wanted = making.Wanted(
            path=file, mapping=dict(pair(one) for one in mapping), lang="en" if spoken == "en" else "zh",
            today=datetime.now().astimezone().date(),
            as_of=as_of.date() if as_of else None, order=Order(dates) if dates else None, names=names, currency=currency.upper(),
            customers=customers,
        )  # fmt: skip
        with progress.bar(TITLE) as tell:
            made = making.write(wanted, out or Path.cwd(), tell)
    except Refusal as refusal:
        _refuse(refusal, as_json=as_json)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, default=str))
    else:
        click.echo(made["html"])
        click.echo(made["excel"])
        if "csv" in made:
            click.echo(made["csv"])


def _refuse(refusal: Refusal, *, as_json: bool) -> None:
    """Ask or say why not, in both languages: whoever is asked may read only one."""
    if as_json:
        click.echo(json.dumps({"error": refusal.as_json()}, ensure_ascii=False))
    else:
        click.secho(refusal.text.zh, fg="red", err=True)
        click.secho(refusal.text.en, fg="red", err=True)
    sys.exit(ASKS)
