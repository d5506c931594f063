"""Cycle keys and spans, by example."""

from datetime import date

import pytest

from zhike.strategies.cycles import REPEATING, Every, cycle_key, cycle_start, quarter_span

EXAMPLES = [
    (Every.WEEKLY, date(2017, 1, 1), "2016-W52", date(2016, 12, 26)),
    (Every.WEEKLY, date(2017, 3, 5), "2017-W09", date(2017, 2, 27)),
    (Every.MONTHLY, date(2017, 3, 31), "2017-03", date(2017, 3, 1)),
    (Every.QUARTERLY, date(2017, 3, 31), "2017-Q1", date(2017, 1, 1)),
    (Every.QUARTERLY, date(2017, 12, 31), "2017-Q4", date(2017, 10, 1)),
    (Every.HALF_YEARLY, date(2017, 6, 30), "2017-H1", date(2017, 1, 1)),
    (Every.HALF_YEARLY, date(2017, 7, 1), "2017-H2", date(2017, 7, 1)),
    (Every.YEARLY, date(2017, 12, 31), "2017", date(2017, 1, 1)),
]


@pytest.mark.parametrize(("every", "day", "key", "start"), EXAMPLES)
def test_a_day_belongs_to_one_cycle(every, day, key, start):
    assert cycle_key(every, day) == key
    assert cycle_start(every, day) == start


@pytest.mark.parametrize("every", REPEATING)
def test_the_first_day_of_a_cycle_is_in_it(every):
    day = date(2017, 8, 17)
    assert cycle_key(every, cycle_start(every, day)) == cycle_key(every, day)


def test_a_measure_taken_once_has_no_repeating_cycle():
    with pytest.raises(ValueError, match="placement"):
        cycle_key(Every.ONCE, date(2017, 1, 1))


def test_a_quarter_has_a_first_and_a_last_day():
    assert quarter_span("2017-Q1") == (date(2017, 1, 1), date(2017, 3, 31))
    assert quarter_span("2017-Q4") == (date(2017, 10, 1), date(2017, 12, 31))
    with pytest.raises(ValueError, match="quarter"):
        quarter_span("2017-4")
