"""Why no report can be made of a file, and what its owner can do about it."""

from collections.abc import Iterable
from pathlib import Path

from zhike.core.errors import Refusal
from zhike.core.text import Text

NAMED = 30  # columns that a question names


class CannotAnalyse(Refusal):
    """A file of which no report can be made."""


def missing(path: Path) -> CannotAnalyse:
    """No such file."""
    return CannotAnalyse(
        Text(f"找不到文件 {path}。", f"There is no file {path}."),
        Text("请检查路径和文件名。", "Check the path and the name."),
    )


def folder(path: Path) -> CannotAnalyse:
    """A folder where a file is meant."""
    return CannotAnalyse(
        Text(f"{path} 是文件夹。", f"{path} is a folder."),
        Text("请给出其中一个订单文件。", "Name one file of orders in it."),
    )


def no_workbook(ending: str) -> CannotAnalyse:
    """Text without a table under a workbook's name."""
    return CannotAnalyse(
        Text(
            f"文件名以 {ending} 结尾,但它不是 Excel 工作簿,而是没有表格的文本。",
            f"The name ends in {ending}, yet this is no Excel workbook but text without a table.",
        ),
        Text(
            "请在 Excel 或 WPS 中打开原表,另存为 .xlsx 或 .csv 后再试。",
            "Open the original in Excel or WPS, save it as .xlsx or .csv and try again.",
        ),
    )


def several_inside(names: list[str]) -> CannotAnalyse:
    """An archive in which one would have to choose."""
    listed = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
    return CannotAnalyse(
        Text(
            f"压缩包里有 {len(names)} 个文件:{listed}",
            f"The archive holds {len(names)} files: {listed}",
        ),
        Text(
            "请解压,然后给出其中的订单文件。",
            "Unpack it and name the file of orders.",
        ),
    )


def which_column(lacking: Iterable[tuple[str, Text]], names: list[str]) -> CannotAnalyse:
    """Columns without which nothing can be told were not found; asks for them."""
    keys = list(lacking)
    zh = "、".join(label.zh for _, label in keys)
    en = ", ".join(label.en.lower() for _, label in keys)
    listed = _some(names)
    example = " ".join(f"--map 'XX={key}'" for key, _ in keys)
    return CannotAnalyse(
        Text(
            f"看不出哪一列是{zh}。文件的列:{listed}。",
            f"Which column is the {en}? The file's columns: {listed}.",
        ),
        Text(
            f"请指出来,例如 zhike analyse 文件 {example}(XX 换成列名)。",
            f"Say so: zhike analyse FILE {example} (with the column's name for XX).",
        ),
    )


def no_such_column(name: str, names: list[str]) -> CannotAnalyse:
    """--map names a column that the file does not have."""
    listed = _some(names)
    return CannotAnalyse(
        Text(f"文件里没有“{name}”这一列。", f"The file has no column “{name}”."),
        Text(f"文件的列:{listed}。", f"Its columns: {listed}."),
    )


def no_such_meaning(word: str, known: Iterable[str]) -> CannotAnalyse:
    """--map names a meaning that nobody knows."""
    return CannotAnalyse(
        Text(f"不认识“{word}”这个含义。", f"“{word}” is no known meaning."),
        Text(f"可用:{', '.join(known)}。", f"Use one of: {', '.join(known)}."),
    )


def nothing_left(read: int, first: Text, remedy: Text) -> CannotAnalyse:
    """Every row was refused; `first` is why one was, `remedy` what helps."""
    return CannotAnalyse(
        Text(
            f"{read:,} 行里没有一行可用。第一个原因:{first.zh}",
            f"None of the {read:,} rows could be used. The first reason: {first.en}",
        ),
        Text(
            f"{remedy.zh}也请检查列是否认对了;认错的列可用 --map '列名=含义' 更正。",
            f"{remedy.en} Check also that the columns were taken for what they are; correct one with --map 'COLUMN=MEANING'.",
        ),
    )


def strangers(name: str, columns: list[str]) -> CannotAnalyse:
    """A file of customers of whom none placed an order of the other file."""
    listed = _some(columns)
    return CannotAnalyse(
        Text(
            f"{name} 里没有一列与订单中的客户对得上。它的列:{listed}。",
            f"No column of {name} holds the customers of the orders. Its columns: {listed}.",
        ),
        Text("请确认两个文件用的是同一种客户编号。", "See that both files know customers by the same code."),
    )


def only_returns(rows: int) -> CannotAnalyse:
    """Every amount is below zero."""
    return CannotAnalyse(
        Text(
            f"{rows:,} 行的金额都是负数,没有一笔订单。",
            f"All {rows:,} amounts are below zero: there is no order.",
        ),
        Text(
            "请给出含有订单的文件,或用 --map 指出金额列。",
            "Give a file with orders, or name the amount column by --map.",
        ),
    )


def nothing_by(day: object) -> CannotAnalyse:
    """No order by the reporting day."""
    return CannotAnalyse(
        Text(f"到 {day} 为止没有订单。", f"There is no order by {day}."),
        Text("请用 --as-of 指定更晚的日期。", "Give a later day by --as-of."),
    )


def _some(names: list[str]) -> str:
    """The first columns of a file, and how many there are when not all are named."""
    return " | ".join(names[:NAMED]) + (f" | … ({len(names)})" if len(names) > NAMED else "")
