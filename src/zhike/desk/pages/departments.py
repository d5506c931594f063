"""Departments and roles: how the company is divided, and what each role may do."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.errors import Refusal
from zhike.desk import queries as desk
from zhike.desk.forms import DepartmentForm, RenameForm
from zhike.desk.queries import Branch
from zhike.kernel import actions, queries
from zhike.kernel.models import Department
from zhike.kernel.pages import Page, StaffRequest, needs, saved, show
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Departments(Page):
    """The tree and a form for another department."""

    template: ClassVar[str] = "desk/departments.html"
    branches: list[Branch]
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Page):
    """One department's name."""

    template: ClassVar[str] = "desk/department_form.html"
    department: Department
    form: Form


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right, and which roles carry it."""

    label: str
    held: list[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles(Page):
    """Every role with its sentence and its rights."""

    template: ClassVar[str] = "desk/roles.html"
    roles: list[type[Role]]
    rows: list[RightRow]


@needs(Right.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def departments(request: StaffRequest) -> HttpResponse:
    """See the tree; add to it."""
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_department(**form.cleaned_data, by=request.user)
        return saved(request, reverse("desk:departments"), toast=_("Department added"))
    page = Departments(title=_("Departments"), pretitle=_("Settings"), branches=desk.tree(), form=form)
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.STAFF_MANAGE)
@require_http_methods(["GET", "POST"])
def rename(request: StaffRequest, key: UUID) -> HttpResponse:
    """Give a department another name."""
    department = get_object_or_404(queries.departments(), key=key)
    form = RenameForm(request.POST or None, department=department)
    if request.method == "POST" and form.is_valid():
        actions.rename_department(department=department, name=form.cleaned_data["name"], by=request.user)
        return saved(request, reverse("desk:departments"), toast=_("Saved"))
    page = Rename(title=department.name, pretitle=_("Departments"), department=department, form=form)
    return show(request, page, status=422 if form.errors else 200)


@needs(Right.STAFF_MANAGE)
@require_POST
def remove(request: StaffRequest, key: UUID) -> HttpResponse:
    """Remove an empty department; one in use says what is in the way."""
    department = get_object_or_404(queries.departments(), key=key)
    try:
        actions.remove_department(department=department, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return saved(request, reverse("desk:department", args=[department.key]))
    return saved(request, reverse("desk:departments"), toast=_("Department removed"))


@needs(Right.DESK_VIEW)
@require_GET
def roles(request: StaffRequest) -> HttpResponse:
    """What each role is for and what it may do."""
    every = list(ROLES.values())
    rows = [RightRow(str(right.label), [right in role.rights for role in every]) for right in Right]
    return show(request, Roles(title=_("Roles and rights"), pretitle=_("Settings"), roles=every, rows=rows))
