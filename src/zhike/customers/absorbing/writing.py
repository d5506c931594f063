"""Writing what was decided: COPY for what is new, one set statement for what changed."""

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from zhike.core import pinyin
from zhike.core.fields import FieldSpec
from zhike.customers.absorbing.matching import BY_CODE, Found, Taken
from zhike.customers.absorbing.reading import Incoming, digest_kind, own_kind, tail_of
from zhike.customers.reconcile import JSON, Revision
from zhike.kernel import bulk, sealing

Sealer = Callable[[str, str], str]

CUSTOMER_COLUMNS = (
    "id", "key", "code", "kind", "name", "search", "values", "digests", "sealed", "origins", "others",
    "version", "created_at", "updated_at", "manager_id", "department_id",
)  # fmt: skip
IDENTITY_COLUMNS = ("customer_id", "kind", "digest")
CONTACT_COLUMNS = ("key", "customer_id", "field", "kind", "sealed", "digest", "tail", "source", "primary")
CHANGE_COLUMNS = {
    "id": "bigint", "name": "text", "search": "tsvector", "values": "jsonb", "digests": "jsonb", "sealed": "jsonb",
    "origins": "jsonb", "others": "jsonb", "version": "integer", "at": "timestamptz",
}  # fmt: skip
NOBODY: tuple[int | None, int | None] = (None, None)
NULL = "\\N"
BYTES = "\\\\x"  # how COPY's text form begins a bytea
VERSION_COLUMNS = ("customer_id", "number", "changed", "prior", "source", "batch", "at", "by_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all rows of one write share."""

    fields: Mapping[str, FieldSpec]
    kind: str
    source: str
    now: datetime
    batch: UUID | None = None
    by: int | None = None
    managers: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)

    @property
    def contacts(self) -> frozenset[str]:
        """The fields whose values are ways to reach the customer."""
        return frozenset(key for key, spec in self.fields.items() if spec.contact)


@dataclass(frozen=True, slots=True)
class Change:
    """One customer that exists and what becomes of it."""

    found: Found
    incoming: Incoming
    revision: Revision

    @property
    def name(self) -> str:
        """The name after the change."""
        return str(self.revision.values.get("name") or "")


def search_text(name: str, code: str) -> str:
    """A tsvector in PostgreSQL's own spelling: name suffixes, pinyin, initials and the code, found by prefix."""
    words = dict.fromkeys([*pinyin.terms(name), *pinyin.query_terms(code)])
    return " ".join(f"'{word}'" for word in words)


def new_keys(count: int) -> list[str]:
    """Keys for many rows (UUID version 7: those made together are neighbours in an index, the rest is random)."""
    moment = f"{time.time_ns() // 1_000_000:012x}"
    begin = f"{moment[:8]}-{moment[8:]}-7"
    noise = os.urandom(9 * count).hex()
    return [
        f"{begin}{noise[at : at + 3]}-a{noise[at + 3 : at + 6]}-{noise[at + 6 : at + 18]}"
        for at in range(0, 18 * count, 18)
    ]


def add(fresh: Sequence[Incoming], setting: Setting, taken: Taken) -> list[int]:
    """Insert new customers with identities and contact points; what is taken already names somebody else."""
    if not fresh:
        return []
    ids = _new_ids(len(fresh))
    codes = free_codes([one.code for one in fresh], ids, setting.source, taken.codes)
    both = list(zip(fresh, ids, strict=True))
    written = _customer_writer(setting)
    lines = (
        written(one, number, key, code)
        for (one, number), key, code in zip(both, new_keys(len(fresh)), codes, strict=True)
    )
    bulk.copy_lines("customers_customer", CUSTOMER_COLUMNS, lines)
    bulk.copy_lines(
        "customers_identity",
        IDENTITY_COLUMNS,
        (
            f"{number}\t{kind}\t\\\\x{digest.hex()}\n"
            for number, kind, digest in _identities(both, setting, set(taken.marks))
        ),
    )
    contact = setting.contacts
    contacts = [
        (number, key, text, one.said[key], True)
        for one, number in both
        for key, text in one.clear.items()
        if key in contact
    ]
    bulk.copy_lines("customers_contactpoint", CONTACT_COLUMNS, _contact_lines(contacts, setting))
    return ids


