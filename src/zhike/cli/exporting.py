"""`zhike export`: customers, placements, tasks and records as CSV, Excel or JSON, with names of columns that stay."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from zhike.cli import here as cli
from zhike.cli.here import Here, Stopped
from zhike.core.spreadsheets import inert
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.kernel.models import User

CHUNK = 2000
Row = list[Any]
Export = tuple[list[str], Iterator[Row]]


@click.command(
    help="导出客户、分层、任务或执行记录;联系方式打码,--reveal 显示明文并留痕。"
    "Export customers, placements, tasks or records; contacts are masked, --reveal shows them and leaves a trace."
)
@click.argument("what", type=click.Choice(["customers", "placements", "tasks", "records"]))
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
@cli.options
def export(here: Here, what: str, kind: str, out: Path | None, reveal: bool, email: str | None) -> None:
    """Write the rows as they come, in little memory."""
    if kind == "xlsx" and out is None:
        out = Path(f"{what}.xlsx")
    with cli.django(here):
        user = asker(email)
        header, rows = sheet(what, user, reveal=reveal)
        if reveal:
            _leave_a_trace(what)
        if here.as_json and out is None:
            here.answer(
                {
                    "export": what,
                    "columns": header,
                    "rows": [dict(zip(header, row, strict=True)) for row in rows],
                }
            )
            return
        count = _written(kind, out, header, rows)
    if out is not None:
        here.answer(
            {"export": what, "file": str(out), "rows": count},
            f"{out}:{count:,} 行。",
            f"{out}: {count:,} rows.",
        )


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


def sheet(what: str, user: User, *, reveal: bool) -> Export:
    """Header and rows of one export."""
    if what == "customers":
        return customers(user, reveal=reveal)
    makers: dict[str, Callable[[User], Export]] = {
        "placements": placements,
        "tasks": tasks,
        "records": records,
    }
    return makers[what](user)


def customers(user: User, *, reveal: bool) -> Export:
    """One row per customer: who, worth, tier, and every field of the blueprint."""
    from zhike.customers import queries
    from zhike.insight import queries as insight
    from zhike.tiers import queries as tiers

    fields = [spec for key, spec in queries.fields().items() if key != "name"]
    header = ["code", "kind", "name", "manager", "tier", "rfm", "spend", "orders", "last_purchase_on"]
    header += [spec.key for spec in fields]

    def rows() -> Iterator[Row]:
        found = queries.visible_to(user).select_related("manager").order_by("pk").iterator(CHUNK)
        while chunk := list(islice(found, CHUNK)):
            ids = [one.pk for one in chunk]
            scores, badges = insight.cards(ids), tiers.badges(ids)
            contacts = queries.contact_points(ids)
            for one in chunk:
                score, badge = scores.get(one.pk), badges.get(one.pk)
                known: Row = [
                    one.code,
                    one.kind,
                    queries.shown_name(user, one),
                    one.manager.name if one.manager else "",
                ]
                known += [badge.key if badge else ""]
                known += (
                    [score.rfm_class, score.spend, score.orders, score.last_purchase_on]
                    if score
                    else ["", 0, 0, None]
                )
                yield [
                    *known,
                    *(value(one, spec, contacts.get(one.pk, []), reveal=reveal) for spec in fields),
                ]

    return header, rows()


def value(customer: Any, spec: Any, contacts: Iterable[Any], *, reveal: bool) -> str:
    """One field of one customer; what is sealed is masked unless revealed."""
    from zhike.customers import queries

    if spec.contact:
        point = next((one for one in contacts if one.field == spec.key), None)
        clear = queries.unseal_contact(point) if point else ""
        return clear if reveal or not clear else spec.mask(clear)
    if spec.sealed:
        token = customer.sealed.get(spec.key)
        clear = queries.unseal_value(customer, token) if token else ""
        return clear if reveal or not clear else spec.mask(clear)
    return str(spec.show(spec.from_json(customer.values.get(spec.key))))


def placements(user: User) -> Export:
    """Where every customer stands now, since when and why."""
    from zhike.tiers import queries

    keys = {str(name.label): key for key, name in queries.names().items()}
    rows = queries.placements_for_export(user)
    return ["code", "tier", "since", "reasons"], (
        [code, keys[tier], since, why] for code, tier, since, why in rows
    )


def tasks(user: User) -> Export:
    """Every task, what became of it included."""
    from zhike.execution import queries

    header = [
        "key",
        "code",
        "title",
        "tier",
        "cycle",
        "assignee",
        "due_on",
        "postponed_to",
        "state",
        "closed_on",
        "closing",
        "reason",
    ]
    found = queries.visible_to(user).order_by("pk").iterator(CHUNK)
    return header, (
        [
            str(one.key), one.customer.code, str(Text.from_json(one.title)), one.tier, one.cycle,
            one.assignee.name if one.assignee else "", one.due_on, one.postponed_to, one.state, one.closed_on,
            one.closing, one.reason,
        ]
        for one in found
    )  # fmt: skip


def records(user: User) -> Export:
    """Every execution record that was not withdrawn."""
    from zhike.execution import queries

    header = ["key", "date", "code", "executor", "action", "feedback", "result", "next_step", "next_on"]
    found = queries.records_visible_to(user).order_by("on_date", "pk").iterator(CHUNK)
    return header, (
        [
            str(one.key), one.on_date, one.customer.code, one.executor.name, one.action, one.feedback, one.result,
            one.next_step, one.next_on,
        ]
        for one in found
    )  # fmt: skip


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
