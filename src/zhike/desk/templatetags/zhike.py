"""`{% load zhike %}`: numbers, money, days and texts as every page writes them."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.core.text import Text, listed
from zhike.kernel import prose, queries
from zhike.kernel.models import User

register = template.Library()

register.filter("money", figures.money)
register.filter("money_short", figures.money_short)
register.filter("money_whole", figures.money_whole)
register.filter("count", figures.count)
register.filter("share", figures.share)
register.filter("share_whole", figures.share_whole)
register.filter("days", figures.days)
register.filter("listed", listed)


def _local(value: object) -> object:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def day(value: object) -> str:
    """A date, or the local date of a moment, as YYYY-MM-DD."""
    return figures.day(_local(value))


@register.filter
def moment(value: object) -> str:
    """A moment in local time as YYYY-MM-DD HH:MM."""
    return figures.figure(_local(value))


@register.filter
def stamp(value: object) -> str:
    """A moment that real time wrote; where the business date is pinned, it says so."""
    told = moment(value)
    return _("{moment} (real time)").format(moment=told) if value and _pinned() else told


@register.simple_tag
def when() -> str:
    """The heading above moments that real time wrote."""
    return _("When (real time)") if _pinned() else _("When")


def _pinned() -> bool:
    return queries.installation().business_date is not None


@register.filter
def figure(value: object) -> str:
    """Any single value as a reader expects it."""
    return figures.figure(_local(value))


@register.filter
def said(value: object) -> str:
    """A text kept as JSON in both languages, in the reader's language."""
    return str(Text.from_json(value)) if isinstance(value, dict) and value else str(value or "")


@register.filter
def to_reader(text: str, user: User) -> str:
    """Free words as this reader may see them: identifying numbers in them masked where the right to reveal is missing."""
    return prose.said(user, text)


@register.filter
def chart_json(options: object, key: str) -> SafeString:
    """A chart's option as inert JSON in the page, where charts.js finds it."""
    return json_script(options, f"chart-options-{key}")
