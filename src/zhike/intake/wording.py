"""Sentences and links that several intake pages share."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.core import figures
from zhike.core.text import Text
from zhike.intake.models import Batch, BatchState
from zhike.intake.reading.layout import NotData


def sentence(batch: Batch) -> str:
    """What became of the file, in one line."""
    if batch.state == BatchState.FAILED:
        return _("Nothing of this file was imported.")
    if batch.state == BatchState.DISCARDED and not batch.accepted:
        return _("This import was discarded; nothing was taken in.")
    if not batch.ended:
        return _("{count} rows imported so far").format(count=figures.count(batch.accepted))
    parts = [_("{count} rows imported").format(count=figures.count(batch.accepted))]
    if batch.open_held:
        parts.append(_("{count} held").format(count=figures.count(batch.open_held)))
    if batch.open_rows > batch.open_held:
        parts.append(_("{count} to correct").format(count=figures.count(batch.open_rows - batch.open_held)))
    return str(Text(zh=",", en=", ")).join(parts)


def news(batch: Batch) -> str:
    """How much of what was imported is new; empty where that is not known."""
    if not batch.ended or not batch.accepted or batch.added is None or batch.changed is None:
        return ""
    if not batch.added and not batch.changed:
        return _("All of it was known already: nothing changed.")
    return _("{added} records new, {changed} changed").format(
        added=figures.count(batch.added), changed=figures.count(batch.changed)
    )


def not_data(found: list[tuple[int, NotData]]) -> list[tuple[int, str]]:
    """Rows that are no records, each with its reason in words."""
    said = {
        NotData.BLANK: _("blank row"),
        NotData.TOTAL: _("row of totals"),
        NotData.REMARK: _("remark"),
        NotData.REPEATED_HEADER: _("repeated header"),
    }
    return [(row, said[why]) for row, why in found]


def link(request: HttpRequest, **place: int) -> str:
    """The same page at another place of its list."""
    query = request.GET.copy()
    for name, value in place.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"
