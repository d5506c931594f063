"""What every request of the shell passes through."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zhike.blueprint import queries as blueprint
from zhike.blueprint.facts import NoBlueprint
from zhike.core import figures
from zhike.desk.pages import errors


class WriteTheHousesMoney:
    """Amounts are written in the currency of the blueprint in force."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the currency for the length of the request; who comes with a token is known only later."""
        if not (request.user.is_authenticated or "Authorization" in request.headers):
            return self.get_response(request)
        spec = blueprint.current_or_none()
        with figures.paying_in(spec.currency if spec else "CNY"):
            return self.get_response(request)


class AskForABlueprint:
    """A page that needs a blueprint, on an installation that has none, leads to the choice of one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what would otherwise look like a fault of ours."""
        if not isinstance(exception, NoBlueprint) or not request.user.is_authenticated:
            return None
        missing = blueprint.missing(request.user)
        return errors.no_blueprint(request, missing) if missing else None
