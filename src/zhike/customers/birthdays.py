"""Whose birthday comes up: a card on the workbench, and a filter of the list behind it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Case, CharField, QuerySet, When
from django.db.models.fields.json import KT
from django.db.models.functions import Right
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.customers import queries
from zhike.customers.models import Customer
from zhike.kernel import clock
from zhike.kernel.models import User

FIELD = "birth_date"
DAYS = 7
SHOWN = 6
LEAP_DAY, EVE = "02-29", "02-28"


@dataclass(frozen=True, slots=True)
class Birthday:
    """One customer whose birthday comes up."""

    name: str
    code: str
    url: str
    on: date
    age: int


def coming(customers: QuerySet[Customer], today: date, days: int = DAYS) -> QuerySet[Customer]:
    """Customers whose birthday falls on today or one of the days after it; 29 February counts as the 28th."""
    marks = {(today + timedelta(days=ahead)).strftime("%m-%d") for ahead in range(days)}
    if EVE in marks:
        marks.add(LEAP_DAY)
    month_day = Right(KT(f"values__{FIELD}"), 5, output_field=CharField())
    return customers.annotate(born_on=month_day).filter(born_on__in=sorted(marks))


def in_words(value: str) -> str:
    """A span that is none of the choices."""
    days = _days(value)
    return _("in %(days)s days") % {"days": days} if days else ""


def _days(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 4 else 0


def in_days(customers: QuerySet[Customer], value: str) -> QuerySet[Customer]:
    """The filter of the list: `?birthday=7`."""
    days = _days(value)
    return coming(customers, clock.today(), days) if days else customers.none()


def choices() -> list[tuple[str, str]]:
    """The spans to choose from."""
    return [("1", _("today")), ("7", _("in 7 days")), ("30", _("in 30 days"))]


def card(request: HttpRequest, thing: None) -> str:
    """The workbench's card; nothing when nobody's birthday is near."""
    user, today = cast(User, request.user), clock.today()
    found: QuerySet[Any] = coming(queries.visible_to(user), today)
    # Across the end of a year January comes after December.
    next_year = Case(When(born_on__lt=today.strftime("%m-%d"), then=1), default=0)
    first = found.order_by(next_year, "born_on", "pk")[:SHOWN]
    rows = sorted((_row(user, one, today) for one in first), key=lambda row: row.on)
    if not rows:
        return ""
    context = {"rows": rows, "number": found.count(), "url": f"{reverse('customers:list')}?birthday={DAYS}"}
    return render_to_string("customers/birthdays.html", context, request)


def _row(user: User, customer: Customer, today: date) -> Birthday:
    born = date.fromisoformat(str(customer.values[FIELD]))
    on = _next(born, today)
    return Birthday(
        name=queries.shown_name(user, customer),
        code=customer.code,
        url=reverse("customers:customer", args=[customer.key]),
        on=on,
        age=on.year - born.year,
    )


def _next(born: date, today: date) -> date:
    for year in (today.year, today.year + 1):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        day = 28 if (born.month, born.day) == (2, 29) and not leap else born.day
        on = date(year, born.month, day)
        if on >= today:
            return on
    return today
