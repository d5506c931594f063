"""The figures of a report: equal to plain Python on the same file, adding up to it, and nobody's name unless asked."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import python_calamine as calamine

from tests.instant import files as given
from tests.instant.conftest import TODAY, Make, silent
from zhike.core import figures
from zhike.core.text import speaking
from zhike.instant import making, page
from zhike.instant.refusals import CannotAnalyse
from zhike.instant.report import Report, Say, Table
from zhike.instant.sections import churn, value

CENT = Decimal("0.01")
Orders = dict[tuple[str, str], tuple[date, Decimal]]


def orders_of(file: Path) -> Orders:
    """Plain Python: customer and order number → day and sum of the lines, rounded to the cent once."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    days: dict[tuple[str, str], date] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            key = (row["Customer ID"], row["Order ID"])
            sums[key] += Decimal(row["Sales"])
            days[key] = date.fromisoformat(row["Order Date"])
    return {key: (days[key], total.quantize(CENT, ROUND_HALF_UP)) for key, total in sums.items()}


def customers(report: Report) -> dict[str, dict[str, object]]:
    """The customers' sheet by code, columns by their English names."""
    heads = [one.label.en for one in report.customers.columns]
    return {str(row[0]): dict(zip(heads, row, strict=True)) for row in report.customers.rows}


def table(report: Report, name: str) -> Table:
    return next(one for one in report.sheets() if one.sheet is not None and one.sheet.en == name)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return given.superstore(tmp_path_factory.mktemp("lines"))


@pytest.fixture(scope="module")
def told(lines: Path) -> Report:
    """The report on the lines of orders, made once."""
    return making.make(making.Wanted(path=lines, mapping={}, lang="zh", today=TODAY), silent)


def test_metrics_of_every_customer(told: Report, lines: Path) -> None:
    report, orders = told, orders_of(lines)
    found = customers(report)
    last = max(day for day, _ in orders.values())
    assert report.as_of == last
    assert set(found) == {who for who, _ in orders}
    for who, row in found.items():
        own = [order for (buyer, _), order in orders.items() if buyer == who]
        assert row["Spend"] == sum(amount for _, amount in own)
        assert row["Orders"] == len(own)
        assert row["First purchase"] == min(day for day, _ in own)
        assert row["Days since last purchase"] == (last - max(day for day, _ in own)).days


def test_sums_agree_with_the_file(told: Report, lines: Path) -> None:
    report, orders = told, orders_of(lines)
    sums = {row[0]: row[1] for row in table(report, "Sums").rows}
    with gzip.open(lines, "rt", encoding="utf-8", newline="") as text:
        raw = sum(Decimal(row["Sales"]) for row in csv.DictReader(text))
    assert sums["文件中可用行的金额合计"] == raw
    assert sums["销售净额"] == sum(amount for _, amount in orders.values())
    assert sums["销售净额"] - sums["每单四舍五入到分之差"] == raw
    months = table(report, "By month").rows
    assert sum(row[1] for row in months) == sums["销售净额"]
    assert sum(row[2] for row in months) == len(orders)


def test_classes_and_tiers_hold_everybody(told: Report, lines: Path) -> None:
    report = told
    found = customers(report)
    for name, column in (("RFM classes", "RFM class"), ("Tiers", "Tier")):
        counted = Counter(str(row[column]) for row in found.values())
        listed = {str(row[0]): row[1] for row in table(report, name).rows}
        assert {key: number for key, number in listed.items() if number} == dict(counted)
        assert sum(row[3] for row in table(report, name).rows) == sum(row["Spend"] for row in found.values())


