"""Who the rows are: by the source's own id, else by a phone, an e-mail or a credit code under a compatible name."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.customers.absorbing.reading import RECOGNISED_BY, Incoming, own_kind
from zhike.customers.facts import Held
from zhike.customers.names import compatible, folded
from zhike.customers.reconcile import Known
from zhike.kernel import bulk

BY_CODE = "SELECT code, id FROM customers_customer WHERE code = ANY(ARRAY(SELECT jsonb_array_elements_text(%s::jsonb)))"


@dataclass(slots=True)
class Found:
    """A customer that a row may mean; `has_own` when this source already gave it an id."""

    id: int
    code: str
    key: str
    name: str
    version: int
    known: Known
    digests: dict[str, str]
    sealed: dict[str, str]
    has_own: bool = False
    by_own: bool = False
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """Marks and codes among those looked up that name somebody already."""

    marks: frozenset[bytes] = frozenset()
    codes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Matches:
    """For each row either a customer that exists, or itself as a new one, or why it must wait."""

    existing: list[tuple[Incoming, Found]] = field(default_factory=list)
    fresh: list[Incoming] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)


@dataclass(slots=True)
class _Directory:
    """What the database knows about the marks of this chunk."""

    by_own: dict[bytes, int]
    by_mark: dict[bytes, list[int]]
    by_code: dict[str, int]
    customers: dict[int, Found]


def match(rows: Sequence[Incoming], fields: Mapping[str, FieldSpec], source: str) -> Matches:
    """Decide for every row who it is; call with the lock held, so that nobody adds the same customer meanwhile."""
    directory = _look_up(rows, source)
    matches = Matches(taken=Taken(frozenset(directory.by_mark), frozenset(directory.by_code)))
    own: dict[bytes, Incoming] = {}
    fresh_by_mark: dict[bytes, list[Incoming]] = defaultdict(list)
    updated: dict[int, Incoming] = {}
    for one in rows:
        if one.own and one.own in own:
            own[one.own].fold(one)
            continue
        target = _who(one, directory, fresh_by_mark, fields)
        if isinstance(target, Held):
            matches.held.append(target)
            continue
        if isinstance(target, Incoming):
            target.fold(one)
            _remember(target, own, fresh_by_mark)
            continue
        if isinstance(target, Found):
            if target.id in updated:
                updated[target.id].fold(one)
            else:
                updated[target.id] = one
                matches.existing.append((one, target))
            if one.own:
                own[one.own] = updated[target.id]
                target.has_own = target.has_own or not one.by_row
            continue
        matches.fresh.append(one)
        _remember(one, own, fresh_by_mark)
    return matches


def _remember(one: Incoming, own: dict[bytes, Incoming], by_mark: dict[bytes, list[Incoming]]) -> None:
    if one.own:
        own[one.own] = one
    for digest in one.marks.values():
        if one not in by_mark[digest]:
            by_mark[digest].append(one)


def _who(
    one: Incoming,
    directory: _Directory,
    fresh_by_mark: dict[bytes, list[Incoming]],
    fields: Mapping[str, FieldSpec],
) -> Found | Incoming | Held | None:
    if one.own and (known := directory.by_own.get(one.own)) is not None:
        found = directory.customers[known]
        found.by_own = True
        return found
    candidates: dict[int, Found | Incoming] = {}
    through: dict[int, str] = {}
    for key, digest in one.marks.items():
        stored = [directory.customers[found] for found in directory.by_mark.get(digest, ())]
        for candidate in (*stored, *fresh_by_mark.get(digest, ())):
            if not (_own_known(candidate) and one.own and not one.by_row):
                candidates[id(candidate)] = candidate
                through[id(candidate)] = key
            elif fields[key].type not in RECOGNISED_BY:
                return _not_unique(one.row, fields[key], candidate.code)
            # Otherwise: the source tells its own customers apart, so another id with the same phone is somebody else.
    if candidates:
        return _choose(one, candidates, through, fields)
    same_code = directory.by_code.get(one.code) if one.code else None
    if same_code is not None:
        candidate = directory.customers[same_code]
        same_name = not one.name or not candidate.name or folded(one.name) == folded(candidate.name)
        if same_name and not candidate.has_own:
            return candidate
    return None


def _own_known(candidate: Found | Incoming) -> bool:
    return candidate.has_own if isinstance(candidate, Found) else bool(candidate.own) and not candidate.by_row


def _choose(
    one: Incoming,
    candidates: dict[int, Found | Incoming],
    through: dict[int, str],
    fields: Mapping[str, FieldSpec],
) -> Found | Incoming | Held | None:
    fitting = [found for found in candidates.values() if compatible(one.name, found.name)]
    exact = [found for found in fitting if folded(one.name) == folded(found.name)]
    if len(exact) == 1 and len(fitting) > 1:
        return exact[0]
    if len(fitting) == 1:
        return fitting[0]
    shown = fields[next(iter(through.values()))]
    codes = "、".join(
        found.code or f"#{found.row}" if isinstance(found, Incoming) else found.code
        for found in candidates.values()
    )
    if fitting:
        return _several(one.row, shown, codes)
    return _another_name(one.row, shown, codes)


def _not_unique(row: int, spec: FieldSpec, code: str) -> Held:
    shown = spec.label
    return Held(
        row,
        Text(
            f"{shown.zh}应当唯一,但客户 {code} 已有相同的值。",
            f"{shown.en} must be unique, but customer {code} has the same.",
        ),
        Text(f"请核对{shown.zh}后重新导入。", f"Check {shown.en} and send the row again."),
        spec.key,
    )


def _several(row: int, spec: FieldSpec, codes: str) -> Held:
    shown = spec.label
    return Held(
        row,
        Text(
            f"{shown.zh}等信息与多位现有客户({codes})相符,无法确定是哪一位。",
            f"Several customers ({codes}) fit, by {shown.en} among others; which one is meant is not certain.",
        ),
        Text(
            "请在文件中填写该客户的编号,或改正联系方式后重新导入。",
            "Write the customer's code into the file, or correct the contact details, and send the row again.",
        ),
        spec.key,
    )


def _another_name(row: int, spec: FieldSpec, codes: str) -> Held:
    shown = spec.label
    return Held(
        row,
        Text(
            f"{shown.zh}与现有客户 {codes} 相同,但姓名不同,可能是两位客户。",
            f"{shown.en} equals that of customer {codes}, but the name differs; these may be two customers.",
        ),
        Text(
            f"若是同一位客户,请把姓名改成与 {codes} 一致;若不是,请改正{shown.zh};然后重新导入。",
            f"If it is the same customer, give the row the name of {codes}; if not, correct {shown.en}; then send it again.",
        ),
        spec.key,
    )


def _look_up(rows: Sequence[Incoming], source: str) -> _Directory:
    kind = own_kind(source)
    row_kind = f"row:{source}"
    by_own = _identities({one.own for one in rows if one.own}, (kind, row_kind))
    unknown = [one for one in rows if one.own not in by_own]
    marks = {digest for one in unknown for digest in one.marks.values()}
    by_mark = _marked(marks)
    codes = {one.code for one in unknown if one.code}
    by_code = (
        dict(bulk.rows("SELECT code, id FROM customers_customer WHERE code = ANY(%s)", [list(codes)]))
        if codes
        else {}
    )
    wanted = {*by_own.values(), *by_code.values(), *(each for ids in by_mark.values() for each in ids)}
    return _Directory(by_own, by_mark, by_code, _customers(wanted, kind))


def _identities(digests: set[bytes], kinds: tuple[str, ...]) -> dict[bytes, int]:
    if not digests:
        return {}
    found = bulk.rows(
        "SELECT digest, customer_id FROM customers_identity WHERE digest = ANY(%s::bytea[]) AND kind = ANY(%s)",
        [bulk.digest_array(digests), list(kinds)],
    )
    return {bytes(digest): customer for digest, customer in found}


def _marked(digests: set[bytes]) -> dict[bytes, list[int]]:
    """Every customer with a mark: the identity names its first owner, contact points also those who share it."""
    if not digests:
        return {}
    found = bulk.rows(
        "SELECT digest, customer_id FROM customers_contactpoint WHERE digest = ANY(%(marks)s::bytea[]) "
        "UNION SELECT digest, customer_id FROM customers_identity WHERE digest = ANY(%(marks)s::bytea[])",
        {"marks": bulk.digest_array(digests)},
    )
    by_mark: dict[bytes, list[int]] = defaultdict(list)
    for digest, customer in found:
        by_mark[bytes(digest)].append(customer)
    return by_mark


def _customers(ids: Iterable[int], own: str) -> dict[int, Found]:
    wanted = list(ids)
    if not wanted:
        return {}
    found = bulk.rows(
        "SELECT c.id, c.code, c.key::text, c.name, c.version, c.values, c.digests, c.sealed, c.origins, c.others, "
        "EXISTS (SELECT FROM customers_identity i WHERE i.customer_id = c.id AND i.kind = %s), "
        "c.manager_id IS NOT NULL FROM customers_customer c WHERE c.id = ANY(%s)",
        [own, wanted],
    )
    return {row[0]: _found(row) for row in found}


def load(customer: int) -> Found:
    """One customer as it stands, for a change by hand."""
    return _customers([customer], "")[customer]


def _found(row: tuple[Any, ...]) -> Found:
    number, code, key, name, version, values, digests, sealed, origins, others, has_own, managed = row
    known = json.loads(values) | {"name": name} if name else json.loads(values)
    by_digest: dict[str, str] = json.loads(digests)
    known |= by_digest
    return Found(
        number,
        code,
        key,
        name,
        version,
        Known(known, json.loads(origins), json.loads(others)),
        by_digest,
        json.loads(sealed),
        has_own,
        managed=managed,
    )
