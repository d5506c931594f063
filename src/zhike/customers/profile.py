"""A customer's base data as the 360 page shows it: headline, facts with their sources and alternatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.core.blueprints import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.customers import queries, showing
from zhike.customers.models import ContactPoint, Customer
from zhike.customers.showing import Eye
from zhike.kernel.models import User

IN_HEADLINE = ("industry", "region")


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another source says instead."""

    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One field of a customer, as the user may see it."""

    key: str
    label: str
    text: str
    masked: bool
    source: str
    others: tuple[Alternative, ...] = ()


def headline(customer: Customer, spec: BlueprintSpec | None) -> str:
    """Code, kind, industry and region in one line."""
    parts = [customer.code, str(customer.get_kind_display())]
    for one in spec.fields_of_type(*IN_HEADLINE) if spec else ():
        raw = customer.values.get(one.key)
        if raw:
            parts.append(one.show(raw))
    return " · ".join(parts)


def facts(customer: Customer, spec: BlueprintSpec | None, user: User) -> list[Fact]:
    """The fields that say something about a customer, in the blueprint's order."""
    if spec is None:
        return []
    eye = Eye.of(user)
    fields = [one for key, one in spec.fields.items() if key not in {"code", "name"}]
    points = showing.points_for([customer], fields)
    names = queries.source_names()
    found = []
    for one in fields:
        shown = showing.shown(one, customer, eye, points)
        if shown.text:
            source = customer.origins.get(one.key, "")
            found.append(
                Fact(
                    key=one.key,
                    label=str(one.label),
                    text=shown.text,
                    masked=shown.masked,
                    source=names.get(source, source),
                    others=_others(one, customer, eye, points.get(customer.pk, ()), names),
                )
            )
    return found


def _others(
    spec: FieldSpec, customer: Customer, eye: Eye, points: Sequence[ContactPoint], names: Mapping[str, str]
) -> tuple[Alternative, ...]:
    """What poorer sources say, and further contact points of the field."""
    if spec.contact:
        return tuple(
            Alternative(spec.mask(queries.unseal_contact(one)), names.get(one.source, one.source))
            for one in points
            if one.field == spec.key and not one.primary
        )
    return tuple(
        Alternative(_other(spec, customer, raw, eye), names.get(source, source))
        for source, raw in customer.others.get(spec.key, {}).items()
    )


def _other(spec: FieldSpec, customer: Customer, raw: object, eye: Eye) -> str:
    if spec.sealed:
        token = customer.sealed.get(str(raw))
        return spec.mask(queries.unseal_value(customer, token)) if token else _("another value")
    value = showing.value_of(spec, raw)
    return spec.show(value) if eye.sees(spec) else spec.mask(value)


def as_read(spec: FieldSpec, value: str) -> str:
    """A revealed value as people read it."""
    return spec.show(showing.value_of(spec, value)) if value else _("(empty)")
