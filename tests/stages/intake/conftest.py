"""What these tests stand on: a blueprint in force, a source, and an absorber that holds back what the test names."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import Client
from tests.stages.intake.making import csv, people

from zhike.blueprint import actions as blueprint
from zhike.core.text import Text
from zhike.intake import actions, queries, spool
from zhike.intake.models import Batch, Source
from zhike.kernel import jobs
from zhike.kernel.models import User

ORDERS = ["订单编号", "客户编号", "下单日期", "商品编号", "数量", "单价", "金额"]


def order(number: object, customer: str = "C1", day: str = "2024-03-05", amount: object = 10) -> list[object]:
    return [number, customer, day, "P1", 1, "", amount]


def figures(batch: Batch) -> tuple[int, int, int, int]:
    receipt = queries.receipt(batch)
    assert receipt.balances()
    return receipt.read, receipt.accepted, receipt.held, receipt.refused


class Held(NamedTuple):
    row: int
    reason: Text
    remedy: Text
    field: str = ""


UNKNOWN = Text(zh="没有编号为“C9”的客户。", en="There is no customer “C9”.")
FIRST = Text(zh="请先导入该客户。", en="Import this customer first.")


class Absorber:
    """Takes every row in, except those whose cell in `column` is among `held`; remembers what it was given."""

    def __init__(self) -> None:
        self.column, self.held = "customer_code", set[str]()
        self.taken: list[dict[str, object]] = []
        self.chunks = 0
        self.stop_after = 1 << 30

    def take(self, batch: Batch) -> None:
        for chunk in queries.staged(batch):
            if self.chunks >= self.stop_after:
                raise KeyboardInterrupt
            with transaction.atomic():
                rows = chunk.table.to_pylist()
                held = [Held(row["row"], UNKNOWN, FIRST) for row in rows if row.get(self.column) in self.held]
                away = {one.row for one in held}
                self.taken += [row for row in rows if row["row"] not in away]
                actions.settle(chunk, held=held)
            self.chunks += 1


@pytest.fixture
def absorber(monkeypatch: pytest.MonkeyPatch) -> Absorber:
    made = Absorber()

    def collect(run: jobs.Run, *, batch: int) -> dict[str, object]:
        found = queries.batch(batch)
        actions.stage(found, run)
        made.take(found)
        return {}

    monkeypatch.setitem(jobs._definitions, "loop.collect", jobs.Definition("loop.collect", "bulk", collect))
    return made


@pytest.fixture
def published(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The retail blueprint is in force."""
    quiet = jobs.Definition("loop.republished", "default", lambda run: None)
    monkeypatch.setitem(jobs._definitions, "loop.republished", quiet)
    blueprint.adopt_shipped("retail", by=None)


@pytest.fixture
def till(published: None) -> Source:
    return actions.ensure_source("till", by=None)


@pytest.fixture(autouse=True)
def _clean_spool() -> Iterator[None]:
    yield
    folder = spool.path_of(uuid4()).parent
    for path in folder.glob("*.sealed") if folder.exists() else ():
        path.unlink()


Send = Callable[..., Batch]


@pytest.fixture
def send(till: Source, absorber: Absorber, li: User) -> Send:
    """`send(content, kind, name)`: the file is received, its suggested columns confirmed, and imported."""

    def sending(
        content: bytes, kind: str = "orders", name: str = "orders.csv", by: User | None = None
    ) -> Batch:
        batch = actions.receive(blocks=[content], name=name, kind=kind, source=till, by=by or li)
        mapping = {one.index: one.field for one in actions.suggestions(batch)}
        actions.confirm(batch=batch, mapping=mapping, by=by or li)
        batch.refresh_from_db()
        assert batch.job
        jobs.run(batch.job.pk)
        batch.refresh_from_db()
        return batch

    return sending


def again(batch: Batch) -> None:
    """Run the batch's job once more, as the worker does."""
    batch.refresh_from_db()
    assert batch.job
    jobs.run(batch.job.pk)
    batch.refresh_from_db()


MEMBERS = ["会员编号", "姓名", "手机", "邮箱"]
Browser = Callable[[User], Client]


@pytest.fixture
def marketing(db: None) -> User:
    from zhike.kernel import actions as staff

    return staff.add_staff(
        email="ma@example.com", name="ma", role="marketing", scope="all", department=None, by=None
    )


@pytest.fixture
def unconfirmed(till: Source, li: User) -> Batch:
    rows = [MEMBERS, *people(3), ["C9", "李强", "12", "b@example.com"]]
    return actions.receive(blocks=[csv(rows)], name="members.csv", kind="customers", source=till, by=li)


@pytest.fixture
def finished(send: Send, absorber: Absorber) -> Batch:
    absorber.column, absorber.held = "code", {"C0001"}
    return send(csv([MEMBERS, *people(3), ["C9", "李强", "12", "b@example.com"]]), "customers", "members.csv")


def soup(response: Any) -> BeautifulSoup:
    text = response.content.decode()
    assert "<c-" not in text
    return BeautifulSoup(text, "html.parser")
