"""The workbench, the global search, the command palette and the choice of language."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from zhike.desk import queries
from zhike.desk.context import GO, address
from zhike.desk.overview import Figure, overview
from zhike.desk.queries import Found
from zhike.kernel import actions, clock, private_words, slots
from zhike.kernel.facts import Hit
from zhike.kernel.models import User
from zhike.kernel.pages import Page, StaffRequest, may, needs, show
from zhike.kernel.rights import Right

# The first steps of an empty installation: navigation key, what to do, why.
STEPS = (
    (
        "blueprint",
        lazy("Choose a blueprint"),
        lazy("Which fields a customer has, which tiers there are and what each is due."),
    ),
    (
        "intake",
        lazy("Import customers and orders"),
        lazy("Excel or CSV as they are; a preview comes before anything is changed."),
    ),
    ("tiers", lazy("See who matters"), lazy("Tiers, RFM classes and the tasks that follow from them.")),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the workbench, rendered by the stage that owns it."""

    key: str
    html: str


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step of setting up."""

    url: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(Page):
    """What needs me today."""

    template: ClassVar[str] = "desk/home.html"
    figures: list[Figure]
    cards: list[Card]
    steps: list[FirstStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """What a search found, by kind."""

    template: ClassVar[str] = "desk/search.html"
    text: str
    found: list[Found]
    may_see_names: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette(Page):
    """What the command palette offers."""

    template: ClassVar[str] = "desk/palette.html"
    groups: list[Found]
    text: str


@needs(Right.DESK_VIEW)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Cards from every stage, as far as the user may see them."""
    panels = slots.panels("desk.home", request.user)
    cards = [Card(panel.key, html) for panel in panels if (html := panel.render(request, None))]
    today = clock.today()
    page = Home(
        title=_greeting(request.user),
        pretitle=_weekday(today),
        figures=overview(request.user),
        cards=cards,
        steps=[] if cards else _steps(request.user),
    )
    return show(request, page)


@needs(Right.DESK_VIEW)
@require_GET
def search(request: StaffRequest) -> HttpResponse:
    """Everything that carries these words."""
    in_clear = private_words.seal_search(request)
    kept = f"{reverse('desk:search')}?{request.GET.urlencode()}"
    if in_clear and not request.htmx:
        return redirect(kept)
    text = private_words.clear(request.GET.get("q", ""), request.user)
    page = SearchPage(
        title=_("Search"),
        text=text,
        found=queries.search(request.user, text),
        may_see_names=may(request.user, Right.NAMES_VIEW),
    )
    return show(request, page, fragment="hits", headers={"HX-Push-Url": kept})


@needs(Right.DESK_VIEW)
@require_GET
def palette(request: StaffRequest) -> HttpResponse:
    """Pages, commands and customers that are meant."""
    text = request.GET.get("q", "").strip()
    places = queries.pick(_places(request.user), text)
    commands = queries.pick(_commands(request.user), text)
    groups = [Found("pages", _("Pages"), places), Found("commands", _("Actions"), commands)]
    if text:
        groups += [
            Found(one.key, one.label, one.hits[: queries.PALETTE_EACH])
            for one in queries.search(request.user, text)
        ]
        groups.append(Found("search", _("Search"), [_everywhere(text, request.user)]))
    return show(request, Palette(title=_("Commands"), groups=[one for one in groups if one.hits], text=text))


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, and stay on the page."""
    wanted, to = request.POST.get("language", ""), request.POST.get("next", "/")
    response = HttpResponseRedirect(to if _is_ours(request, to) else "/", status=303)
    if wanted in dict(settings.LANGUAGES) and check_for_language(wanted):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=365 * 86400, samesite="Lax", httponly=True
        )
        if isinstance(request.user, User):
            actions.speak(user=request.user, language=wanted)
    return response


def _is_ours(request: HttpRequest, to: str) -> bool:
    return url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())


def _greeting(user: User) -> str:
    hour = timezone.localtime(clock.now()).hour
    if 5 <= hour < 11:
        return _("Good morning, %(name)s") % {"name": user.name}
    if 11 <= hour < 18:
        return _("Good afternoon, %(name)s") % {"name": user.name}
    return _("Good evening, %(name)s") % {"name": user.name}


def _weekday(day: date) -> str:
    return f"{day:%Y-%m-%d} · {date_format(day, 'l')}"


def _steps(user: User) -> list[FirstStep]:
    there = {nav.key: address(nav.url) for nav in slots.navs(user)}
    return [FirstStep(there[key], str(title), str(hint)) for key, title, hint in STEPS if there.get(key)]


def _places(user: User) -> list[Hit]:
    found = ((nav, address(nav.url)) for nav in slots.navs(user))
    return [
        Hit(title=str(nav.label), detail=f"g {GO[nav.key]}" if nav.key in GO else "", href=url, icon=nav.icon)
        for nav, url in found
        if url
    ]


def _commands(user: User) -> list[Hit]:
    found = ((one, address(one.url)) for one in slots.commands(user))
    return [Hit(title=str(one.label), detail="", href=url, icon=one.icon) for one, url in found if url]


def _everywhere(text: str, user: User) -> Hit:
    title = _("Search everything for “%(text)s”") % {"text": text}
    return Hit(
        title=title,
        detail="",
        href=f"{address('desk:search')}?q={quote(private_words.hide(text, user))}",
        icon="search",
    )
