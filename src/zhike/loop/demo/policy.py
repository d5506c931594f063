"""What the demonstration's company decided and when: its template in January, its strategies from April."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from zhike.blueprint import actions as blueprints
from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import BlueprintSpec, read, write
from zhike.core.errors import Refusal
from zhike.intake import actions as intake
from zhike.intake.facts import UnknownColumns
from zhike.kernel.models import User
from zhike.loop.demo.files import Sendable
from zhike.tiers import actions as segments
from zhike.tiers import queries as tiers

if TYPE_CHECKING:
    from zhike.intake.models import Batch

SHIPPED = "retail"
STRATEGIES_BEGIN = date(2017, 4, 30)
CURRENCY = "USD"


SEGMENTS: dict[str, dict[str, Any]] = {
    "高价值 60 天未购": {
        "all": [
            {"metric": "spend", "op": ">=", "value": 2, "relative": "mean"},
            {"metric": "recency_days", "op": ">=", "value": 60},
        ]
    },
    "近 90 天明显活跃": {
        "all": [
            {"did": "orders", "op": ">=", "times": 3, "within": {"days": 90}},
            {"metric": "spend_90d", "op": ">=", "value": 80, "relative": "percentile"},
        ]
    },
    "常客但半年未联系": {
        "all": [
            {"did": "orders", "op": ">=", "times": 5},
            {"did": "interactions", "op": "=", "times": 0, "within": {"months": 6}},
        ]
    },
}


class DemoRefusal(Refusal):
    """The demonstration cannot be built here."""


def begin(*, by: User) -> None:
    """The retail template without strategies: three months of looking before anything is done."""
    if blueprint.current_or_none() is None:
        watching = replace(_shipped(), strategies=())
        blueprints.publish(blueprints.save_draft(write(watching), by=by, note="先看清客户,暂不行动"), by=by)


def watch(*, by: User) -> None:
    """A few segments from the first month on, so that who comes and goes has a history."""
    words = tiers.labels()
    for name, raw in SEGMENTS.items():
        segments.make_segment(name=name, rule=tiers.readable_with(raw, words), by=by, start=False)


def enact(day: date, *, by: User) -> None:
    """From April on every tier has its strategy, so that effects have a before and an after."""
    if day >= STRATEGIES_BEGIN and not blueprint.current().strategies:
        blueprints.publish(blueprints.save_draft(write(_shipped()), by=by, note="按层级开始维护"), by=by)


def receive(one: Sendable, *, rank: int, by: User) -> "Batch":
    """Hand one file to intake from its source, believed as far as its rank says."""
    source = intake.ensure_source(one.source, by=by)
    intake.change_source(source=source, name=one.name, rank=rank, unknown_columns=UnknownColumns.DROP, by=by)
    return intake.receive_path(one.path, kind=one.kind, source=one.source, by=by)


def _shipped() -> BlueprintSpec:
    """The shipped retail template, in the money of the sample."""
    spec = read(blueprint.shipped_yaml(SHIPPED), metrics=blueprint.METRICS)
    return replace(spec, currency=CURRENCY)
