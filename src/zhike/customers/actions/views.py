"""Saved views of the customer list."""

from django.db import transaction

from zhike.customers.models import SavedView
from zhike.kernel import audit
from zhike.kernel.models import User


@transaction.atomic
def save_view(*, name: str, query: str, shared: bool, by: User) -> SavedView:
    """Keep the list's filters, sort and columns under a name; the same name of the same user is replaced."""
    view, _made = SavedView.objects.update_or_create(
        user=by, name=name, defaults={"query": query, "shared": shared}
    )
    audit.record("customers.view_saved", view, by=by, changes={"shared": shared})
    return view


@transaction.atomic
def drop_view(*, view: SavedView, by: User) -> None:
    """Forget a saved view of one's own."""
    audit.record("customers.view_dropped", view, by=by)
    view.delete()
