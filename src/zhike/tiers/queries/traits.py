"""What sets the customers of a tier apart from the asker's other customers, in simple lifts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from zhike.blueprint import queries as blueprints
from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.insight.facts import RFM_CLASSES
from zhike.kernel import bulk
from zhike.kernel.models import User

FEWEST = 5
LIFT = Decimal("1.2")
SHOWN = 8
_ONE_VALUE = ("region", "industry", "choice", "boolean")
RFM = Text("RFM 类别", "RFM class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A value that is more common in the tier than overall: shares of both, and how many times."""

    label: Text
    value: str
    customers: int
    share: Decimal
    overall: Decimal

    @property
    def lift(self) -> Decimal:
        """How many times as common as among all customers."""
        return (self.share / self.overall).quantize(Decimal("0.1"))


def traits(user: User, tier: str) -> list[Trait]:
    """The strongest lifts of a tier within the user's scope, at least five customers each."""
    fields = {
        one.key: one
        for one in blueprints.current().fields.values()
        if one.type in _ONE_VALUE and not one.sealed
    }
    rows = _counted(user, tier, fields)
    everybody, members = _sizes(user, tier)
    if not members or not everybody:
        return []
    found = [
        _trait(key, value, inside, overall, members, everybody, fields)
        for key, value, inside, overall in rows
    ]
    strong = [one for one in found if one.customers >= FEWEST and one.lift >= LIFT]
    return sorted(strong, key=lambda one: (-one.lift, -one.customers, one.value))[:SHOWN]


def _counted(user: User, tier: str, fields: dict[str, FieldSpec]) -> list[tuple[str, str, int, int]]:
    """Field, value, customers inside the tier and overall; the RFM class counts as a field named rfm."""
    scope, scoped = insight.scope_sql(user, "c.id")
    return bulk.rows(
        f"""
        SELECT one.key, {_grouped(fields)} AS value, count(*) FILTER (WHERE tier.key = %s), count(*)
        FROM customers_customer c
        LEFT JOIN tiers_placement p ON p.customer_id = c.id AND p.until IS NULL
        LEFT JOIN tiers_tier tier ON tier.id = p.tier_id
        LEFT JOIN insight_score s ON s.customer_id = c.id
        CROSS JOIN LATERAL jsonb_each_text(
            c.values || jsonb_build_object('rfm', coalesce(s.rfm_class, ''))) one
        WHERE one.key = ANY(%s) AND one.value <> '' AND {scope}
        GROUP BY 1, 2
        """,
        [*_leads(fields), tier, [*fields, "rfm"], *scoped],
    )


def _leads(fields: dict[str, FieldSpec]) -> list[list[str]]:
    """The fields grouped by province, and those grouped by industry section."""
    return [[key for key, one in fields.items() if one.type == kind] for kind in ("region", "industry")]


def _grouped(fields: dict[str, FieldSpec]) -> str:
    return """CASE WHEN one.key = ANY(%s) THEN rpad(left(one.value, 2), 6, '0')
                   WHEN one.key = ANY(%s) THEN left(one.value, 1) ELSE one.value END"""


def _sizes(user: User, tier: str) -> tuple[int, int]:
    scope, scoped = insight.scope_sql(user, "c.id")
    return bulk.rows(
        f"""
        SELECT count(*), count(*) FILTER (WHERE tier.key = %s)
        FROM customers_customer c
        LEFT JOIN tiers_placement p ON p.customer_id = c.id AND p.until IS NULL
        LEFT JOIN tiers_tier tier ON tier.id = p.tier_id
        WHERE {scope}
        """,
        [tier, *scoped],
    )[0]


def _trait(
    key: str,
    value: str,
    inside: int,
    overall: int,
    members: int,
    everybody: int,
    fields: dict[str, FieldSpec],
) -> Trait:
    label = RFM if key == "rfm" else fields[key].label
    words = str(RFM_CLASSES[value].label) if key == "rfm" else insight.value_label(fields[key], value)
    return Trait(
        label=label,
        value=words,
        customers=inside,
        share=Decimal(inside) / members,
        overall=Decimal(overall) / everybody,
    )
