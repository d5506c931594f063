"""Small files of orders for tests, seeded and made up: what shops, marketplaces and old systems export."""

import csv
import gzip
import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

SUPERSTORE = (
    "Row ID", "Order ID", "Order Date", "Ship Date", "Ship Mode", "Customer ID", "Customer Name", "Segment", "Country", "City",
    "State", "Postal Code", "Region", "Product ID", "Category", "Sub-Category", "Product Name", "Sales", "Quantity", "Discount",
    "Profit",
)  # fmt: skip
CHINESE = (
    "订单号",
    "客户编号",
    "客户姓名",
    "手机号",
    "下单时间",
    "实付金额",
    "品类",
    "门店",
    "渠道",
    "支付方式",
)
START = date(2024, 1, 1)


def lines_of_orders(orders: int = 400, customers: int = 60, seed: int = 7) -> list[list[object]]:
    """Order lines in the columns of the Superstore file; names and goods are made up."""
    random.seed(seed)
    found: list[list[object]] = []
    for number in range(orders):
        who = int(random.paretovariate(0.6)) % customers
        day = START + timedelta(days=int(random.random() * 700))
        for _ in range(random.randint(1, 3)):
            price = Decimal(random.randint(100, 90000)) / 100
            rate = random.choice(["0", "0", "0.2", "0.5"])
            kind = random.choice(["Furniture", "Technology", "Office Supplies"])
            found.append([
                len(found) + 1, f"CA-{day.year}-{number:06d}", f"{day}", f"{day + timedelta(days=3)}", "Second Class",
                f"CG-{who:05d}", f"Person {who}", ("Consumer", "Corporate", "Home Office")[who % 3], "United States", "Henderson",
                "Kentucky", 42420, random.choice(["South", "West"]), f"FUR-{random.randint(1, 40):04d}", kind, f"{kind} parts",
                f"A thing, number {random.randint(1, 40)}", f"{price}{random.choice(['', '5', '25'])}", random.randint(1, 5), rate,
                f"{price / 10:.4f}",
            ])  # fmt: skip
    return found


def chinese_orders(orders: int = 300, customers: int = 50, seed: int = 11) -> list[list[object]]:
    """One order per row as a Chinese shop exports them; people are made up."""
    random.seed(seed)
    surnames, given = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊洋艳"
    found: list[list[object]] = []
    for number in range(orders):
        who = int(random.paretovariate(0.7)) % customers
        day = START + timedelta(days=int(random.random() * 600))
        found.append([
            f"D{number:07d}", f"H{who:04d}", surnames[who % 10] + given[who // 10 % 10], f"1380000{who:04d}",
            f"{day:%Y/%m/%d} {random.randint(9, 20):02d}:{random.randint(0, 59):02d}",
            f"¥{random.randint(10, 3000):,}.{random.randint(0, 99):02d}", random.choice(["女装", "男装", "童装"]),
            random.choice(["静安店", "徐汇店"]), random.choice(["线上", "门店"]), random.choice(["微信", "支付宝"]),
        ])  # fmt: skip
    return found


def text(header: Sequence[str], rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    """Header and rows as delimited text."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=delimiter)
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return held.getvalue()


def superstore(folder: Path) -> Path:
    """Lines of orders, gzipped."""
    file = folder / "superstore.csv.gz"
    with gzip.open(file, "wt", encoding="utf-8", newline="") as packed:
        packed.write(text(SUPERSTORE, lines_of_orders()))
    return file


def gb18030(folder: Path) -> Path:
    """A Chinese shop's export in GB18030."""
    file = folder / "订单导出.csv"
    file.write_bytes(text(CHINESE, chinese_orders()).encode("gb18030"))
    return file


def blanks(folder: Path, *, header: bool) -> Path:
    """Customer, day, number and amount set apart by blanks, as the CDNOW log is."""
    random.seed(3)
    days = [date(1997, 1, 1) + timedelta(days=random.randint(0, 500)) for _ in range(400)]
    lines = [
        f" {random.randint(1, 90):05d} {day:%Y%m%d} {random.randint(1, 4):2d} {random.randint(500, 9000) / 100:7.2f}\r\n"
        for day in sorted(days)
    ]
    file = folder / "log.txt"
    file.write_text(
        (" customer_id  date number_of_cds  dollar_value\r\n" if header else "") + "".join(lines), newline=""
    )
    return file
