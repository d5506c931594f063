"""Neither a dump of the database nor a file of the lake holds a customer's phone, e-mail or address in clear."""

import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings
from django.db import connection

from zhike.cli import postgres
from zhike.kernel import lake
from zhike.loop.demo import files


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every phone, e-mail address and address of the generated households, as imported."""
    folder = tmp_path_factory.mktemp("files")
    households = next(one for one in files.write(folder) if one.path.name == "households.csv")
    rows = duckdb.read_csv(str(households.path), all_varchar=True).select('"手机", "邮箱", "地址"').fetchall()
    found = {value for row in rows for value in row if value}
    assert len(found) > 6000
    return found


def test_a_dump_keeps_them(figures: dict[str, Any], secrets: set[str]) -> None:
    dump = subprocess.run(
        [str(postgres.binaries(settings.CONFIG.home) / "pg_dump"), "--dbname", lake.source()],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert len(dump) > 10_000_000
    assert [value for value in secrets if value in dump] == []


def test_the_lake_keeps_them(figures: dict[str, Any], secrets: set[str]) -> None:
    folder = Path(settings.CONFIG.home) / "lake" / connection.settings_dict["NAME"]
    parquet = sorted(folder.rglob("*.parquet"))
    assert parquet
    words: set[str] = set()
    for path in parquet:
        table = duckdb.read_parquet(str(path))
        words |= {str(value) for row in table.fetchall() for value in row if isinstance(value, str)}
        raw = path.read_bytes()
        assert not [value for value in secrets if value.encode() in raw]
    whole = "\n".join(words)
    assert [value for value in secrets if value in whole] == []


def test_no_file_of_the_home_keeps_them(figures: dict[str, Any], secrets: set[str]) -> None:
    """Uploads are sealed while they wait and gone when they are in."""
    home = Path(settings.CONFIG.home)
    texts = [
        path.read_bytes() for path in home.rglob("*") if path.is_file() and path.stat().st_size < 50_000_000
    ]
    assert not [value for value in secrets for text in texts if value.encode() in text]
