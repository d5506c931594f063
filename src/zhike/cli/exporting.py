"""`zhike export`: a sheet as CSV or Excel in the reader's words, or as JSON in codes that stay."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from zhike.cli import here as cli
from zhike.cli.export_sheets import SHEETS, Column, Row, sheet
from zhike.cli.here import Here, Stopped
from zhike.core.spreadsheets import inert
from zhike.core.text import Text, speaking

if TYPE_CHECKING:
    from zhike.kernel.models import User

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@click.command(
    help="导出客户、分层、预测、任务或执行记录;联系方式打码,--reveal 显示明文并留痕。"
    "Export customers, placements, forecasts, tasks or records; contacts are masked, --reveal shows them and leaves a trace."
)
@click.argument("what", type=click.Choice(list(SHEETS)))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="格式。Format.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="文件,默认标准输出。The file; default stdout.",
)
@click.option(
    "--reveal", is_flag=True, help="联系方式与敏感字段以明文导出。Contacts and sealed fields in clear."
)
@click.option(
    "--as", "email", metavar="EMAIL", help="按某位员工的权限导出。Export what this member of staff may see."
)
@click.option(
    "--lang",
    type=click.Choice(list(LANGUAGES)),
    help="列名和内容的语言,默认按安装设置。Language of headings and values; default as installed.",
)
@cli.options
def export(
    here: Here, what: str, kind: str, out: Path | None, reveal: bool, email: str | None, lang: str | None
) -> None:
    """Write the rows as they come, in little memory."""
    if kind == "xlsx" and out is None:
        out = Path(f"{what}.xlsx")
    with cli.django(here), _language(lang or here.config.language):
        user = asker(email)
        columns, rows = sheet(what, user, reveal=reveal)
        if reveal:
            _leave_a_trace(what)
        beside = _without_tier(here, user) if what == "placements" else {}
        if here.as_json and out is None:
            keys = [column.key for column in columns]
            found = [dict(zip(keys, row, strict=True)) for row in rows]
            here.answer({"export": what, "columns": keys, **beside, "rows": found})
            return
        count = _written(kind, out, [str(column.label) for column in columns], _read(columns, rows))
    if out is not None:
        here.answer(
            {"export": what, "file": str(out), "rows": count, **beside},
            f"{out}:{count:,} 行。",
            f"{out}: {count:,} rows.",
        )


@contextmanager
def _language(code: str) -> Iterator[None]:
    """Core and Django speak the language while inside."""
    from django.utils import translation

    full = LANGUAGES.get(code, code)
    with speaking(full), translation.override(full):
        yield


def _without_tier(here: Here, user: User) -> dict[str, int]:
    """How many customers the placements leave out because none was ever computed for them; said beside the rows."""
    from zhike.customers import queries
    from zhike.tiers import queries as tiers

    missing = queries.visible_to(user).count() - tiers.placements(user).count()
    if missing and not here.as_json:
        words = Text(
            f"另有 {missing:,} 位客户还没有层级;请运行 zhike loop daily。",
            f"{missing:,} more customers have no tier yet; run zhike loop daily.",
        )
        click.echo(str(words), err=True)
    return {"without_tier": missing}


def _read(columns: list[Column], rows: Iterator[Row]) -> Iterator[Row]:
    """Rows as people read them: codes in words."""
    tellers = [(place, column.told) for place, column in enumerate(columns) if column.told]
    for row in rows:
        for place, told in tellers:
            row[place] = told(row[place]) if row[place] not in (None, "") else row[place]
        yield row


def asker(email: str | None) -> User:
    """On whose behalf: a member of staff, or whoever holds the machine, who sees everything."""
    from zhike.kernel.models import User

    if email is None:
        return User(email="operator", name="zhike", role="admin", scope="all")
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Stopped(
            Text(f"没有可用的账号 {email}", f"There is no active account {email}"),
            Text("请用 zhike user list 查看", "See zhike user list"),
        )
    return found


def _leave_a_trace(what: str) -> None:
    from django.db import transaction

    from zhike.kernel import audit, queries

    with transaction.atomic():
        audit.record("export.revealed", queries.installation(), by=None, changes={"export": what})


def _written(kind: str, out: Path | None, header: list[str], rows: Iterator[Row]) -> int:
    if kind == "xlsx" and out is not None:
        return _workbook(out, header, rows)
    if out is None:
        return _csv(sys.stdout, header, rows)
    with out.open("w", encoding="utf-8", newline="") as file:
        return _csv(file, header, rows)


def _csv(file: IO[str], header: list[str], rows: Iterator[Row]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([_cell(one) for one in row])
        count += 1
    return count


def _workbook(out: Path, header: list[str], rows: Iterator[Row]) -> int:
    import xlsxwriter

    count = 0
    with xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page, bold = book.add_worksheet("zhike"), book.add_format({"bold": True})
        page.freeze_panes(1, 0)
        page.write_row(0, 0, header, bold)
        for count, row in enumerate(rows, 1):
            for column, one in enumerate(row):
                if isinstance(one, date):
                    page.write_datetime(count, column, one)
                elif not isinstance(one, str) and one is not None:
                    page.write_number(count, column, one)
                elif one:
                    page.write_string(count, column, inert(one))
    return count


def _cell(one: Any) -> Any:
    if isinstance(one, dict | list):
        return json.dumps(one, ensure_ascii=False)
    return inert(one) if isinstance(one, str) else one
