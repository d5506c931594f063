"""Changing what is intended: adopt a blueprint's strategies, make and end exceptions, decide reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import BlueprintSpec
from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import audit, bulk, clock
from zhike.strategies import queries
from zhike.strategies.cycles import quarter_span
from zhike.strategies.facts import AdoptReceipt
from zhike.strategies.models import Measure, Strategy, StrategyException, StrategyReview

if TYPE_CHECKING:
    from zhike.blueprint.models import BlueprintVersion
    from zhike.customers.models import Customer
    from zhike.kernel.models import User

Promise = dict[str, Any]  # what a tier is promised, in the shape of the Strategy and Measure columns
ADOPTING = 0x5A480002  # one at a time: the second finds everything in force
LOOKS = ("label", "color", "order")  # a change of these is no new strategy


class StrategyRefusal(Refusal):
    """A strategy, exception or review cannot be as asked."""


@transaction.atomic
def adopt(
    version: BlueprintVersion, *, effective_from: date | None = None, by: User | None = None
) -> AdoptReceipt:
    """Put the strategies of a blueprint version in force; a tier whose promise is unchanged keeps its strategy."""
    begins = effective_from or clock.today()
    bulk.run("SELECT pg_advisory_xact_lock(%s)", [ADOPTING])
    wanted = _promises(blueprint.spec_of(version))
    standing = {one.tier: one for one in queries.in_force().select_for_update(of=("self",))}
    ended = [old for tier, old in standing.items() if tier not in wanted or _differs(old, wanted[tier])]
    kept = {old.tier: old for old in standing.values() if old not in ended}
    for old in ended:
        old.until = max(begins, old.effective_from)
        old.save(update_fields=["until"])
    for tier, old in kept.items():
        Strategy.objects.filter(pk=old.pk).update(**{name: wanted[tier][name] for name in LOOKS})
    fresh = [promise for tier, promise in wanted.items() if tier not in kept]
    measures = sum(_begin(version, promise, begins, by) for promise in fresh)
    counts = {"begun": len(fresh), "ended": len(ended), "kept": len(kept), "measures": measures}
    if fresh or ended:
        audit.record("strategies.adopted", version, by=by, changes=counts)
    return AdoptReceipt(version=version.number, **counts)


def _promises(spec: BlueprintSpec) -> dict[str, Promise]:
    tiers = {tier.key: (order, tier) for order, tier in enumerate(spec.tiers)}
    return {
        one.tier: {
            "tier": one.tier,
            "label": tiers[one.tier][1].label.as_json(),
            "color": tiers[one.tier][1].color.value,
            "order": tiers[one.tier][0],
            "traits": (one.traits if one.traits.zh else tiers[one.tier][1].traits).as_json(),
            "owner_role": one.owner_role,
            "cycle": one.cycle.value,
            "measures": [
                {
                    "code": measure.key,
                    "title": measure.title.as_json(),
                    "standard": measure.action.as_json(),
                    "days_due": measure.days_due,
                    "every": measure.every.value,
                }
                for measure in one.measures
            ],
        }
        for one in spec.strategies
    }


def _differs(old: Strategy, wanted: Promise) -> bool:
    said: Promise = {name: getattr(old, name) for name in ("tier", "traits", "owner_role", "cycle")}
    said["measures"] = [
        {name: getattr(one, name) for name in ("code", "title", "standard", "days_due", "every")}
        for one in old.measures.all()
    ]
    return said != {name: value for name, value in wanted.items() if name not in LOOKS}


def _begin(version: BlueprintVersion, promise: Promise, begins: date, by: User | None) -> int:
    measures = promise["measures"]
    columns = {name: value for name, value in promise.items() if name != "measures"}
    strategy = Strategy.objects.create(
        version=version, effective_from=begins, adopted_at=clock.now(), adopted_by=by, **columns
    )
    Measure.objects.bulk_create(
        [Measure(strategy=strategy, order=order, **measure) for order, measure in enumerate(measures)]
    )
    return len(measures)


@transaction.atomic
def make_exception(
    *,
    customer: Customer,
    kind: str,
    reason: str,
    by: User,
    measure_key: str = "",
    owner: User | None = None,
    every: str = "",
    note: str = "",
    until: date | None = None,
) -> StrategyException:
    """Treat one customer otherwise than the standard; an older exception of the same kind makes way."""
    today = clock.today()
    if until and until < today:
        raise StrategyRefusal(
            Text(zh="截止日期已经过去。", en="The last day has already passed."),
            Text(
                zh="请选今天或以后的日期,或留空表示一直有效。", en="Choose today or later, or leave it empty."
            ),
        )
    if measure_key and measure_key not in queries.measure_names():
        raise StrategyRefusal(
            Text(zh="没有这项措施。", en="There is no such measure."),
            Text(zh="请从列表中选择一项措施。", en="Choose a measure from the list."),
        )
    earlier = StrategyException.objects.filter(
        customer=customer, measure_key=measure_key, kind=kind, ended_at=None
    )
    earlier.update(ended_at=clock.now(), ended_by=by)
    made = StrategyException.objects.create(
        customer=customer,
        measure_key=measure_key,
        kind=kind,
        owner=owner if kind == StrategyException.Kind.OWNER else None,
        every=every if kind == StrategyException.Kind.CYCLE else "",
        note=note,
        reason=reason,
        from_on=today,
        until=until,
        created_at=clock.now(),
        created_by=by,
    )
    audit.record(
        "strategies.excepted", customer, by=by, note=reason, changes={"measure": measure_key, "kind": kind}
    )
    return made


@transaction.atomic
def end_exception(*, exception: StrategyException, by: User) -> StrategyException:
    """Return the customer to the standard; ending twice changes nothing."""
    ended = StrategyException.objects.filter(pk=exception.pk, ended_at=None).update(
        ended_at=clock.now(), ended_by=by
    )
    if ended:
        changes = {"measure": exception.measure_key, "kind": exception.kind}
        audit.record("strategies.exception_ended", exception.customer, by=by, changes=changes)
    exception.refresh_from_db()
    return exception


def merge(kept: int, gone: int) -> None:
    """Move the exceptions of one customer to another; those the other has of the same kind end."""
    same = StrategyException.objects.filter(
        customer_id=kept, measure_key=OuterRef("measure_key"), kind=OuterRef("kind"), ended_at=None
    )
    twice = StrategyException.objects.filter(Exists(same), customer_id=gone, ended_at=None)
    twice.update(ended_at=clock.now())
    StrategyException.objects.filter(customer_id=gone).update(customer_id=kept)


@transaction.atomic
def review(
    *, strategy: Strategy, quarter: str, decision: str, note: str, figures: Mapping[str, object], by: User
) -> StrategyReview:
    """Keep the decision about a tier's strategy for a quarter; deciding again replaces it and the audit log has both."""
    first, _ = quarter_span(quarter)
    if first > clock.today():
        raise StrategyRefusal(
            Text(zh="这个季度还没有开始。", en="This quarter has not begun."),
            Text(zh="请回顾本季度或以前的季度。", en="Review this quarter or an earlier one."),
        )
    said, _created = StrategyReview.objects.update_or_create(
        tier=strategy.tier,
        quarter=quarter,
        defaults={
            "strategy": strategy,
            "decision": decision,
            "note": note,
            "figures": dict(figures),
            "decided_at": clock.now(),
            "decided_by": by,
        },
    )
    audit.record(
        "strategies.reviewed", said, by=by, note=note, changes={"quarter": quarter, "decision": decision}
    )
    return said
