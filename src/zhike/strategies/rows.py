"""Exceptions as pages and panels show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.core.blueprints import Every
from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel import prose
from zhike.kernel.models import User
from zhike.strategies import queries
from zhike.strategies.models import StrategyException


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One exception as a line shows it."""

    exception: StrategyException
    customer: str
    measure: Text
    what: str


def exception_rows(user: User, found: list[StrategyException]) -> list[ExceptionRow]:
    """Exceptions ready to be shown to the asker."""
    names = queries.measure_names() if found else {}
    every = Text(zh="全部措施", en="All measures")
    return [
        ExceptionRow(
            exception=one,
            customer=customers.shown_name(user, one.customer),
            measure=names.get(one.measure_key, Text.same(one.measure_key)) if one.measure_key else every,
            what=prose.said(user, _what(one)),
        )
        for one in found
    ]


def _what(one: StrategyException) -> str:
    match one.kind:
        case StrategyException.Kind.OWNER if one.owner:
            return _("Done by {name}").format(name=one.owner.name)
        case StrategyException.Kind.CYCLE:
            return str(Every(one.every).label)
        case StrategyException.Kind.NOTE:
            return one.note
        case _:
            return str(StrategyException.Kind(one.kind).label)