def free_codes(
    wanted: Sequence[str], ids: Sequence[int], source: str, known: Collection[str] = ()
) -> list[str]:
    """A code for each new customer: the source's own where nobody has it (`known`: taken ones), else one made of it."""
    taken = set(known)
    given = []
    for code, number in zip(wanted, ids, strict=True):
        chosen = code or f"K{number:06d}"
        if not code or chosen in taken:
            chosen = _free(chosen, source, number)
        taken.add(chosen)
        given.append(chosen)
    return given


def _free(code: str, source: str, number: int) -> str:
    """The code itself, else with the source's name behind it, else with the customer's number as well."""
    tries = [code, f"{code}@{source}", f"{code}@{source}#{number}"]
    taken = {row[0] for row in bulk.rows(BY_CODE, [json.dumps(tries)])}
    return next(each for each in tries if each not in taken)


def change(changes: Sequence[Change], setting: Setting) -> None:
    """Rewrite changed customers, keep what they were, and add the contact points that are new."""
    if not changes:
        return
    keys = [(one.found.id, one) for one in changes]
    seal = sealing.sealer("customers_customer", "sealed")
    with bulk.staged(CHANGE_COLUMNS, (_change_row(one, setting, seal) for one in changes)) as staged:
        bulk.run(
            "UPDATE customers_customer c SET name = s.name, search = s.search, values = s.values, "
            "digests = s.digests, sealed = s.sealed, "
            "origins = s.origins, others = s.others, version = s.version, updated_at = coalesce(s.at, c.updated_at) "
            f"FROM {staged} s WHERE c.id = s.id"
        )
    bulk.copy_rows(
        "customers_customerversion",
        VERSION_COLUMNS,
        (_version_row(one, setting) for one in changes if one.revision.changed),
    )
    contacts = [
        (number, key, one.incoming.clear[key], one.incoming.said[key], how == "value")
        for number, one in keys
        for key, how in one.revision.changed.items()
        if key in one.incoming.clear and setting.fields[key].contact
    ]
    put_contacts(contacts, setting)


def put_contacts(contacts: Sequence[tuple[int, str, str, str, bool]], setting: Setting) -> None:
    """Add contact points to customers that exist; a new primary one makes the former an alternative."""
    if not contacts:
        return
    columns = {
        "key": "uuid", "customer_id": "bigint", "field": "text", "kind": "text", "sealed": "text",
        "digest": "bytea", "tail": "bytea", "source": "text", "primary": "boolean",
    }  # fmt: skip
    listed = ", ".join(f'"{column}"' for column in CONTACT_COLUMNS)
    with bulk.staged(columns, ()) as staged:
        bulk.copy_lines(staged, CONTACT_COLUMNS, _contact_lines(contacts, setting))
        bulk.run(
            'UPDATE customers_contactpoint c SET "primary" = false '
            f'FROM {staged} s WHERE s."primary" AND c.customer_id = s.customer_id AND c.field = s.field '
            'AND c.digest <> s.digest AND c."primary"'
        )
        bulk.run(
            f"INSERT INTO customers_contactpoint ({listed}) SELECT {listed} FROM {staged} "
            'ON CONFLICT (customer_id, field, digest) DO UPDATE SET "primary" = excluded."primary", '
            "source = excluded.source"
        )


def recognise(pairs: Iterable[tuple[Incoming, int]], setting: Setting) -> None:
    """Remember the marks by which customers that exist were told again; the first owner of a mark keeps it."""
    rows = list(_identities(pairs, setting, set()))
    if not rows:
        return
    with bulk.staged({"customer_id": "bigint", "kind": "text", "digest": "bytea"}, rows) as staged:
        bulk.run(
            "INSERT INTO customers_identity (customer_id, kind, digest) "
            f"SELECT customer_id, kind, digest FROM {staged} ON CONFLICT (digest, kind) DO NOTHING"
        )


def _new_ids(count: int) -> list[int]:
    found = bulk.rows(
        "SELECT nextval('customers_customer_id_seq') FROM generate_series(1, %s)",
        [count],
    )
    return [row[0] for row in found]


