"""By what the customer base can be split: fields of the blueprint, bands of metrics, and what customers did where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from zhike.core import figures
from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.fields import FieldSpec
from zhike.core.industries import INDUSTRIES, section_of
from zhike.core.regions import province_of, show_region
from zhike.core.text import Text, language
from zhike.engine.metrics import metric

SPLITTABLE = ("region", "industry", "choice", "multi_choice", "boolean")
GAP = "~"
UNKNOWN = Text("未填写", "Not filled in")


class Group(StrEnum):
    """Under which heading a dimension stands."""

    PROFILE = "profile"
    PURCHASES = "purchases"
    CONTACTS = "contacts"


class Facts(StrEnum):
    """What a customer did, as a dimension: a filter of the customer list bears the same key."""

    CATEGORY = "bought_category"
    CHANNEL = "bought_through"
    PAYMENT = "paid_by"
    CONTACT_CHANNEL = "contacted_through"
    CONTACT_PURPOSE = "contacted_about"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One way to split customers; exactly one of `field`, `metric` and `facts` is set."""

    key: str
    label: Text
    group: Group
    field: FieldSpec | None = None
    metric: str = ""
    edges: tuple[int, ...] = ()
    facts: Facts | None = None

    @property
    def several(self) -> bool:
        """Whether a customer may be under several values, so that shares do not sum to one."""
        return self.facts is not None or (self.field is not None and self.field.type == "multi_choice")


def _band(key: str, *edges: int) -> Dimension:
    group = Group.CONTACTS if key.startswith("interactions") else Group.PURCHASES
    return Dimension(key=key, label=metric(key).label, group=group, metric=key, edges=edges)


_BANDS = (
    _band("orders_12m", 1, 2, 4, 7, 13, 25, 53),
    _band("spend", 1, 100, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000),
    _band("average_order", 1, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000, 50_000),
    _band("recency_days", 0, 31, 61, 91, 181, 366),
    _band("interactions_90d", 1, 2, 4, 7, 13),
)
_DONE = (
    (Facts.CATEGORY, Group.PURCHASES, Text("购买品类", "Product category")),
    (Facts.CHANNEL, Group.PURCHASES, Text("购买渠道", "Channel of purchase")),
    (Facts.PAYMENT, Group.PURCHASES, Text("付款方式", "Payment")),
    (Facts.CONTACT_CHANNEL, Group.CONTACTS, Text("沟通渠道", "Channel of contact")),
    (Facts.CONTACT_PURPOSE, Group.CONTACTS, Text("沟通内容", "Purpose of contact")),
)


def dimensions(spec: BlueprintSpec) -> list[Dimension]:
    """Every dimension of a blueprint: its fields with few values, then bands, then facts."""
    fields = [one for one in spec.fields.values() if one.type in SPLITTABLE and not one.sealed]
    profile = [Dimension(key=one.key, label=one.label, group=Group.PROFILE, field=one) for one in fields]
    done = [Dimension(key=facts, label=label, group=group, facts=facts) for facts, group, label in _DONE]
    return [*profile, *_BANDS, *done]


def band_label(key: str, low: Decimal | int | None, high: Decimal | int | None) -> str:
    """A half-open band from `low` up to `high` in words: 2–3, ¥ 500 – ¥ 1,000, 31–60 天.

    The ends of a metric that is a date are days before the day of the run.
    """
    unit = metric(key).unit
    if unit in {"count", "days", "date", "flag"}:
        return _whole(low, high, _WITH_UNIT.get(unit, figures.count))
    written = figures.money_short if unit == "money" else figures.plain
    if low is None:
        return f"< {written(high)}"
    return f"≥ {written(low)}" if high is None else f"{written(low)} – {written(high)}"


_WITH_UNIT = {"days": figures.days, "date": figures.days_ago}


def _whole(low: Decimal | int | None, high: Decimal | int | None, written: Callable[[object], str]) -> str:
    first = 0 if low is None else low
    if high is None:
        return f"≥ {written(first)}"
    last = high - 1
    return written(first) if last <= first else f"{figures.count(first)}–{written(last)}"


def band(edges: Sequence[int], place: int) -> tuple[int | None, int | None]:
    """The lower and upper edge of the band that PostgreSQL's width_bucket numbers `place` (0: below the first edge)."""
    low = edges[place - 1] if place > 0 else None
    return low, edges[place] if place < len(edges) else None


def spelled(key: str, low: object, high: object) -> str:
    """A band as the customer list's filter spells it."""
    return GAP.join((key, "" if low is None else str(low), "" if high is None else str(high)))


def value_label(spec: FieldSpec, value: str) -> str:
    """A grouped value of a field in words: a province, an industry's section, a choice, yes or no."""
    if not value:
        return str(UNKNOWN)
    if spec.type == "region":
        return show_region(province_of(value), language())
    if spec.type == "industry":
        section = INDUSTRIES.get(section_of(value))
        return f"{section.code} {section.name}" if section else value
    if spec.type == "boolean":
        return spec.show(value == "true", language())
    return spec.show([value] if spec.type == "multi_choice" else value, language())
