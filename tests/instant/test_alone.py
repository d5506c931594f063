"""The report needs nothing but the file: no settings, no home, no network; and what stands in the file stays text."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.engine import cdnow
from tests.instant import files as given
from tests.instant.conftest import Make
from tests.instant.test_report import customers
from zhike.core.text import speaking
from zhike.instant import page

ALONE = """
import socket, sys
def refused(*given, **more): raise AssertionError("a connection was asked for")
socket.socket.connect = refused
from django.conf import settings
from zhike.cli import main
main(sys.argv[1:], standalone_mode=False)
assert not settings.configured
"""


def test_it_needs_no_settings_no_home_and_no_network(tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DJANGO", "ZHIKE", "DATABASE"))
    }
    done = subprocess.run(
        [sys.executable, "-c", ALONE, "analyse", str(given.gb18030(tmp_path)), "--out", str(tmp_path / "out")],
        env={**kept, "HOME": str(home), "ZHIKE_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [Path(line).suffix for line in done.stdout.splitlines()] == [".html", ".xlsx"]
    assert not home.exists()


def test_what_stands_in_the_file_stays_text(make: Make, tmp_path: Path) -> None:
    rows = [
        (f"<script>alert({number % 4})</script>", f"2024-0{number % 9 + 1}-01", number)
        for number in range(1, 60)
    ]
    file = tmp_path / "<b>orders.csv"
    file.write_text(given.text(("客户编号", "下单<i>时间", "金额"), rows), encoding="utf-8")
    with speaking("zh"):
        shown = page.render(make(file, mapping={"下单<i>时间": "date"}))
    assert "<script" not in shown and "<i>时间" not in shown and "<b>orders" not in shown


@cdnow.given
def test_the_real_log(make: Make) -> None:
    report = make(cdnow.FOLDER / "CDNOW_master.txt.gz")
    found = customers(report)
    assert len(found) == 23_570
    assert sum(row["Orders"] for row in found.values()) == 69_659
    assert sum(row["Spend"] for row in found.values()) == Decimal("2500315.63")


@pytest.mark.skipif(not os.environ.get("ZHIKE_SUPERSTORE"), reason="ZHIKE_SUPERSTORE names no file")
def test_the_real_lines(make: Make) -> None:
    report = make(Path(os.environ["ZHIKE_SUPERSTORE"]))
    found = customers(report)
    assert len(found) == 793
    assert sum(row["Orders"] for row in found.values()) == 5_009
    assert sum(row["Spend"] for row in found.values()) == Decimal("2297201.13")
