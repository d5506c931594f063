"""Tags: which there are, giving and taking them."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhike.customers import queries as customers
from zhike.kernel.pages import Page, StaffRequest, may, needs, saved, show
from zhike.kernel.rights import Right
from zhike.tiers import actions, links, queries
from zhike.tiers.forms import TagForm
from zhike.tiers.links import Tab
from zhike.tiers.models import Tag

AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLine:
    """One tag, what it means, who carries it."""

    tag: Tag
    rule: str
    customers: int
    url: str
    retire_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsPage(Page):
    """All tags."""

    template: ClassVar[str] = "tiers/tags.html"
    tabs: list[Tab]
    rows: list[TagLine]
    form: TagForm
    may_make: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePage(Page):
    """Choosing a tag for several customers."""

    template: ClassVar[str] = "tiers/give.html"
    keys: list[str]
    number: int
    form: TagForm
    known: list[Tag]


@needs(Right.TIERS_VIEW)
@require_GET
def tags(request: StaffRequest) -> HttpResponse:
    """Every tag with the number of the user's customers that carry it."""
    return show(request, _page(request, TagForm()))


@needs(Right.TIERS_MOVE)
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    """A new tag to give by hand."""
    form = TagForm(request.POST)
    if not form.is_valid():
        return show(request, _page(request, form), status=422)
    tag = actions.make_tag(name=form.cleaned_data["name"], by=request.user)
    return saved(request, reverse("tiers:tags"), toast=_("Tag “%(name)s” is ready") % {"name": tag.name})


@needs(Right.TIERS_MOVE)
@require_POST
def retire(request: StaffRequest, key: str) -> HttpResponse:
    """Stop using a tag."""
    tag = get_object_or_404(queries.tags().filter(kind=Tag.Kind.HAND), key=key)
    actions.retire_tag(tag=tag, by=request.user)
    return saved(request, reverse("tiers:tags"), toast=_("Tag “%(name)s” is retired") % {"name": tag.name})


@needs(Right.CUSTOMERS_EDIT)
@require_POST
def tag(request: StaffRequest, key: UUID) -> HttpResponse:
    """Give one customer a tag by name; a name nobody used yet makes a new tag."""
    customer = customers.customer_for(request.user, key)
    back = reverse("customers:customer", args=[key])
    form = TagForm(request.POST)
    if not form.is_valid():
        return show(request, _give_page([customer], form), status=422)
    made = actions.make_tag(name=form.cleaned_data["name"], by=request.user)
    actions.tag(customers=[customer], tag=made, by=request.user)
    return saved(request, back, toast=_("Tagged “%(name)s”") % {"name": made.name})


@needs(Right.CUSTOMERS_EDIT)
@require_POST
def untag(request: StaffRequest, key: UUID) -> HttpResponse:
    """Take a tag from one customer."""
    customer = customers.customer_for(request.user, key)
    found = get_object_or_404(queries.tags().filter(kind=Tag.Kind.HAND), key=request.POST.get("tag", ""))
    actions.untag(customers=[customer], tag=found, by=request.user)
    return saved(request, reverse("customers:customer", args=[key]), toast=_("Tag taken away"))


@needs(Right.CUSTOMERS_EDIT)
@require_POST
def give(request: StaffRequest) -> HttpResponse:
    """Give the customers ticked in the list a tag; the first post asks which."""
    chosen = list(customers.visible_to(request.user).filter(key__in=keys_of(request))[:AT_ONCE])
    if "name" not in request.POST:
        return show(request, _give_page(chosen, TagForm()))
    form = TagForm(request.POST)
    if not form.is_valid() or not chosen:
        return show(request, _give_page(chosen, form), status=422)
    made = actions.make_tag(name=form.cleaned_data["name"], by=request.user)
    number = actions.tag(customers=chosen, tag=made, by=request.user)
    words = ngettext(
        "%(number)d customer tagged “%(name)s”", "%(number)d customers tagged “%(name)s”", number
    )
    return saved(request, links.customers(tag=made.key), toast=words % {"number": number, "name": made.name})


def keys_of(request: HttpRequest) -> list[UUID]:
    """The customers' keys that were posted; what is no key is left out."""
    found = []
    for text in request.POST.getlist("keys"):
        for part in text.split(","):
            try:
                found.append(UUID(part))
            except ValueError:
                continue
    return found


def _page(request: StaffRequest, form: TagForm) -> TagsPage:
    rules = queries.tag_rules_in_words()
    rows = [
        TagLine(
            tag=row.tag,
            rule=rules.get(row.tag.key, "") if row.tag.kind == Tag.Kind.RULE else "",
            customers=row.customers,
            url=links.customers(tag=row.tag.key),
            retire_url=reverse("tiers:tag_retire", args=[row.tag.key]),
        )
        for row in queries.tag_rows(request.user)
    ]
    return TagsPage(
        title=_("Tags"),
        pretitle=links.as_of(request.user),
        tabs=links.tabs(),
        rows=rows,
        form=form,
        may_make=may(request.user, Right.TIERS_MOVE),
    )


def _give_page(chosen: list[Any], form: TagForm) -> GivePage:
    return GivePage(
        title=_("Give a tag"),
        keys=[str(one.key) for one in chosen],
        number=len(chosen),
        form=form,
        known=list(queries.tags().filter(kind=Tag.Kind.HAND)),
    )
