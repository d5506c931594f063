"""What the frame around every page shows: navigation, user, language, demonstration banner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.core import figures
from zhike.kernel import clock, queries, slots
from zhike.kernel.models import User
from zhike.kernel.rights import Right

MODULES = tuple(f"desk/{name}.js" for name in ("shell", "charts", "palette", "keys", "forms", "list"))
LANGUAGES = (("zh-hans", "中文"), ("en", "English"))
# "g" and one of these letters opens the page (UI: `g c` customers).
GO = {
    "home": "h", "customers": "c", "insight": "a", "tiers": "r", "strategies": "s", "tasks": "t",
    "effect": "e", "blueprint": "b", "intake": "d", "settings": "o",
}  # fmt: skip
THUMB = ("home", "customers", "tasks", "tiers")


@dataclass(frozen=True, slots=True)
class Entry:
    """A navigation entry ready to be shown."""

    key: str
    label: str | Promise
    icon: str
    url: str
    active: bool
    badge: int = 0
    go: str = ""


@dataclass(frozen=True, slots=True)
class Corner:
    """A page of the settings: its address, and the right that shows it."""

    label: str | Promise
    icon: str
    name: str
    right: Right


CORNERS = (
    Corner(_("My account"), "user-circle", "desk:profile", Right.DESK_VIEW),
    Corner(_("API tokens"), "key", "desk:tokens", Right.TOKENS_MANAGE),
    Corner(_("API"), "api", "desk:api_docs", Right.DESK_VIEW),
    Corner(_("Staff"), "users-group", "desk:staff", Right.STAFF_MANAGE),
    Corner(_("Departments"), "hierarchy-2", "desk:departments", Right.STAFF_MANAGE),
    Corner(_("Roles and rights"), "lock-access", "desk:roles", Right.DESK_VIEW),
    Corner(_("Background jobs"), "progress", "desk:jobs", Right.JOBS_VIEW),
    Corner(_("Audit log"), "history", "desk:audit", Right.AUDIT_VIEW),
    Corner(_("Installation"), "server-cog", "desk:installation", Right.STAFF_MANAGE),
)


class Shell:
    """The frame of one request; everything is worked out only when a template asks."""

    modules = MODULES
    languages = LANGUAGES

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.path = request.get_full_path()

    @cached_property
    def user(self) -> User | None:
        """Who is signed in."""
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) and user.is_authenticated else None

    @property
    def role(self) -> str | Promise:
        """The signed-in user's role in words."""
        return self.user.holds.label if self.user else ""

    @cached_property
    def csrf(self) -> str:
        """The token for forms inside isolated includes."""
        return get_token(self.request)

    @property
    def language(self) -> str:
        """The language of this page."""
        return get_language() or settings.LANGUAGE_CODE

    @property
    def sign(self) -> str:
        """What stands before amounts of money; charts write it too."""
        return figures.sign()

    @property
    def lang(self) -> str:
        """The language as HTML names it."""
        return "zh-Hans" if self.language.startswith("zh") else self.language

    @cached_property
    def demo(self) -> bool:
        """Whether this home shows demonstration data."""
        return queries.installation().is_demo

    @property
    def today(self) -> date:
        """The business date."""
        return clock.today()

    @cached_property
    def entries(self) -> list[tuple[slots.Nav, Entry]]:
        """The navigation of the user, with the open page marked."""
        if self.user is None:
            return []
        known = [(nav, address(nav.url)) for nav in slots.navs(self.user)]
        here = _longest(self.request.path, [url for _nav, url in known])
        return [(nav, self._entry(nav, url, here)) for nav, url in known if url]

    def _entry(self, nav: slots.Nav, url: str, here: str) -> Entry:
        badge = nav.badge(self.user) if nav.badge and self.user else 0
        return Entry(nav.key, nav.label, nav.icon, url, url == here, badge, GO.get(nav.key, ""))

    @cached_property
    def nav(self) -> list[tuple[str, list[Entry]]]:
        """The entries by section, in order."""
        sections = groupby(self.entries, key=lambda pair: pair[0].section)
        return [(section, [entry for _nav, entry in pairs]) for section, pairs in sections]

    @cached_property
    def thumb(self) -> list[Entry]:
        """The entries of the bar at the bottom of a phone."""
        by_key = {entry.key: entry for _nav, entry in self.entries}
        return [by_key[key] for key in THUMB if key in by_key]

    @cached_property
    def corners(self) -> list[Entry]:
        """The pages of the settings that the user may see."""
        if self.user is None:
            return []
        open_to = [(corner, reverse(corner.name)) for corner in CORNERS if self.user.has(corner.right)]
        here = _longest(self.request.path, [url for _corner, url in open_to])
        return [Entry(c.name, c.label, c.icon, url, url == here) for c, url in open_to]


def address(name: str) -> str:
    """The address behind a registered name; empty while its stage has no pages."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _longest(path: str, urls: Sequence[str]) -> str:
    """Which entry a page belongs to: the one whose address is the longest beginning of the page's."""
    fitting = [url for url in urls if url and (path == url or (url != "/" and path.startswith(url)))]
    return max(fitting, key=len, default="")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
