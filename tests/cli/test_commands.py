"""The other commands, run as a person runs them: on a home of their own, from the outside."""

import csv
import io
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.conftest import clean_environment, eventually, last_json
from zhike.cli import postgres

Zhike = Callable[..., CompletedProcess[str]]

CUSTOMERS = """客户编号,姓名,手机,电子邮箱
A001,欧阳明,13800138000,ouyang@example.com
A002,李晓华,13900139000,
A003,张伟,12345,
"""
ORDERS = """订单号,客户编号,下单时间,金额,商品编号,数量
S-1,A001,2024-03-05,1234.50,P1,1
S-2,A001,2024/4/6,99.00,P2,2
S-3,A002,2024年5月7日,10.00,P1,1
"""


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    file = tmp_path / "客户.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    return file


@pytest.fixture
def latecomer(tmp_path: Path) -> Path:
    file = tmp_path / "新客户.csv"
    file.write_text("客户编号,姓名\nA009,赵六\n", encoding="utf-8")
    return file


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "订单.csv"
    file.write_text(ORDERS, encoding="gb18030")
    return file


def test_help_and_config_need_no_database(zhike: Zhike, home: Path) -> None:
    shown = zhike("config", "--json", ZHIKE_PORT="9000")
    assert last_json(shown.stdout)["port"] == "9000"
    assert last_json(shown.stdout)["secret_key"] == "••••"
    assert not (home / "postgres").exists()


def test_a_bad_setting_says_the_remedy(zhike: Zhike, home: Path) -> None:
    home.mkdir()
    (home / "zhike.toml").write_text('colour = "red"\n')
    done = zhike("config")
    assert done.returncode == 1
    assert "colour" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_on_nothing_says_what_to_do(zhike: Zhike) -> None:
    done = zhike("doctor", "--json")
    assert done.returncode == 1
    assert "zhike up" in last_json(done.stdout)["error"]["remedy"]["en"]


@pytest.mark.slow
def test_from_a_file_to_a_backup_and_back(
    zhike: Zhike, home: Path, customers: Path, orders: Path, latecomer: Path, tmp_path: Path
) -> None:
    receipt = last_json(zhike("import", str(customers), "--kind", "customers", "--json").stdout)
    assert receipt["read"] == 3
    assert receipt["read"] == receipt["accepted"] + receipt["held"] + receipt["refused"]
    assert receipt["accepted"] >= 2

    again = last_json(zhike("import", str(customers), "--kind", "customers", "--json").stdout)
    assert again["accepted"] == receipt["accepted"]
    bought = last_json(zhike("import", str(orders), "--kind", "orders", "--json").stdout)
    assert (bought["read"], bought["accepted"]) == (3, 3)

    day = last_json(zhike("loop", "daily", "--as-of", "2024-06-01", "--json").stdout)
    assert day["loop"] == "daily"

    sheet = exported(zhike, "customers")
    assert [row["code"] for row in sheet][:2] == ["A001", "A002"]
    assert sheet[0]["name"] == "欧阳明"
    assert sheet[0]["spend"] == "1333.50"
    assert sheet[0]["last_purchase_on"] == "2024-04-06"
    assert "13800138000" not in json.dumps(sheet)
    assert "13800138000" in json.dumps(exported(zhike, "customers", "--reveal")).replace("+86", "")

    assert lines(zhike, "customers")[0][:6] == [
        "客户编号",
        "客户类型",
        "名称",
        "客户经理",
        "层级",
        "RFM 类别",
    ]
    english = lines(zhike, "customers", "--lang", "en")
    assert english[0][:4] == ["Customer code", "Kind", "Name", "Manager"]
    assert english[1][:3] == ["A001", "Person", "欧阳明"]
    assert not any(
        "_" in heading for what in ("customers", "tasks", "records") for heading in lines(zhike, what)[0]
    )

    placements = lines(zhike, "placements")
    assert placements[0] == ["code", "tier", "since", "reasons"]
    assert len(placements) == len(sheet) + 1

    zhike("import", str(latecomer), "--kind", "customers", "--json")
    more = last_json(zhike("export", "placements", "--json").stdout)
    assert (len(more["rows"]), more["without_tier"]) == (len(sheet), 1)
    said = zhike("export", "placements", "--lang", "en")
    assert "1 more customers have no tier yet" in said.stderr and "no tier" not in said.stdout

    file = tmp_path / "backup"
    made = last_json(zhike("backup", str(file), "--json").stdout)
    keys = Path(made["keys"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, keys)} == {0o600}
    assert b"13800138000" not in file.read_bytes()

    new = tmp_path / "new"
    assert zhike_at(zhike, new, "restore", str(file), "--keys", str(customers)).returncode == 1
    assert not (new / "postgres").exists()
    restored = last_json(zhike_at(zhike, new, "restore", str(file), "--json").stdout)
    assert restored["customers"] == len(sheet) + 1
    assert restored["lake_rows"] >= 6
    assert zhike_at(zhike, new, "restore", str(file)).returncode == 1
    assert exported_at(zhike, new, "customers", "--reveal") == exported(zhike, "customers", "--reveal")

    rotated = last_json(zhike_at(zhike, new, "keys", "rotate", "--json").stdout)
    assert rotated["current"] == "k2"
    assert exported_at(zhike, new, "customers", "--reveal") == exported(zhike, "customers", "--reveal")

    examined = zhike_at(zhike, new, "doctor", "--json")
    assert last_json(examined.stdout)["ok"], examined.stdout


def zhike_at(zhike: Zhike, home: Path, *arguments: str) -> CompletedProcess[str]:
    """The same on another home; the last --home wins."""
    return zhike(*arguments, at=str(home))


def exported(zhike: Zhike, what: str, *more: str) -> list[dict[str, str]]:
    done = zhike("export", what, "--json", *more)
    assert done.returncode == 0, done.stderr
    return list(last_json(done.stdout)["rows"])


def lines(zhike: Zhike, what: str, *more: str) -> list[list[str]]:
    """An export as people get it."""
    return list(csv.reader(io.StringIO(zhike("export", what, "--format", "csv", *more).stdout)))


def exported_at(zhike: Zhike, home: Path, what: str, *more: str) -> list[dict[str, str]]:
    return list(last_json(zhike_at(zhike, home, "export", what, "--json", *more).stdout)["rows"])


@pytest.mark.slow
def test_staff_from_the_command_line(zhike: Zhike) -> None:
    link = last_json(
        zhike("user", "invite", "wang@example.com", "--role", "account_manager", "--json").stdout
    )["link"]
    assert "/accounts/join/" in link
    missing = zhike("user", "password", "nobody@example.com", "--password", "long enough 12", "--json")
    assert "zhike user list" in last_json(missing.stdout)["error"]["remedy"]["en"]


def test_a_broken_backup_is_refused(zhike: Zhike, tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"not a backup")
    done = zhike("restore", str(tmp_path / "broken"), "--json")
    assert done.returncode == 1
    assert "whole backup" in last_json(done.stdout)["error"]["reason"]["en"]


def test_a_terminated_command_stops_its_database(home: Path) -> None:
    command = [sys.executable, "-m", "zhike.cli", "worker", "--home", str(home)]
    running = subprocess.Popen(
        command, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = postgres.Server(home.resolve())
    eventually(lambda: server.pid is not None, 60)
    running.terminate()
    running.communicate(timeout=60)
    assert running.returncode
    assert server.pid is None
