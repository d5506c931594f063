"""What people wrote in free words, as a user may read it: phone and ID numbers in it are masked like the fields they belong in."""

from zhike.core import masks
from zhike.core.text import Text
from zhike.kernel.models import User
from zhike.kernel.rights import Right


def said(user: User, text: str, *, leaves: bool = False) -> str:
    """Words of staff: numbers that identify somebody stand in clear only on the pages of those who may reveal them.

    `leaves` is for what leaves the house in a file or by the API: there they are masked for everybody.
    """
    return text if user.has(Right.PERSONAL_REVEAL) and not leaves else masks.numbers(text)


def about(user: User, text: str, *, leaves: bool = False) -> str:
    """Words about a customer: like `said`, but nothing at all for those who may not know the customer's name."""
    return said(user, text, leaves=leaves) if user.has(Right.NAMES_VIEW) else masks.hidden(text)


def both(user: User, text: Text, *, leaves: bool = False) -> Text:
    """`said` for a text in two languages."""
    return Text(said(user, text.zh, leaves=leaves), said(user, text.en, leaves=leaves))
