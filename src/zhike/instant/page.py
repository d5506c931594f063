"""Writes a report as one HTML file that needs no network, no script and no font: styles and charts stand in it."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from zhike.core.text import Text, language
from zhike.instant import drawing
from zhike.instant.report import (
    Badge,
    Bands,
    Bars,
    Block,
    Column,
    Figures,
    Heat,
    Report,
    Say,
    Table,
    Tiles,
    written,
)

_WORDS = {
    "brand": Text("知客", "Zhike"),
    "title": Text("客户资产速览", "Customer report"),
    "as_of": Text("统计日", "As of"),
    "period": Text("订单", "Orders"),
    "to": Text("至", "to"),
    "summary": Text("一眼看懂", "At a glance"),
    "contents": Text("目录", "Contents"),
    "show": Text("展开表格", "Show the table"),
    "more": Text("全部见 Excel", "all are in the workbook"),
    "rows": Text("行", "rows"),
    "named": Text("本报告含客户姓名,请勿外传。", "This report holds customers' names: do not pass it on."),
    "unnamed": Text(
        "本报告只含客户编号,不含姓名和联系方式(加 --names 才会写入姓名)。",
        "This report holds customer codes only, no names and no contacts (--names adds names).",
    ),
    "local": Text(
        "在你自己的电脑上算出,没有任何数据离开这台电脑。",
        "Computed on your own machine; nothing has left it.",
    ),
    "made_by": Text("由知客生成", "Made by Zhike"),
    "print": Text("打印", "Print"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as the page shows it."""

    text: str
    color: str
    number: bool
    wide: bool


def render(report: Report) -> str:
    """The whole page in the language of the context."""
    folder = resources.files("zhike.instant") / "templates"
    with resources.as_file(folder) as place:
        engine = Engine(dirs=[str(place)], autoescape=True)
        style = mark_safe((place / "report.css").read_text("utf-8"))  # noqa: S308 — our own file
        values: dict[str, Any] = {
            "lang": "zh-CN" if language() == "zh" else "en",
            "words": {key: str(text) for key, text in _WORDS.items()},
            "style": style,
            "report": report,
            "period": [f"{day:%Y-%m-%d}" for day in report.period],
            "as_of": f"{report.as_of:%Y-%m-%d}",
            "made_on": f"{report.made_on:%Y-%m-%d}",
            "headline": [str(one) for one in report.headline],
            "sections": [
                {
                    "key": one.key,
                    "title": str(one.title),
                    "lead": str(one.lead),
                    "blocks": [shown for block in one.blocks if (shown := _shown(block))],
                }
                for one in report.sections
            ],
        }
        return str(engine.get_template("report.html").render(Context(values, use_l10n=False, use_tz=False)))


def _shown(block: Block) -> dict[str, Any] | None:
    """A block as the template reads it; None for what only the workbook shows."""
    given: dict[str, Any] = {"kind": block.kind, "title": str(getattr(block, "title", "") or "")}
    note = getattr(block, "note", None)
    given["note"] = str(note) if note else ""
    match block:
        case Figures():
            given["cards"] = block.cards
        case Say():
            given |= {"lines": [str(one) for one in block.lines], "tone": block.tone}
        case Table():
            return given | _table(block) if block.shown and block.rows else None
        case Bars():
            given |= {
                "drawn": drawing.bars(block),
                "across": block.across,
                "names": [str(one) for one in block.names],
            }
        case Tiles():
            given["tiles"] = drawing.tiles(block.parts)
        case Bands():
            given["bands"] = [(str(label), parts) for label, parts in block.bands]
            longest = max((parts for _, parts in block.bands), key=len, default=())
            given["legend"] = longest
        case Heat():
            given |= {"first": str(block.first), "columns": block.columns, "lines": drawing.heat(block)}
    return given


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [_cell(value, column) for value, column in zip(row, table.columns, strict=False)]
        for row in table.rows[: table.shown]
    ]
    heads = [(str(one.label), _is_number(one), one.wide) for one in table.columns]
    return {
        "heads": heads,
        "rows": rows,
        "folded": table.folded,
        "left_out": max(len(table.rows) - table.shown, 0),
    }


def _is_number(column: Column) -> bool:
    return column.unit not in {"text", "date"}


def _cell(value: object, column: Column) -> _Cell:
    color = value.color if isinstance(value, Badge) else ""
    return _Cell(written(value, column.unit), color, _is_number(column), column.wide)
