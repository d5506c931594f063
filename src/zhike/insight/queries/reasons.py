"""Why customers stood in their tier on a day: told by the stage that places them, which looks upstream."""

from collections.abc import Callable, Mapping
from datetime import date

Teller = Callable[[list[int], date], Mapping[int, str]]
_tellers: list[Teller] = []


def tell_reasons(teller: Teller) -> None:
    """Register what tells the reasons of some customers on a day."""
    _tellers.append(teller)


def reasons_told(customer_ids: list[int], day: date) -> dict[int, str]:
    """The reasons by customer, for callers that have checked the scope."""
    return {one: said for teller in _tellers for one, said in teller(customer_ids, day).items()}
