"""Orders in the global search."""

from django.urls import reverse

from zhike.activity import queries
from zhike.customers import queries as customers
from zhike.kernel.facts import Hit
from zhike.kernel.models import User

SHORTEST, MOST = 3, 5


def find(user: User, words: str) -> list[Hit]:
    """The orders of the asker's customers whose number begins with the words."""
    text = words.strip()
    if len(text) < SHORTEST or not any(char.isdigit() for char in text):
        return []
    found = queries.orders(user).filter(number__startswith=text).order_by("number")[:MOST]
    return [
        Hit(
            title=one.number,
            detail=customers.shown_name(user, one.customer),
            href=reverse("activity:order", args=[one.key]),
            icon="shopping-cart",
        )
        for one in found
    ]
