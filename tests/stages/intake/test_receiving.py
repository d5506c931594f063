"""What becomes of files on arrival: sources, mappings, names and sizes."""

import pytest
from tests.stages.intake.conftest import ORDERS, Send, order
from tests.stages.intake.making import csv

from zhike.intake import actions, queries, spool
from zhike.intake.facts import IntakeRefusal, UnknownColumns
from zhike.intake.models import Batch, Source
from zhike.intake.reading.refusals import BadFile
from zhike.kernel.models import User

pytestmark = pytest.mark.django_db


def test_the_spool_is_sealed(till: Source, li: User) -> None:
    batch = actions.receive(
        blocks=[csv([["会员编号", "手机"], *[["C1", "13800138000"]] * 9])],
        name="a.csv",
        kind="customers",
        source=till,
        by=li,
    )
    path = spool.path_of(batch.key)
    assert path.stat().st_mode & 0o077 == 0
    assert b"13800138000" not in path.read_bytes()
    actions.discard(batch=batch, by=li)
    assert not path.exists()


def test_unknown_columns_are_left_out_refused_or_added(till: Source, li: User, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "members.csv"
    path.write_bytes(csv([["会员编号", "姓名", "星座"], ["C1", "王小明", "金牛座"]]))
    batch = actions.receive_path(path, kind="customers", source="till", by=li)
    assert [key for _, _, key in batch.mapping] == ["code", "name"]
    actions.change_source(source=till, name="till", rank=50, unknown_columns=UnknownColumns.REFUSE, by=li)
    with pytest.raises(IntakeRefusal, match="星座"):
        actions.receive_path(path, kind="customers", source="till", by=li)
    actions.change_source(source=till, name="till", rank=50, unknown_columns=UnknownColumns.ADD, by=li)
    batch = actions.receive_path(path, kind="customers", source="till", by=li)
    added = queries.kind("customers").field(batch.mapping[2][2])
    assert added
    assert (added.label.zh, added.sealed) == ("星座", True)


def test_required_columns_must_be_there(till: Source, li: User, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "orders.csv"
    path.write_bytes(csv([["订单编号", "客户编号", "金额"], ["O1", "C1", 5]]))
    with pytest.raises(IntakeRefusal, match="下单时间"):
        actions.receive_path(path, kind="orders", source="till", by=li)


def test_a_mapping_is_remembered_for_the_source(send: Send, till: Source, li: User) -> None:
    rows = [["A", "B", "C", "金额"], ["O1", "C1", "2024-03-05", 5]]
    batch = actions.receive(blocks=[csv(rows)], name="a.csv", kind="orders", source=till, by=li)
    actions.confirm(
        batch=batch, mapping={0: "number", 1: "customer_code", 2: "placed_at", 3: "amount"}, by=li
    )
    till.refresh_from_db()
    second = actions.receive(blocks=[csv(rows)], name="b.csv", kind="orders", source=till, by=li)
    assert [(one.field, one.confidence) for one in actions.suggestions(second)][:3] == [
        ("number", 1.0), ("customer_code", 1.0), ("placed_at", 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["members.xlsx", "members.XLS"])
def test_text_under_the_name_of_a_workbook_is_called_so(till: Source, li: User, name: str) -> None:
    with pytest.raises(BadFile) as caught:
        actions.receive(blocks=[b"not a workbook\n"], name=name, kind="customers", source=till, by=li)
    assert "内容其实是文本" in caught.value.reason.zh and ".csv" in caught.value.remedy.en
    with pytest.raises(BadFile) as plainly:
        actions.receive(blocks=[b"not a workbook\n"], name="a.csv", kind="customers", source=till, by=li)
    assert "其实是文本" not in plainly.value.reason.zh
    rows = "客户编号,姓名\nC1,王小明\n".encode()
    assert actions.receive(blocks=[rows], name=name, kind="customers", source=till, by=li).found["text"]


def test_two_columns_cannot_fill_one_field(till: Source, li: User) -> None:
    batch = actions.receive(
        blocks=[csv([ORDERS, order("O1")])], name="a.csv", kind="orders", source=till, by=li
    )
    with pytest.raises(IntakeRefusal, match="同一个字段"):
        actions.confirm(batch=batch, mapping={0: "number", 1: "number", 2: "placed_at"}, by=li)


def test_a_file_that_is_too_large_leaves_nothing(till: Source, li: User, settings) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    settings.CONFIG = replace(settings.CONFIG, max_upload_mb=1)
    with pytest.raises(BadFile):
        actions.receive(blocks=[b"a,b\n" * 100_000] * 4, name="a.csv", kind="orders", source=till, by=li)
    assert not Batch.objects.exists()
    assert not list(spool.path_of(till_key()).parent.glob("*"))


def till_key():  # type: ignore[no-untyped-def]
    from uuid import uuid4

    return uuid4()


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\客户.xlsx", "客户.xlsx"),
        ("a\u202excod.exe\n", "a_xcod.exe_"),
        ('<b>"x".csv', "_b_x_.csv"),
        ("...", "file"),
    ],
)
def test_file_names_are_made_safe(given: str, safe: str) -> None:
    from zhike.intake.receiving import safe_name

    assert safe_name(given) == safe


def test_sources_that_sound_alike_are_two(published: None, li: User) -> None:
    names = ["天猫店", "田茂店", "Tmall", "tmall"]
    keys = [actions.ensure_source(name, by=li).key for name in names]
    assert keys == ["tian-mao-dian", "tian-mao-dian-2", "tmall", "tmall"]
    assert actions.ensure_source("tian-mao-dian-2", by=li).name == "田茂店"
