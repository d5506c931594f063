"""`zhike import`: a file from disk through the same steps as an uploaded one, with the receipt at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhike.cli import here as cli
from zhike.cli import loops
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.intake.facts import Receipt

KINDS = ["customers", "products", "orders", "returns", "interactions", "feedback", "events"]
PROBLEMS_SHOWN = 20


@click.command(
    help="导入 CSV 或 Excel 文件;重复导入同一文件不会改变任何数据。"
    "Import a CSV or Excel file; importing the same file again changes nothing."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--kind", type=click.Choice(KINDS), required=True, help="数据种类。What the rows are.")
@click.option("--source", default="", help="来源名称,默认 files。Where it comes from; default files.")
@click.option("--sheet", default="", help="工作表名称。The sheet to read.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="指定列对应的字段。Which field a column fills.",
)
@click.option(
    "--blueprint",
    type=click.Choice(["retail", "companies"]),
    default="retail",
    show_default=True,
    help="尚无模板时采用的模板。The blueprint to adopt when there is none yet.",
)
@cli.options
def import_file(
    here: Here, file: Path, kind: str, source: str, sheet: str, mapping: tuple[str, ...], blueprint: str
) -> None:
    """Receive, stage, absorb, and print the receipt."""
    with cli.django(here):
        adopt_first(blueprint)
        from zhike.intake import actions, queries

        batch = actions.receive_path(
            file, kind=kind, source=source, by=None, sheet=sheet, mapping=dict(pair(one) for one in mapping)
        )
        title = Text(f"导入 {file.name}", f"Import {file.name}")
        loops.perform("loop.collect", title, batch=batch.pk)
        receipt = queries.receipt(queries.batch(batch.pk), notes=PROBLEMS_SHOWN)
    here.answer(receipt.as_json(), *sentence(receipt))
    if not here.as_json:
        for problem in receipt.problems:
            click.echo(f"  {problem.row} {problem.column}: {problem.reason} {problem.remedy}")


def adopt_first(key: str) -> None:
    """A home without a blueprint adopts a shipped one, as the set-up page does."""
    from zhike.blueprint import actions, queries
    from zhike.blueprint.facts import NoBlueprint

    try:
        queries.current()
    except NoBlueprint:
        actions.adopt_shipped(key=key, by=None)


def pair(one: str) -> tuple[str, str]:
    """`COLUMN=FIELD` as a pair."""
    column, sign, field = one.rpartition("=")
    if not sign or not column:
        raise Stopped(
            Text(f"--map {one} 写法有误", f"--map {one} is not COLUMN=FIELD"),
            Text("请写成 --map 列名=字段", "Write --map COLUMN=FIELD"),
        )
    return column, field


def sentence(receipt: Receipt) -> tuple[str, str]:
    """The receipt for a person."""
    read, accepted, held, refused = receipt.read, receipt.accepted, receipt.held, receipt.refused
    news = _news(receipt)
    return (
        f"读取 {read:,} 行:已导入 {accepted:,},待处理 {held:,},拒绝 {refused:,}。{news.zh}",
        f"{read:,} rows read: {accepted:,} accepted, {held:,} held, {refused:,} refused. {news.en}".rstrip(),
    )


def _news(receipt: Receipt) -> Text:
    """What the accepted rows changed; nothing when that is not known."""
    if receipt.changes_nothing:
        return Text("内容都已导入过,没有变化。", "All of it was known already; nothing changed.")
    if not receipt.accepted or receipt.added is None or receipt.changed is None:
        return Text("", "")
    return Text(
        f"新增 {receipt.added:,} 条,更改 {receipt.changed:,} 条。",
        f"{receipt.added:,} records new, {receipt.changed:,} changed.",
    )