def _customer_writer(setting: Setting) -> Callable[[Incoming, int, str, str], str]:
    """The function that writes one new customer as a line of COPY; what all rows share is prepared once."""
    seal = sealing.sealer("customers_customer", "sealed")
    contacts = setting.contacts
    now, plain = setting.now.isoformat(), bulk.plain
    origins: dict[tuple[str, ...], str] = {}
    pairs = _pairs()

    def line(one: Incoming, number: int, key: str, code: str) -> str:
        values = dict(one.said)
        said = tuple(values)
        if said not in origins:
            origins[said] = _json(dict.fromkeys(said, setting.source))
        name = values.pop("name", "")
        digests, tokens = [], []
        # Keys, digests and tokens hold nothing that JSON would escape.
        for field_key, text in one.clear.items():
            digest = values.pop(field_key)
            digests.append(f'"{field_key}":"{digest}"')
            if field_key not in contacts:
                tokens.append(f'"{digest}":"{seal(text, key)}"')
        digests_json, tokens_json = ",".join(digests), ",".join(tokens)
        manager, department = setting.managers.get(one.manager, NOBODY)
        values_json = ",".join(map(pairs, values.items()))
        return (
            f"{number}\t{key}\t{plain(code)}\t{setting.kind}\t{plain(name)}\t{search_text(name, code)}\t"
            f"{{{plain(values_json)}}}\t{{{digests_json}}}\t{{{tokens_json}}}\t{origins[said]}\t{{}}\t1\t{now}\t{now}\t"
            f"{manager or NULL}\t{department or NULL}\n"
        )

    return line


def _pairs() -> Callable[[tuple[str, object]], str]:
    """The function that writes one member of a JSON object; the same few answers come again and again."""
    known: dict[tuple[str, str], str] = {}

    def written(pair: tuple[str, object]) -> str:
        key, value = pair
        if not isinstance(value, str):
            return f"{_json(key)}:{_json(value)}"
        found = known.get((key, value))
        if found is None:
            found = known[key, value] = f"{_json(key)}:{_json(value)}"
        return found

    return written


def _identities(
    pairs: Iterable[tuple[Incoming, int]], setting: Setting, seen: set[bytes]
) -> Iterator[tuple[int, str, bytes]]:
    kinds = {key: digest_kind(spec) for key, spec in setting.fields.items()}
    own, row, contacts = own_kind(setting.source), f"row:{setting.source}", setting.contacts
    for one, number in pairs:
        if one.own:
            yield number, row if one.by_row else own, one.own
        for key, digest in one.marks.items():
            if key not in contacts and digest not in seen:
                seen.add(digest)
                yield number, kinds[key], digest


def _contact_lines(contacts: Sequence[tuple[int, str, str, str, bool]], setting: Setting) -> Iterator[str]:
    seal = sealing.sealer("customers_contactpoint", "sealed")
    kinds = {key: spec.type for key, spec in setting.fields.items()}
    for key, (number, told, text, digest, primary) in zip(new_keys(len(contacts)), contacts, strict=True):
        tail = tail_of(kinds[told], text)
        yield (
            f"{key}\t{number}\t{told}\t{kinds[told]}\t{seal(text, key)}\t\\\\x{digest}\t"
            f"{NULL if tail is None else BYTES + tail.hex()}\t{setting.source}\t{'t' if primary else 'f'}\n"
        )


def _change_row(one: Change, setting: Setting, seal: Sealer) -> tuple[Any, ...]:
    values, digests = split(one, setting)
    sealed = dict(one.found.sealed)
    for key, text in one.incoming.clear.items():
        if not setting.fields[key].contact and one.incoming.said[key] not in sealed:
            sealed[one.incoming.said[key]] = seal(text, one.found.key)
    changed = bool(one.revision.changed)
    return (
        one.found.id, one.name, search_text(one.name, one.found.code), _json(values), _json(digests),
        _json(sealed),
        _json(one.revision.origins), _json(one.revision.others), one.found.version + changed,
        setting.now if changed else None,
    )  # fmt: skip


def split(one: Change, setting: Setting) -> tuple[JSON, JSON]:
    """The plain values and the digests of the sealed ones after a change."""
    values = {key: value for key, value in one.revision.values.items() if key != "name"}
    sealed = [key for key in values if key in one.found.digests or _is_sealed(key, setting)]
    return values, {key: values.pop(key) for key in sealed}


def _is_sealed(key: str, setting: Setting) -> bool:
    return key in setting.fields and setting.fields[key].sealed


def _version_row(one: Change, setting: Setting) -> tuple[Any, ...]:
    known = one.found.known
    prior = {
        "code": one.found.code,
        "name": known.values.get("name", ""),
        "values": {
            key: value
            for key, value in known.values.items()
            if key != "name" and key not in one.found.digests
        },
        "digests": one.found.digests,
        "origins": known.origins,
        "others": known.others,
    }
    return (
        one.found.id, one.found.version, _json(one.revision.changed), _json(prior), setting.source,
        setting.batch, setting.now, setting.by,
    )  # fmt: skip


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: object) -> str:
    return _encode(value)
