"""What a user may see of a customer's values: in clear, or masked with the chance to ask for more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhike.core import masks
from zhike.core.fields import FieldSpec, Sensitivity, Value
from zhike.customers import queries
from zhike.customers.models import ContactPoint, Customer
from zhike.kernel.models import User
from zhike.kernel.rights import Right


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as one user sees it; `masked` when there is more than meets the eye."""

    text: str = ""
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Eye:
    """Whose eyes look: what the user's rights open."""

    names: bool
    reveal: bool

    @classmethod
    def of(cls, user: User) -> "Eye":
        """The eye of a user."""
        return cls(names=user.has(Right.NAMES_VIEW), reveal=user.has(Right.PERSONAL_REVEAL))

    def sees(self, spec: FieldSpec) -> bool:
        """Whether values of the field are shown in clear without asking."""
        if spec.sealed or spec.sensitivity is Sensitivity.SENSITIVE:
            return False
        return self.names or spec.sensitivity is not Sensitivity.PERSONAL

    def written(self, spec: FieldSpec, value: Value) -> str:
        """A value in clear; of prose without the numbers that only those may see who may reveal them."""
        words = spec.show(value)
        return words if self.reveal or spec.type != "long_text" else masks.numbers(words)


Points = Mapping[int, Sequence[ContactPoint]]


def shown(spec: FieldSpec, customer: Customer, eye: Eye, points: Points) -> Shown:
    """One value of a customer for one pair of eyes."""
    if spec.key == "name":
        return _name(spec, customer, eye)
    if spec.sealed:
        clear = _unsealed(spec, customer, points)
        return Shown(spec.mask(clear), masked=True) if clear else Shown()
    raw = customer.values.get(spec.key)
    if raw is None:
        return Shown()
    value = value_of(spec, raw)
    return Shown(eye.written(spec, value)) if eye.sees(spec) else Shown(spec.mask(value), masked=True)


def kept(spec: FieldSpec, customer: Customer, points: Points) -> object:
    """A value as it is kept, in clear: to compare with, never to show."""
    if spec.key == "name":
        return customer.name
    return _unsealed(spec, customer, points) if spec.sealed else customer.values.get(spec.key)


def value_of(spec: FieldSpec, raw: object) -> Value:
    """A kept value as its field reads it; one kept under an earlier type of the field is shown as it is."""
    try:
        return spec.from_json(raw)  # type: ignore[arg-type]
    except (ValueError, ArithmeticError):
        return str(raw)


def _name(spec: FieldSpec, customer: Customer, eye: Eye) -> Shown:
    if not customer.name:
        return Shown()
    open_to_all = customer.is_company and spec.sensitivity is not Sensitivity.PERSONAL
    return Shown(customer.name) if eye.names or open_to_all else Shown(spec.mask(customer.name), masked=True)


def _unsealed(spec: FieldSpec, customer: Customer, points: Points) -> str:
    if spec.contact:
        return next(
            (
                queries.unseal_contact(one)
                for one in points.get(customer.pk, ())
                if one.field == spec.key and one.primary
            ),
            "",
        )
    token = customer.sealed.get(customer.digests.get(spec.key, ""))
    return queries.unseal_value(customer, token) if token else ""


def points_for(customers: Iterable[Customer], fields: Iterable[FieldSpec]) -> Points:
    """The contact points that showing these fields will need, in one query (none when no field is a contact)."""
    return (
        queries.contact_points([one.pk for one in customers]) if any(spec.contact for spec in fields) else {}
    )
