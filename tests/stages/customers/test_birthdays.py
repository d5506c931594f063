"""Birthdays are found across the end of a year, and 29 February is kept on the 28th."""

from datetime import date

import pytest

from zhike.customers import birthdays
from zhike.customers.models import Customer
from zhike.kernel import clock


@pytest.fixture(autouse=True)
def _three(db: None) -> None:
    for code, born in (("A", "1990-12-31"), ("B", "1985-01-02"), ("C", "2000-02-29"), ("D", "1990-06-01")):
        Customer.objects.create(
            code=code,
            kind="person",
            name=code,
            values={"birth_date": born},
            created_at=clock.now(),
            updated_at=clock.now(),
        )


@pytest.mark.parametrize(
    ("today", "found"),
    [(date(2017, 12, 31), {"A", "B"}), (date(2017, 2, 25), {"C"}), (date(2017, 6, 2), set())],
)
def test_they_come_up(today: date, found: set[str]) -> None:
    assert set(birthdays.coming(Customer.objects.all(), today).values_list("code", flat=True)) == found


@pytest.mark.parametrize(
    ("born", "today", "on"),
    [
        (date(1990, 12, 31), date(2017, 12, 31), date(2017, 12, 31)),
        (date(1985, 1, 2), date(2017, 12, 31), date(2018, 1, 2)),
        (date(2000, 2, 29), date(2017, 2, 25), date(2017, 2, 28)),
    ],
)
def test_the_day_is_told(born: date, today: date, on: date) -> None:
    assert birthdays._next(born, today) == on
