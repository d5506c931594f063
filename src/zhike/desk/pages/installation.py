"""What this installation is, and the settings it runs with."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar

from django.conf import settings
from django.db import connection
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.desk.forms import InstallationForm
from zhike.kernel import actions, queries
from zhike.kernel.models import Installation
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right

PARTS = ("zhike", "Django", "duckdb", "ibis-framework", "procrastinate")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationPage(Page):
    """The company's name, the effective settings and the versions."""

    template: ClassVar[str] = "desk/installation.html"
    form: Form
    installation: Installation
    settings: list[tuple[str, str]]
    versions: list[tuple[str, str]]


@needs(Right.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def installation(request: StaffRequest) -> HttpResponse:
    """See how the installation runs; name the company."""
    held = queries.installation()
    form = InstallationForm(request.POST or None, initial={"company": held.company})
    if request.method == "POST" and form.is_valid():
        actions.describe_installation(company=form.cleaned_data["company"], by=request.user)
        return saved(request, reverse("desk:installation"), toast=_("Saved"))
    page = InstallationPage(
        title=_("Installation"), pretitle=_("Settings"), form=form, installation=held,
        settings=sorted(settings.CONFIG.shown().items()), versions=_versions(),
    )  # fmt: skip
    return show(request, page, status=422 if form.errors else 200)


def _versions() -> list[tuple[str, str]]:
    connection.ensure_connection()
    number = connection.pg_version  # type: ignore[attr-defined]
    return [
        *((part, _version(part)) for part in PARTS),
        ("PostgreSQL", f"{number // 10000}.{number % 10000}"),
    ]


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return ""
