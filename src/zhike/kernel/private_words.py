"""Search words that name one person stand sealed in addresses: history, logs and bookmarks do not tell a phone number."""

from zhike.kernel import sealing
from zhike.kernel.models import User
from zhike.kernel.pages import StaffRequest

MARK = "sealed~"
DIGITS = 7  # as many as the shortest phone number has; an ID number has more


def private(words: str) -> bool:
    """Whether words look like a phone, an ID number or an e-mail address."""
    return "@" in words or sum(char.isdecimal() for char in words) >= DIGITS


def hide(words: str, user: User) -> str:
    """The words as an address may hold them; what is sealed only the same user can open."""
    if not private(words) or words.startswith(MARK):
        return words
    return MARK + sealing.seal(words, table="search", column="words", row=str(user.key))


def clear(words: str, user: User) -> str:
    """The words that were typed; a seal that does not open stays as it is and finds nobody."""
    if not words.startswith(MARK):
        return words
    try:
        return sealing.unseal(words.removeprefix(MARK), table="search", column="words", row=str(user.key))
    except (sealing.BrokenSeal, ValueError):
        return words


def seal_search(request: StaffRequest) -> bool:
    """Seal the search words of a request, so that every link made from it holds no phone; whether they stood in clear."""
    words = request.GET.get("q", "")
    kept = hide(words, request.user)
    if kept == words:
        return False
    given = request.GET.copy()
    given["q"] = kept
    request.GET = given  # type: ignore[assignment]
    return True
