"""Files that people really have: read where that is possible, answered with a question or a reason where it is not."""

import gzip
import json
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from tests.instant import files as given
from tests.instant.conftest import Make
from tests.instant.test_report import customers, table
from zhike.cli import main
from zhike.core.errors import Refusal

HEAD = ("客户编号", "下单时间", "金额")
ROWS = [
    (f"C{number % 9}", f"2024-{number % 12 + 1:02d}-1{number % 9}", f"{number}.50") for number in range(1, 60)
]


def written(path: Path, rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> Path:
    path.write_text(given.text(head, rows), encoding="utf-8")
    return path


BAD = {
    "empty": (b"", "空"),
    "only a header": ("客户编号,下单时间,金额\n".encode(), "不是 Excel 工作簿"),
    "a page under a workbook's name": (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "a document": (b"%PDF-1.4\n" + bytes(range(32)) * 20, "不是表格"),
    "columns without meaning": (b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n", "哪一列"),
    "no day can be read": ("客户编号,下单时间,金额\nA1,昨天,10\nA1,前天,20\n".encode(), "没有一行可用"),
    "all in the future": (
        "客户编号,下单时间,金额\nA1,2034-01-05,10\nA2,2034-02-05,20\n".encode(),
        "没有一行可用",
    ),
    "only returns": ("客户编号,下单时间,金额\nA1,2024-01-05,-10\nA1,2024-02-05,-20\n".encode(), "负数"),
    "words": (b"hello world", "不是 Excel 工作簿"),
    "a broken archive": (b"\x1f\x8b\x08\x00" + b"x" * 50, "损坏"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD.keys())
def test_a_file_that_cannot_be_understood_is_answered(
    make: Make, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "orders.xls"
    file.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        make(file)
    assert said in refused.value.reason.zh and refused.value.reason.en and refused.value.remedy.en


def test_many_columns_are_named_in_part_and_counted(make: Make, tmp_path: Path) -> None:
    head = [f"c{place}" for place in range(200)]
    with pytest.raises(Refusal) as refused:
        make(written(tmp_path / "wide.csv", [["7"] * 200] * 9, head))
    assert "c29 | … (200)。" in refused.value.reason.zh


def test_a_header_without_rows_is_answered(make: Make, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        make(written(tmp_path / "orders.csv", []))
    assert "没有数据行" in refused.value.reason.zh


def test_of_one_customer_no_fifth_and_no_median_is_told(make: Make, tmp_path: Path) -> None:
    report = make(written(tmp_path / "orders.csv", FEW["one customer"]))
    assert not [line for line in report.headline if "20%" in line.zh]
    (rfm,) = (one for one in report.sections if one.key == "rfm")
    assert [block.kind for block in rfm.blocks] == ["tiles", "table"]


FEW = {
    "one row": ROWS[:1],
    "one customer": [("A1", day, amount) for _, day, amount in ROWS[:5]],
    "one order each": [(f"C{place}", day, amount) for place, (_, day, amount) in enumerate(ROWS)],
    "all on one day": [(who, "2024-01-05", amount) for who, _, amount in ROWS],
    "free of charge": [(who, day, "0") for who, day, _ in ROWS],
}


@pytest.mark.parametrize("rows", FEW.values(), ids=FEW.keys())
def test_little_is_enough_for_a_report(tmp_path: Path, rows: Sequence[Sequence[object]]) -> None:
    file = written(tmp_path / "orders.csv", rows)
    done = CliRunner().invoke(main, ["analyse", str(file), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.output.strip().splitlines()[-1])
    assert Path(made["html"]).stat().st_size > 5_000 and Path(made["excel"]).is_file()


def test_decimals_behind_a_comma_are_answered_with_how_to_write_them(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer;date;amount\n" + "C1;2024-03-05;1.413,76\n" * 9, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        make(file)
    assert "1.413,76" in refused.value.reason.zh
    assert "小数点请写成“.”" in refused.value.remedy.zh and "--map" in refused.value.remedy.zh


WAYS = {
    "currency and thousands": ("¥1,234.50", "1234.50"),
    "ten thousands": ("1.2万", "12000"),
    "brackets for less": ("-50.25", "-50.25"),
    "full width": ("12.50", "12.50"),
    "euro": ("€ 99.90", "99.90"),
    "a long tail of digits": ("10.1000000001", "10.10"),
    "an exponent": ("1.5e2", "150"),
}


@pytest.mark.parametrize(("cell", "worth"), WAYS.values(), ids=WAYS.keys())
def test_ways_to_write_an_amount(make: Make, tmp_path: Path, cell: str, worth: str) -> None:
    report = make(
        written(tmp_path / "orders.csv", [*ROWS, ("Z9", "2024-03-03", cell), ("Z9", "2024-03-04", "100")])
    )
    assert customers(report)["Z9"]["Spend"] == Decimal(worth) + 100


DAYS = {
    "year first": ("2024/3/5", "2024/3/25", "2024-03-05"),
    "Chinese": ("2024年3月5日", "2024年3月25日", "2024-03-05"),
    "eight digits": ("20240305", "20240325", "2024-03-05"),
    "month first": ("3/5/2024", "3/25/2024", "2024-03-05"),
    "day first": ("5/3/2024", "25/3/2024", "2024-03-05"),
    "day first with dots": ("05.03.2024", "25.03.2024", "2024-03-05"),
    "with a time": ("2024-03-05T08:01:02.5", "2024-03-25 10:00", "2024-03-05"),
    "two digits of the year": ("3/5/24", "3/25/24", "2024-03-05"),
    "seconds since 1970": ("1709600000", "1711300000", "2024-03-05"),
}


@pytest.mark.parametrize(("first", "other", "meant"), DAYS.values(), ids=DAYS.keys())
def test_ways_to_write_a_day(make: Make, tmp_path: Path, first: str, other: str, meant: str) -> None:
    rows = [(f"C{number % 5}", first if number % 2 else other, number) for number in range(1, 40)]
    report = make(written(tmp_path / "orders.csv", rows))
    assert min(row["First purchase"] for row in customers(report).values()).isoformat() == meant


def test_days_that_leave_a_doubt_say_so(make: Make, tmp_path: Path) -> None:
    rows = [(f"C{number % 5}", f"{number % 5 + 1}/{number % 3 + 1}/2024", number) for number in range(1, 40)]
    file = written(tmp_path / "orders.csv", rows)
    quality = next(one for one in make(file).sections if one.key == "quality")
    assert any("--dates dmy" in line.zh for block in quality.blocks for line in getattr(block, "lines", ()))


def packed(folder: Path, how: str) -> Path:
    """The same rows as the other kinds of file."""
    text = given.text(HEAD, ROWS)
    if how == "gz":
        (folder / "orders.csv.gz").write_bytes(gzip.compress(text.encode()))
    elif how == "zip":
        with zipfile.ZipFile(folder / "orders.zip", "w") as archive:
            archive.writestr("inside/orders.csv", text.encode("gb18030"))
    elif how == "xlsx":
        with xlsxwriter.Workbook(folder / "orders.xlsx") as book:
            page = book.add_worksheet("订单")
            for number, row in enumerate([HEAD, *ROWS]):
                page.write_row(number, 0, row)
    else:
        (folder / "orders.tsv").write_text(given.text(HEAD, ROWS, "\t"), encoding="utf-16")
    return next(folder.glob("orders.*"))


@pytest.mark.parametrize("how", ["gz", "zip", "xlsx", "tsv"])
def test_kinds_of_file(make: Make, tmp_path: Path, how: str) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    wanted = customers(make(written(plain / "orders.csv", ROWS)))
    assert customers(make(packed(tmp_path, how))) == wanted


def test_refused_rows_are_named(make: Make, tmp_path: Path) -> None:
    rows = [*ROWS, ("", "2024-03-03", "5"), ("Z1", "2024-13-45", "5"), ("Z1", "2024-03-05", "many")]
    report = make(written(tmp_path / "orders.csv", rows))
    refused = {str(row[0]): row for row in table(report, "Refused rows").rows}
    assert {name: (row[1], row[3]) for name, row in refused.items()} == {
        "客户编号": (1, str(len(ROWS) + 2)), "下单时间": (1, str(len(ROWS) + 3)), "金额": (1, str(len(ROWS) + 4)),
    }  # fmt: skip


def test_equal_reasons_are_one_line_and_show_what_the_file_says(make: Make, tmp_path: Path) -> None:
    rows = [*ROWS, ("Z1", "2024/13/45", "5"), ("Z1", "2024/14/01", "5"), ("Z1", "2023年2月30日", "5")]
    (line,) = table(make(written(tmp_path / "orders.csv", rows)), "Refused rows").rows
    assert line[:2] == ("下单时间", 3) and "2024/13/45" in str(line) and "00:00:00" not in str(line)
    assert str(line[2]).startswith("这个值不存在。")
    with pytest.raises(Refusal) as refused:
        make(written(tmp_path / "none.csv", rows[-3:]))
    assert "这个值不存在。 例如第 2 行:2024/13/45。" in refused.value.reason.zh
    assert "This value does not exist. Row 2, for example: 2024/13/45." in refused.value.reason.en


def test_the_same_order_twice_counts_once(make: Make, tmp_path: Path) -> None:
    rows = [(f"N{place}", *row) for place, row in enumerate(ROWS)]
    twice = make(written(tmp_path / "orders.csv", [*rows, rows[3], rows[3]], ("订单号", *HEAD)))
    once = make(written(tmp_path / "once.csv", rows, ("订单号", *HEAD)))
    assert customers(twice) == customers(once)
    assert {str(row[0]): row[1] for row in table(twice, "Sums").rows}["重复行(未计入)"] == 2 * Decimal(
        rows[3][3]
    )


def test_an_amount_below_zero_is_a_return(make: Make, tmp_path: Path) -> None:
    report = make(written(tmp_path / "orders.csv", [*ROWS, ("C1", "2024-12-20", "-7.25")]))
    before = make(written(tmp_path / "before.csv", ROWS))
    assert customers(report)["C1"]["Spend"] == customers(before)["C1"]["Spend"] - Decimal("7.25")
    assert customers(report)["C1"]["Returns"] == 1


def test_a_question_ends_with_code_two_and_no_trace(tmp_path: Path) -> None:
    file = written(tmp_path / "orders.csv", [(1, 2, 3), (4, 5, 6)], ("a", "b", "c"))
    done = CliRunner().invoke(main, ["analyse", str(file)])
    assert done.exit_code == 2
    assert "哪一列" in done.output and "--map 'XX=customer'" in done.output and "Which column" in done.output
    assert "Traceback" not in done.output


def test_a_column_is_named_by_hand(make: Make, tmp_path: Path) -> None:
    rows = [(who, day, amount, "7") for who, day, amount in ROWS]
    file = written(tmp_path / "orders.csv", rows, ("甲", "乙", "丙", "丁"))
    report = make(file, mapping={"甲": "customer", "乙": "date", "丙": "amount"})
    assert sum(row["Spend"] for row in customers(report).values()) == sum(Decimal(row[2]) for row in ROWS)
    with pytest.raises(Refusal):
        make(file, mapping={"戊": "customer"})
    with pytest.raises(Refusal):
        make(file, mapping={"甲": "nonsense"})
