"""The sheet an editor works on: the draft, or what is in force when nobody has begun one; and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.blueprint import actions, queries
from zhike.blueprint.facts import Outpaced
from zhike.blueprint.forms.parts import MeasureSet
from zhike.blueprint.forms.rules import ConditionSet
from zhike.blueprint.models import BlueprintVersion
from zhike.core.blueprints import BadBlueprint, BlueprintSpec, write
from zhike.kernel.pages import Page, StaffRequest, saved, show


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What an editor starts from."""

    version: BlueprintVersion
    spec: BlueprintSpec

    @property
    def revision(self) -> int:
        """How often the draft had been saved; 0 when there is none, so that saving must not meet one."""
        return self.version.revision if self.version.is_draft else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage(Page):
    """One part of the blueprint as a form, with rows of conditions or measures where it has them."""

    template: ClassVar[str] = "blueprint/edit.html"
    form: Form
    revision: int
    back: str
    conditions: ConditionSet | None = None
    measures: MeasureSet | None = None
    sentence: str = ""
    remove: str = ""


def open_sheet() -> Sheet:
    """The draft, or the version in force."""
    version = queries.editable_version()
    return Sheet(version=version, spec=queries.spec_of(version))


def wants_to_save(request: StaffRequest) -> bool:
    """Whether the form was sent to be kept, and not only to get more rows."""
    return request.method == "POST" and "more" not in request.POST


def sent(request: StaffRequest) -> Any:
    """What was sent, or None."""
    return request.POST if request.method == "POST" else None


def keep(request: StaffRequest, changed: BlueprintSpec, form: Form, *, part: str) -> HttpResponse | None:
    """Save the changed blueprint as the draft and go there; None when it does not hold, with the form saying why."""
    try:
        revision = int(request.POST.get("revision") or 0)
        draft = actions.save_draft(write(changed), by=request.user, revision=revision)
    except BadBlueprint as bad:
        for problem in bad.problems:
            form.add_error(None, f"{problem.path}: {problem.reason} {problem.remedy}")
        return None
    except (Outpaced, ValueError) as refused:
        form.add_error(None, str(refused))
        return None
    to = reverse("blueprint:version", args=[draft.key]) + f"?part={part}"
    return saved(request, to, toast=_("Saved in the draft; nothing changes until it is published."))


def show_form(
    request: StaffRequest, sheet: Sheet, form: Form, *, title: str, part: str, **more: Any
) -> HttpResponse:
    """The form as a page; what was sent and could not be kept is answered with 422."""
    page = EditPage(
        title=title,
        pretitle=_pretitle(sheet),
        form=form,
        revision=int(request.POST.get("revision") or 0) if request.method == "POST" else sheet.revision,
        back=reverse("blueprint:version", args=[sheet.version.key]) + f"?part={part}",
        **more,
    )
    return show(request, page, status=422 if wants_to_save(request) else 200)


def _pretitle(sheet: Sheet) -> str:
    name, number = str(sheet.spec.name), sheet.version.number
    if sheet.version.is_draft:
        return _("{name} · draft of version {number}").format(name=name, number=number)
    return _("{name} · saving begins a draft").format(name=name)
