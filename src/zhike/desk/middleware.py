"""What every request of the shell passes through."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zhike.blueprint import queries as blueprint
from zhike.core import figures


class WriteTheHousesMoney:
    """Amounts are written in the currency of the blueprint in force."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the currency for the length of the request."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        spec = blueprint.current_or_none()
        with figures.paying_in(spec.currency if spec else "CNY"):
            return self.get_response(request)
