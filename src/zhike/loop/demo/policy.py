"""What the demonstration's company decided and when: its template in January, its strategies from April."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from zhike.blueprint import actions as blueprints
from zhike.blueprint import queries as blueprint
from zhike.core.blueprints import BlueprintSpec, read, write
from zhike.core.errors import Refusal
from zhike.intake import actions as intake
from zhike.intake.facts import UnknownColumns
from zhike.kernel.models import User
from zhike.loop.demo.files import Sendable

if TYPE_CHECKING:
    from zhike.intake.models import Batch

SHIPPED = "retail"
STRATEGIES_BEGIN = date(2017, 4, 30)
CURRENCY = "USD"


class DemoRefusal(Refusal):
    """The demonstration cannot be built here."""


def begin(*, by: User) -> None:
    """The retail template without strategies: three months of looking before anything is done."""
    if blueprint.current_or_none() is None:
        watching = replace(_shipped(), strategies=())
        blueprints.publish(blueprints.save_draft(write(watching), by=by, note="先看清客户,暂不行动"), by=by)


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
