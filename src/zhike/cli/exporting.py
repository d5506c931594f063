"""`zhike export`: customers, placements, tasks and records; CSV and Excel in the reader's words, JSON in codes that stay."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from zhike.cli import here as cli
from zhike.cli.here import Here, Stopped
from zhike.core.spreadsheets import inert
from zhike.core.text import Text, speaking

if TYPE_CHECKING:
    from zhike.kernel.models import User

CHUNK = 2000
REMEMBERED = 20_000
LANGUAGES = {"zh": "zh-hans", "en": "en"}
Row = list[Any]
Reader = Callable[[Any, Iterable[Any]], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code, its heading for people, and how people read its values when those are codes."""

    key: str
    label: Text
    told: Callable[[Any], Any] | None = None


Export = tuple[list[Column], Iterator[Row]]


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


def sheet(what: str, user: User, *, reveal: bool) -> Export:
    """Columns and rows of one export."""
    if what == "customers":
        return customers(user, reveal=reveal)
    if what == "records":
        return records(user, reveal=reveal)
    return placements(user) if what == "placements" else tasks(user)


def customers(user: User, *, reveal: bool) -> Export:
    """One row per customer: who, worth, tier, and every field of the blueprint."""
    from zhike.customers import queries
    from zhike.insight import queries as insight
    from zhike.insight.facts import RFM_CLASSES
    from zhike.tiers import queries as tiers

    fields = [spec for key, spec in queries.fields().items() if key not in {"code", "name"}]
    kinds = {"person": Text("个人", "Person"), "company": Text("企业", "Company")}
    columns = [
        Column("code", Text("客户编号", "Customer code")),
        Column("kind", Text("客户类型", "Kind"), _words(kinds)),
        Column("name", Text("名称", "Name")),
        Column("manager", Text("客户经理", "Manager")),
        Column("tier", Text("层级", "Tier"), _words(_tiers())),
        Column(
            "rfm", Text("RFM 类别", "RFM class"), _words({k: one.label for k, one in RFM_CLASSES.items()})
        ),
        Column("spend", Text("累计消费", "Spend")),
        Column("orders", Text("订单数", "Orders")),
        Column("last_purchase_on", Text("最近购买", "Last purchase")),
        *(Column(spec.key, spec.label) for spec in fields),
    ]

    def rows() -> Iterator[Row]:
        readers = [_reader(spec, reveal=reveal) for spec in fields]
        everybody = queries.visible_to(user).select_related("manager").defer("search", "origins", "others")
        found = everybody.order_by("pk").iterator(CHUNK)
        while chunk := list(islice(found, CHUNK)):
            ids = [one.pk for one in chunk]
            scores, badges = insight.cards(ids), tiers.badges(ids)
            contacts = queries.contact_points(ids) if any(spec.contact for spec in fields) else {}
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
                points = contacts.get(one.pk, [])
                yield [*known, *(read(one, points) for read in readers)]

    return columns, rows()


def _reader(spec: Any, *, reveal: bool) -> Reader:
    """The function that writes one field of a customer; what is sealed is masked unless revealed."""
    from zhike.customers import queries

    def masked(clear: str) -> str:
        return clear if reveal or not clear else str(spec.mask(clear))

    def contact(customer: Any, points: Iterable[Any]) -> str:
        point = next((one for one in points if one.field == key), None)
        return masked(queries.unseal_contact(point)) if point else ""

    def sealed(customer: Any, points: Iterable[Any]) -> str:
        token = customer.sealed.get(customer.digests.get(key, ""))
        return masked(queries.unseal_value(customer, token)) if token else ""

    key = spec.key
    if spec.contact:
        return contact
    return sealed if spec.sealed else _plain(spec, reveal=reveal)


def _plain(spec: Any, *, reveal: bool) -> Reader:
    """The function that writes a field that is not sealed; each distinct value is put into words once."""
    from zhike.core import masks

    key, hide = spec.key, spec.type == "long_text" and not reveal
    known: dict[str, str] = {}

    def plain(customer: Any, points: Iterable[Any]) -> str:
        raw = customer.values.get(key)
        if raw is None:
            return ""
        word = str(raw)
        if word not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            shown = str(spec.show(spec.from_json(raw)))
            known[word] = masks.numbers(shown) if hide else shown
        return known[word]

    return plain


def placements(user: User) -> Export:
    """Where every customer stands now, since when and why; the columns are fixed, other programs read them."""
    from zhike.tiers import queries

    keys = {str(name.label): key for key, name in queries.names().items()}
    rows = queries.placements_for_export(user)
    columns = [Column(key, Text.same(key)) for key in ("code", "tier", "since", "reasons")]
    return columns, ([code, keys[tier], since, why] for code, tier, since, why in rows)


def tasks(user: User) -> Export:
    """Every task, what became of it included."""
    from zhike.execution import queries
    from zhike.kernel import prose
    from zhike.strategies.facts import cycle_text

    seen = queries.visible_to(user)
    columns = [
        Column("key", Text("任务标识", "Task key")),
        Column("code", Text("客户编号", "Customer code")),
        Column("title", Text("任务", "Task")),
        Column("tier", Text("层级", "Tier"), _words(_tiers())),
        Column("cycle", Text("周期", "Cycle"), cycle_text),
        Column("assignee", Text("负责人", "Owner")),
        Column("due_on", Text("期限", "Due")),
        Column("postponed_to", Text("推迟到", "Postponed to")),
        Column("state", Text("状态", "State"), lambda state: str(seen.model.State(state).label)),
        Column("closed_on", Text("关闭日期", "Closed on")),
        Column("closing", Text("关闭方式", "How it ended"), lambda one: str(seen.model.Closing(one).label)),
        Column("reason", Text("原因", "Reason")),
    ]
    found = seen.order_by("pk").iterator(CHUNK)
    return columns, (
        [
            str(one.key), one.customer.code, prose.said(user, str(one.name), leaves=True), one.tier, one.cycle,
            one.assignee.name if one.assignee else "", one.due_on, one.postponed_to, one.state, one.closed_on,
            one.closing, prose.said(user, one.reason, leaves=True),
        ]
        for one in found
    )  # fmt: skip


def records(user: User, *, reveal: bool) -> Export:
    """Every execution record that was not withdrawn."""
    from zhike.execution import queries
    from zhike.kernel import prose

    seen = queries.records_visible_to(user)
    columns = [
        Column("key", Text("记录标识", "Record key")),
        Column("date", Text("日期", "Date")),
        Column("code", Text("客户编号", "Customer code")),
        Column("executor", Text("执行人", "Executor")),
        Column("action", Text("行动", "Action")),
        Column("feedback", Text("客户反馈", "Feedback")),
        Column("result", Text("结果", "Outcome"), lambda one: str(seen.model.Result(one).label)),
        Column("next_step", Text("下一步", "Next step")),
        Column("next_on", Text("下一步期限", "Next step by")),
    ]
    found = seen.order_by("on_date", "pk").iterator(CHUNK)
    return columns, (
        [
            str(one.key), one.on_date, one.customer.code, one.executor.name,
            *(prose.said(user, text, leaves=not reveal) for text in (one.action, one.feedback)), one.result,
            prose.said(user, one.next_step, leaves=not reveal), one.next_on,
        ]
        for one in found
    )  # fmt: skip


def _tiers() -> dict[str, Text]:
    from zhike.tiers import queries

    return {key: name.label for key, name in queries.names().items()}


def _words(labels: Mapping[str, Text]) -> Callable[[Any], Any]:
    return lambda code: str(labels[code]) if code in labels else code


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
