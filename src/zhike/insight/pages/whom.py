"""Whom an analysis is about: all customers the asker may see, or those left by the filters of the customer list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import ibis.expr.types as ir
from django.db.models import QuerySet

from zhike.engine.lake import Session
from zhike.insight import queries
from zhike.insight.queries import groups
from zhike.kernel.pages import StaffRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One filter as a choice on the page: (value, label) pairs, and the value chosen now."""

    key: str
    label: str
    choices: list[tuple[str, str]]
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """The customers asked about; `chosen` maps filters to values, and is empty for everybody in the asker's scope.

    `misread` names the filters that meant nothing and are left out.
    """

    picks: list[Pick]
    chosen: dict[str, str]
    customers: QuerySet[Any]
    everybody: bool
    misread: list[str] = field(default_factory=list)

    def ids(self, session: Session) -> ir.Table | None:
        """Their ids for the lake; None when nobody is left out."""
        if self.everybody and not self.chosen:
            return None
        return session.ids(self.customers.order_by().values_list("pk", flat=True))

    @property
    def words(self) -> str:
        """The filters in words; "" for everybody."""
        said = [dict(pick.choices).get(pick.now, pick.now) for pick in self.picks if pick.now]
        return " · ".join(said)

    def listed(self, url: str, **more: str) -> str:
        """An address with the same filters, such as the list of the customers behind a number."""
        query = urlencode(self.chosen | more)
        return f"{url}?{query}" if query else url


def whom(request: StaffRequest) -> Whom:
    """Read the filters out of the address; what is not known narrows nothing."""
    picks, misread = [], []
    for one, choices in groups.choosable():
        now = request.GET.get(one.key, "")
        said = one.said(now) if now else ""
        if now and not said:
            misread.append(str(one.label))
        # A city is none of the provinces to choose from, yet it may be asked about.
        more = [(now, said)] if said and now not in dict(choices) else []
        picks.append(
            Pick(key=one.key, label=str(one.label), choices=[*choices, *more], now=now if said else "")
        )
    chosen = {pick.key: pick.now for pick in picks if pick.now}
    everybody = queries.sees_all(request.user)
    return Whom(
        picks=picks,
        chosen=chosen,
        customers=groups.group(request.user, chosen),
        everybody=everybody,
        misread=misread,
    )