def test_rfm_is_cut_at_the_medians(told: Report, lines: Path) -> None:
    report = told
    found = list(customers(report).values())

    def low_median(key: str) -> object:
        ordered = sorted(row[key] for row in found)
        return ordered[(len(ordered) - 1) // 2]

    cuts = {key: low_median(key) for key in ("Days since last purchase", "Orders", "Spend")}
    best = [
        row
        for row in found
        if row["Days since last purchase"] <= cuts["Days since last purchase"]
        and row["Orders"] > cuts["Orders"]
        and row["Spend"] > cuts["Spend"]
    ]
    assert sum(1 for row in found if str(row["RFM class"]) == "重要价值") == len(best)


def test_the_forecast_at_the_head_says_how_far_it_was_off(told: Report) -> None:
    (card,) = (one for one in told.cards if one.label.zh == "未来 12 个月价值")
    assert "回测 90 天" in card.hint or "未能回测" in card.hint
    (section,) = (one for one in told.sections if one.key == "value")
    trial = next(
        str(line) for block in section.blocks for line in getattr(block, "lines", ()) if "回测" in str(line)
    )
    off = re.search(r"\d+%", card.hint)
    assert (off.group() in trial) if off else "无法" in trial


@pytest.mark.parametrize(("signs", "named"), [(("¥", "$"), "CNY、USD"), (("€", "EUR "), ""), (("", ""), "")])
def test_amounts_of_several_currencies_are_not_added_up_in_silence(
    make: Make, tmp_path: Path, signs: tuple[str, str], named: str
) -> None:
    rows = [
        (f"C{one % 20}", f"2024-{1 + one % 12:02d}-10", f"{signs[one % 2]}{50 + one}") for one in range(120)
    ]
    file = tmp_path / "orders.csv"
    file.write_text(given.text(("客户编号", "下单时间", "金额"), rows), encoding="utf-8")
    first = str(make(file).headline[0])
    assert (f"多种货币({named})" in first) if named else "货币" not in first


@pytest.mark.parametrize(("bad", "told"), [(30, "120 行中有 30 行(25%)不可用"), (6, "")])
def test_a_report_without_many_rows_says_so_first(make: Make, tmp_path: Path, bad: int, told: str) -> None:
    rows = [
        (f"C{one % 20}", f"{'2924' if one < bad else '2024'}-{1 + one % 12:02d}-10", "50")
        for one in range(120)
    ]
    file = tmp_path / "orders.csv"
    file.write_text(given.text(("客户编号", "下单时间", "金额"), rows), encoding="utf-8")
    first = make(file).headline[0]
    assert (told in first.zh and "refused" in first.en) if told else "不可用" not in first.zh


def test_a_column_of_currencies_tells_them_too(make: Make, tmp_path: Path) -> None:
    def report(named: tuple[str, ...]) -> Report:
        rows = [
            (f"C{one % 20}", f"2024-{1 + one % 12:02d}-10", "50", named[one % len(named)])
            for one in range(120)
        ]
        file = tmp_path / "orders.csv"
        file.write_text(given.text(("customer", "date", "amount", "cur"), rows), encoding="utf-8")
        return make(file)

    alike, apart = report(("USD",)), report(("美元", "EUR", "EUR"))
    assert alike.currency == "USD" and "货币" not in str(alike.headline[0])
    assert apart.currency == "EUR" and "多种货币(EUR、USD)" in str(apart.headline[0])


def test_nobody_counts_as_recent_whom_the_tiers_warn_of(make: Make, tmp_path: Path) -> None:
    rows = [(f"C{one}", "2024-01-10", "50") for one in range(40)]
    rows += [(f"C{one}", f"2024-{month:02d}-15", "80") for one in range(12) for month in (2, 3, 11, 12)]
    file = tmp_path / "orders.csv"
    file.write_text(given.text(("客户编号", "下单时间", "金额"), rows), encoding="utf-8")
    report = make(file)
    (rfm,) = (one for one in report.sections if one.key == "rfm")
    said = [str(line) for block in rfm.blocks if isinstance(block, Say) for line in block.lines]
    assert "R 的界限不超过流失预警的" in said[1]
    lately = {"重要价值", "重要发展", "一般价值", "一般发展"}
    recent = [row for row in customers(report).values() if str(row["RFM class"]) in lately]
    assert len(recent) == 12
    assert not [row for row in recent if str(row["Tier"]) == "流失预警"]


def test_every_warning_has_its_reason(told: Report) -> None:
    warned = [row for row in customers(told).values() if str(row["Risk level"]) in {"关注", "预警", "紧急"}]
    assert warned and all(row["Reasons"] for row in warned)


def test_a_warning_without_a_telling_trait_names_the_silence() -> None:
    row = {"reasons": "[]", "churn": 0.93, "recency_days": 1399}
    with speaking("zh"):
        said = churn.reasons_in_words(row, 90)
    assert said == "已 1,399 天没有购买;同样购买记录的客户 90 天内不再购买的概率约 93%"


def test_where_nobody_seems_to_leave_the_top_list_says_so(told: Report) -> None:
    (section,) = (one for one in told.sections if one.key == "value")
    said = [block.lines for block in section.blocks if isinstance(block, Say)]
    degenerate = any(line.zh.startswith("退化") for line in said[-1])
    assert ([value.NOBODY_LEAVES] in said) == degenerate


def test_cohorts_hold_every_buyer(told: Report, lines: Path) -> None:
    report, orders = told, orders_of(lines)
    assert sum(row[1] for row in table(report, "Cohort retention").rows) == len({who for who, _ in orders})


def test_a_chinese_export_in_gb18030(make: Make, tmp_path: Path) -> None:
    report = make(given.gb18030(tmp_path))
    rows = given.chinese_orders()
    spent = sum(Decimal(str(row[5]).replace("¥", "").replace(",", "")) for row in rows)
    assert report.currency == "CNY"
    assert sum(row["Spend"] for row in customers(report).values()) == spent
    assert {str(row[1]) for row in rows} == set(customers(report))


def test_columns_set_apart_by_blanks(make: Make, tmp_path: Path) -> None:
    with_header, without = (make(given.blanks(tmp_path, header=there)) for there in (True, False))
    assert customers(with_header) == customers(without)
    assert with_header.currency == "USD"


def test_names_only_if_asked(make: Make, tmp_path: Path) -> None:
    file = given.gb18030(tmp_path)
    with speaking("zh"):
        quiet, named = page.render(make(file)), page.render(make(file, names=True))
    names = {str(row[2]) for row in given.chinese_orders()}
    assert not any(name in quiet for name in names) and "13800000" not in quiet
    assert any(name in named for name in names) and "请勿外传" in named


def test_a_phone_that_tells_customers_apart_is_masked(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "phones.csv"
    rows = [
        (f"1380000{number % 20:04d}", f"2024-{number % 12 + 1:02d}-05", number) for number in range(1, 90)
    ]
    file.write_text(given.text(("手机号", "日期", "金额"), rows), encoding="utf-8")
    assert all("****" in who for who in customers(make(file)))
    assert any(who.startswith("1380000") for who in customers(make(file, names=True)))


WRITTEN = (
    "1380000{0:04d}",
    "+86 138-0000-{0:04d}",
    "138 0000 {0:04d}",
    "861380000{0:04d}",
    "1380000{0:04d}.0",
)


def test_a_phone_is_one_customer_however_it_is_written(make: Make, tmp_path: Path) -> None:
    file, members = tmp_path / "phones.csv", tmp_path / "members.csv"
    rows = [
        (WRITTEN[number % 5].format(number % 9), f"2024-{number % 12 + 1:02d}-05", number)
        for number in range(1, 90)
    ]
    rows += [
        ("0512-65551234", "2024-03-05", 7),
        ("(0512) 6555 1234", "2024-04-05", 7),
        ("门店散客", "2024-04-06", 7),
    ]
    file.write_text(given.text(("手机号", "日期", "金额"), rows), encoding="utf-8")
    grades = [(f"138-0000-{who:04d}", "gold") for who in range(9)]
    members.write_text(given.text(("电话", "等级"), grades), encoding="utf-8")
    found = customers(make(file, names=True, customers=members))
    assert set(found) == {f"1380000{who:04d}" for who in range(9)} | {"+8651265551234", "门店散客"}
    assert found["+8651265551234"]["Orders"] == 2


def test_an_address_of_mail_is_one_customer_in_any_case(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    rows = [
        (
            ("Li{0}@Shop.cn", "li{0}@shop.cn")[number % 2].format(number % 7),
            f"2024-{number % 12 + 1:02d}-05",
            number,
        )
        for number in range(1, 90)
    ]
    file.write_text(given.text(("邮箱", "日期", "金额"), rows), encoding="utf-8")
    assert set(customers(make(file, names=True))) == {f"li{who}@shop.cn" for who in range(7)}


def test_english_is_complete(make: Make, lines: Path) -> None:
    with speaking("en"):
        shown = page.render(make(lines, lang="en"))
    assert not re.search(r"[一-鿿]", shown)


def test_the_workbook(tmp_path: Path, lines: Path) -> None:
    made = making.write(
        making.Wanted(path=lines, mapping={}, lang="en", today=TODAY), tmp_path / "out", silent
    )
    book = calamine.CalamineWorkbook.from_path(str(made["excel"]))
    rows = book.get_sheet_by_name("Customers").to_python()
    heads = rows[0]
    orders = orders_of(lines)
    assert {row[0] for row in rows[1:]} == {who for who, _ in orders}
    spend = sum(Decimal(str(row[heads.index("Spend")])).quantize(CENT) for row in rows[1:])
    assert spend == sum(amount for _, amount in orders.values())
    assert all(isinstance(row[heads.index("Last purchase")], date) for row in rows[1:])
    assert {"Summary", "By month", "RFM classes", "Tiers", "Next steps", "Columns", "Sums"} <= set(
        book.sheet_names
    )


def test_amounts_carry_no_sign_that_the_file_does_not_tell(told: Report, make: Make, lines: Path) -> None:
    report = told
    assert report.currency == ""
    with speaking("zh"), figures.paying_in(report.currency):
        assert "¥" not in page.render(report)
    assert make(lines, currency="USD").currency == "USD"


def test_a_file_of_customers_beside_the_orders(make: Make, lines: Path, tmp_path: Path) -> None:
    buyers = sorted({who for who, _ in orders_of(lines)})
    rows = [(who, f"Name {who}", "gold" if place % 2 else "silver") for place, who in enumerate(buyers[5:])]
    rows += [(f"NEW-{place}", "Nobody yet", "silver") for place in range(7)]
    file = tmp_path / "members.csv"
    file.write_text(given.text(("Card", "Full name", "Grade"), rows), encoding="utf-8")
    report = make(lines, customers=file, names=True)
    found = customers(report)
    assert set(found) == set(buyers) | {f"NEW-{place}" for place in range(7)}
    assert found["NEW-3"]["Orders"] == 0 and found["NEW-3"]["Name"] == "Nobody yet"
    grades = {who: grade for who, _name, grade in rows}
    assert {who: row["Grade"] for who, row in found.items()} == {who: grades.get(who) for who in found}
    quality = next(one for one in report.sections if one.key == "quality")
    said = [line.zh for block in quality.blocks for line in getattr(block, "lines", ())]
    assert any(f"{len(rows):,} 位,其中 {len(buyers) - 5:,} 位有订单,7 位从未购买" in line for line in said)


def test_strangers_beside_the_orders_are_refused(make: Make, lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text(
        given.text(("Card", "Grade"), [(f"X{place}", "gold") for place in range(9)]), encoding="utf-8"
    )
    with pytest.raises(CannotAnalyse):
        make(lines, customers=file)


def test_more_customers_than_the_workbook_takes(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhike.instant.sections.customers.MOST", 10)
    made = making.write(making.Wanted(path=lines, mapping={}, lang="zh", today=TODAY), tmp_path, silent)
    with Path(str(made["csv"])).open(encoding="utf-8") as text:
        listed = [row["who"] for row in csv.DictReader(text)]
    assert set(listed) == {who for who, _ in orders_of(lines)}
    rows = calamine.CalamineWorkbook.from_path(str(made["excel"])).get_sheet_by_name("客户").to_python()
    assert [row[0] for row in rows[1:]] == listed[:10]
