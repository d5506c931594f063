"""Absorbing staged rows: intake ends with accepted rows and knows no customers; here they become customers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import pyarrow as pa
from django.db import models, transaction

from zhike.blueprint import queries as blueprints
from zhike.core.blueprints import BlueprintSpec
from zhike.core.text import Text
from zhike.customers import queries
from zhike.customers.absorbing import matching, reading, writing
from zhike.customers.absorbing.matching import Found
from zhike.customers.absorbing.reading import Incoming
from zhike.customers.absorbing.turns import take_turn
from zhike.customers.absorbing.writing import Change, Setting
from zhike.customers.facts import Held, Outcome
from zhike.customers.reconcile import revise
from zhike.kernel import audit, bulk, clock
from zhike.kernel.models import User

NO_SUCH_STAFF = Text("没有这位客户经理的账号。", "No member of staff has this name or e-mail address.")
ADD_STAFF = Text(
    "请改正客户经理的姓名或邮箱,或先在设置中添加该员工;然后在批次页重试这些行。",
    "Correct the manager's name or e-mail address, or add the member of staff in the settings; then try these rows again on "
    "the batch's page.",
)


class SourceLike(Protocol):
    """A source as absorbing needs it."""

    key: str


class BatchLike(Protocol):
    """A batch as absorbing needs it."""

    key: UUID


@dataclass(frozen=True, slots=True)
class Said:
    """What the rows of a chunk say, read by this blueprint."""

    spec: BlueprintSpec
    rows: list[Incoming]


def reader(source: SourceLike) -> Callable[[pa.Table], Said]:
    """The function that reads chunks of a source ahead of their turn; it asks the database nothing."""
    spec, key = blueprints.current(), source.key
    return lambda table: Said(spec, reading.read(table, spec, key))


@transaction.atomic
def absorb(
    table: pa.Table,
    *,
    source: SourceLike,
    by: User | None,
    batch: BatchLike | None = None,
    said: Said | None = None,
) -> Outcome:
    """Take the rows of one chunk in: new customers are added, known ones revised, doubtful rows held.

    Absorbing the same rows again changes nothing. A failed or repeated chunk leaves no half: all of it happens in the
    caller's transaction or none.
    """
    said = said or reader(source)(table)
    spec, managers = said.spec, _managers(table)
    rows, strangers = _with_known_managers(said.rows, managers)
    setting = Setting(
        fields=spec.fields,
        kind=spec.kind.value,
        source=source.key,
        now=clock.now(),
        batch=batch.key if batch else None,
        by=by.pk if by else None,
        managers=managers,
    )
    take_turn()
    found = matching.match(rows, setting.fields, source.key)
    ids = writing.add(found.fresh, setting, found.taken)
    changes = _changes(found.existing, setting)
    writing.change(changes, setting)
    writing.recognise(_told_anew(found.existing), setting)
    handed = _hand_over(found.existing, managers)
    held = (*strangers, *found.held)
    outcome = Outcome(
        accepted=len(table) - len(held),
        held=held,
        added=len(ids),
        changed=len(handed | {one.found.id for one in changes if one.revision.changed}),
    )
    _record(outcome, batch, by, source.key)
    return outcome


def _managers(table: pa.Table) -> dict[str, tuple[int, int | None]]:
    """The staff that the rows name as managers, by e-mail address or name."""
    if "manager" not in table.column_names:
        return {}
    named = {str(value).lower() for value in table.column("manager").unique().to_pylist() if value}
    staff = User.objects.filter(is_active=True).values_list("email", "name", "pk", "department_id")
    return {
        word: (pk, department)
        for email, name, pk, department in staff
        for word in (name.lower(), email.lower())
        if word in named
    }


def _with_known_managers(
    rows: list[Incoming], managers: dict[str, tuple[int, int | None]]
) -> tuple[list[Incoming], list[Held]]:
    strangers = [one for one in rows if one.manager and one.manager not in managers]
    if not strangers:
        return rows, []
    held = [Held(one.row, NO_SUCH_STAFF, ADD_STAFF, "manager") for one in strangers]
    return [one for one in rows if not one.manager or one.manager in managers], held


def _hand_over(
    existing: list[tuple[Incoming, Found]], managers: dict[str, tuple[int, int | None]]
) -> set[int]:
    """A file may give a manager to a customer who has none; it takes nobody's customer away. Returns who was given one."""
    wanted = [
        (found.id, *managers[one.manager]) for one, found in existing if one.manager and not found.managed
    ]
    if not wanted:
        return set()
    columns = {"id": "bigint", "manager_id": "bigint", "department_id": "bigint"}
    with bulk.staged(columns, wanted) as staged:
        given = bulk.rows(
            "UPDATE customers_customer c SET manager_id = s.manager_id, department_id = s.department_id "
            f"FROM {staged} s WHERE c.id = s.id AND c.manager_id IS NULL RETURNING c.id"
        )
    return {number for (number,) in given}


def _changes(existing: list[tuple[Incoming, Found]], setting: Setting) -> list[Change]:
    if not existing:
        return []
    ranks = queries.ranks()
    changes = (
        Change(found, one, revise(found.known, one.said, source=setting.source, ranks=ranks))
        for one, found in existing
    )
    return [one for one in changes if one.revision.touched]


def _told_anew(existing: list[tuple[Incoming, Found]]) -> list[tuple[Incoming, int]]:
    """Those whose marks are to be remembered: found by something else than this source's id, or with other marks."""
    return [
        (one, found.id)
        for one, found in existing
        if not found.by_own or any(found.known.values.get(key) != one.said[key] for key in one.marks)
    ]


def _record(outcome: Outcome, batch: BatchLike | None, by: User | None, source: str) -> None:
    if not (outcome.added or outcome.changed):
        return
    changes = {
        "source": source,
        "added": outcome.added,
        "changed": outcome.changed,
        "held": len(outcome.held),
    }
    audit.record(
        "customers.absorbed", batch if isinstance(batch, models.Model) else None, by=by, changes=changes
    )
