"""A customer's past: what it was at each version, what a change changed, where two editors disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.customers import queries, showing
from zhike.customers.models import Customer, CustomerVersion
from zhike.customers.showing import Eye, Points
from zhike.kernel.models import User

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field whose value was one thing and is another."""

    label: str
    before: str
    after: str
    mine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of a customer: when, by whom or from where, and what."""

    number: int
    at: datetime
    by: str
    source: str
    differences: Sequence[Difference]


def state_at(customer: Customer, version: int) -> dict[str, Any]:
    """The plain values (and the name) of a customer as they were at a version."""
    if version == customer.version:
        return {"name": customer.name or None, **customer.values}
    prior = CustomerVersion.objects.get(customer=customer, number=version).prior
    return {"name": prior["name"] or None, **prior["values"]}


def steps(customer: Customer, spec: BlueprintSpec, user: User, *, most: int = 100) -> list[Step]:
    """The changes of a customer, the latest first, as the user may see them."""
    eye = Eye.of(user)
    names = dict(queries.source_names())
    after: State = {
        "name": customer.name, "values": customer.values, "digests": customer.digests, "others": customer.others,
    }  # fmt: skip
    found = []
    for version in queries.versions_of(customer)[:most]:
        found.append(
            Step(
                number=version.number,
                at=version.at,
                by=version.by.name if version.by else "",
                source=names.get(version.source, version.source),
                differences=_differences(version.changed, version.prior, after, spec, eye, names),
            )
        )
        after = version.prior
    return found


def between_editors(
    current: Customer, given: Mapping[str, Any], theirs: Sequence[str], spec: BlueprintSpec, user: User
) -> list[Difference]:
    """The fields that somebody else changed meanwhile, with what stands now and what this editor typed."""
    eye, fields = Eye.of(user), [spec.fields[key] for key in theirs if key in spec.fields]
    points = showing.points_for([current], fields)
    return [
        Difference(
            label=str(one.label),
            before="",
            after=showing.shown(one, current, eye, points).text or _("(empty)"),
            mine=_typed(one, current, given[one.key], eye, points)
            if one.key in given
            else _("(not changed)"),
        )
        for one in fields
    ]


def _typed(spec: FieldSpec, current: Customer, value: Any, eye: Eye, points: Points) -> str:
    """What was typed, masked as the value that stands there is; behind masks that look alike it says what differs."""
    if value is None:
        return _("(empty)")
    if eye.sees(spec) or (spec.key == "name" and not showing.shown(spec, current, eye, points).masked):
        return eye.written(spec, value)
    if showing.kept(spec, current, points) == spec.to_json(value):
        return _("{value} (the same value)").format(value=spec.mask(value))
    return _("{value} (another value; type it again to use it)").format(value=spec.mask(value))


def _differences(
    changed: Mapping[str, str],
    before: State,
    after: State,
    spec: BlueprintSpec,
    eye: Eye,
    names: Mapping[str, str],
) -> list[Difference]:
    found = []
    for key, how in changed.items():
        one = spec.fields.get(key)
        label = str(one.label) if one else key
        if how == "other":
            sources = sorted(
                {*after.get("others", {}).get(key, {})} - {*before.get("others", {}).get(key, {})}
            )
            who = ", ".join(names.get(source, source) for source in sources)
            found.append(
                Difference(
                    label=label, before="", after=_("another value noted from {source}").format(source=who)
                )
            )
        elif one is not None:
            found.append(
                Difference(label=label, before=_said(one, before, eye), after=_said(one, after, eye))
            )
        else:
            found.append(Difference(label=label, before="", after=_("changed")))
    return found


def _said(spec: FieldSpec, state: State, eye: Eye) -> str:
    """A field in a state, as the eye may see it; of a sealed one only whether it stood there."""
    if spec.key == "name":
        raw = state["name"]
    elif spec.sealed:
        return "••••" if spec.key in state["digests"] else ""
    else:
        raw = state["values"].get(spec.key)
    if raw is None or raw == "":
        return ""
    value = showing.value_of(spec, raw)
    return spec.show(value) if eye.sees(spec) else spec.mask(value)
