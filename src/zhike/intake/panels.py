"""The workbench card: receipts that need me."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from zhike.intake import queries, wording
from zhike.kernel.models import User

SHOWN = 5


def receipts_needing_me(request: HttpRequest, _nothing: object) -> str:
    """Imports with columns to confirm or rows to correct; nothing when there are none."""
    user = request.user
    assert isinstance(user, User)
    found = list(queries.needing(user)[: SHOWN + 1])
    if not found:
        return ""
    rows = [(one, wording.sentence(one)) for one in found[:SHOWN]]
    return render_to_string("intake/home_card.html", {"rows": rows, "more": len(found) > SHOWN}, request)
