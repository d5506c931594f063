"""An import that is interrupted, stopped or unreadable midway loses nothing and doubles nothing."""

import pyarrow as pa
import pytest
from tests.stages.intake.conftest import ORDERS, Absorber, Send, again, figures, order
from tests.stages.intake.making import csv

from zhike.intake import actions, queries, staging
from zhike.intake.facts import IntakeRefusal
from zhike.intake.models import Batch, BatchState, Chunk
from zhike.kernel import jobs
from zhike.kernel.models import JobState, User

pytestmark = pytest.mark.django_db


def test_an_interrupted_import_goes_on_with_the_next_chunk(
    send: Send, absorber: Absorber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)
    rows = [ORDERS, *(order(f"O{n % 7}") for n in range(55)), ["合计", "", "", "", "", "", "550"]]
    absorber.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        send(csv(rows))
    batch = Batch.objects.get()
    assert batch.state == BatchState.ABSORBING
    absorber.stop_after = 1 << 30
    again(batch)
    assert figures(batch) == (55, 55, 0, 0)
    assert len({(row["number"], row["row_key"]) for row in absorber.taken}) == len(absorber.taken) == 55


def test_an_interruption_while_reading_loses_and_doubles_nothing(
    send: Send, absorber: Absorber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)
    real, calls = staging._keep, []

    def dying(*args: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(staging, "_keep", dying)
    rows = [ORDERS, *(order(f"O{n % 4}", day="?" if n % 9 == 0 else "2024-03-05") for n in range(45))]
    with pytest.raises(KeyboardInterrupt):
        send(csv(rows))
    batch = Batch.objects.get()
    assert (batch.state, Chunk.objects.filter(batch=batch).count()) == (BatchState.STAGING, 2)
    again(batch)
    assert figures(batch) == (45, 40, 0, 5)
    whole = {(row["number"], row["occurrence"]) for row in absorber.taken}
    assert len(whole) == 40


def test_settling_twice_changes_nothing(
    send: Send, absorber: Absorber, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = []
    monkeypatch.setattr(absorber, "take", lambda batch: chunks.extend(queries.staged(batch)))
    send(csv([ORDERS, order("O1"), order("O2")]))
    batch = Batch.objects.get()
    for _ in range(2):
        actions.settle(chunks[0])
    assert figures(batch) == (2, 2, 0, 0)


def test_a_file_unreadable_midway_is_taken_in_not_at_all(send: Send, absorber: Absorber) -> None:
    content = (
        csv([ORDERS, *(order(f"O{n}") for n in range(25_000))])
        + b'"O9,C1\n'
        + csv(order(n) for n in range(20_000))
    )  # type: ignore[arg-type]
    batch = send(content)
    assert batch.state == BatchState.FAILED
    assert batch.job
    assert batch.job.state == JobState.FAILED
    assert absorber.taken == []
    assert figures(batch) == (0, 0, 0, 0)
    assert "引号" in str(batch.problem)


def test_a_stopped_import_can_be_discarded_or_resumed(
    send: Send, absorber: Absorber, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)

    def stopping(batch: Batch) -> None:
        raise jobs.Cancelled

    monkeypatch.setattr(absorber, "take", stopping)
    batch = send(csv([ORDERS, *(order(f"O{n}") for n in range(25))]))
    assert batch.state == BatchState.ABSORBING
    monkeypatch.undo()
    monkeypatch.setitem(
        jobs._definitions, "loop.collect", jobs.Definition("loop.collect", "bulk", lambda run, batch: None)
    )
    actions.resume(batch=batch, by=li)
    with pytest.raises(IntakeRefusal):
        actions.resume(batch=batch, by=li)
    actions.discard(batch=batch, by=li)
    assert queries.waiting_rows(batch) == 0


def test_an_import_stops_when_its_batch_is_discarded_meanwhile(
    send: Send, absorber: Absorber, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)

    def discarding(batch: Batch) -> None:
        for number, chunk in enumerate(queries.staged(batch)):
            if number == 1:
                actions.discard(batch=batch, by=li)
            actions.settle(chunk)

    monkeypatch.setattr(absorber, "take", discarding)
    batch = send(csv([ORDERS, *(order(f"O{n}") for n in range(25))]))
    assert batch.job
    assert (batch.state, batch.job.state) == (BatchState.DISCARDED, JobState.CANCELLED)


def test_each_chunk_is_prepared_ahead_and_in_order(
    send: Send, absorber: Absorber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)
    opened: list[int] = []
    seen: list[tuple[int, list[str], list[int]]] = []

    def prepare(table: pa.Table) -> list[str]:
        opened.append(table.num_rows)
        return table["number"].to_pylist()

    def take(batch: Batch) -> None:
        for chunk in queries.staged(batch, prepare):
            seen.append((chunk.number, chunk.prepared, chunk.table["number"].to_pylist()))
            actions.settle(chunk)

    monkeypatch.setattr(absorber, "take", take)
    batch = send(csv([ORDERS, *(order(f"O{n}") for n in range(25))]))
    assert figures(batch) == (25, 25, 0, 0)
    assert [number for number, _, _ in seen] == [0, 1, 2]
    assert all(prepared == numbers for _, prepared, numbers in seen)
    assert opened == [10, 10, 5]
