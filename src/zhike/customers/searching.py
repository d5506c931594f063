"""Customers in the global search and in the command palette."""

from django.urls import reverse

from zhike.customers import queries
from zhike.kernel.facts import Hit
from zhike.kernel.models import User

MOST = 8


def find(user: User, words: str) -> list[Hit]:
    """The asker's customers that the words mean, the newest first."""
    found = (
        queries.matching(queries.visible_to(user), words, user).order_by("-pk")[:MOST]
        if words.strip()
        else []
    )
    return [
        Hit(
            title=queries.shown_name(user, one),
            detail=one.code,
            href=reverse("customers:customer", args=[one.key]),
            icon="building" if one.is_company else "user",
        )
        for one in found
    ]
