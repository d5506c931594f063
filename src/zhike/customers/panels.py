"""What customers add to their own 360 page and to the workbench."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from zhike.blueprint import queries as blueprints
from zhike.customers import history, queries
from zhike.customers.models import Customer
from zhike.kernel.models import User
from zhike.kernel.rights import Right


def changes(request: HttpRequest, customer: Customer) -> str:
    """The tab "changes and sources": who said what when, each change with the way back."""
    user = _user(request)
    names = queries.source_names()
    context = {
        "customer": customer,
        "steps": history.steps(customer, blueprints.current(), user),
        "sources": [names.get(one, one) for one in queries.sources_of(customer)],
        "may_restore": user.has(Right.CUSTOMERS_EDIT),
    }
    return render_to_string("customers/changes.html", context, request)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
