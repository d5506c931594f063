"""The shell's forms: they check shape, the actions check meaning."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from zhike.desk import queries
from zhike.kernel import queries as kernel
from zhike.kernel.models import Department, Scope, User
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES

TOKEN_DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("no end"))]


if TYPE_CHECKING:
    _OneDepartment = forms.ModelChoiceField[Department]
else:  # at run time Django's field takes no type
    _OneDepartment = forms.ModelChoiceField


class DepartmentChoice(_OneDepartment):
    """A department, indented as in the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Department.objects.none(), required=False, **kwargs)

    def fill(self) -> None:
        """Offer the departments of this moment."""
        self.queryset = kernel.departments()
        shown = [
            (branch.department.pk, "\u3000" * branch.depth + branch.department.name)
            for branch in queries.tree()
        ]
        self.choices = [("", "–"), *shown]


class StaffForm(forms.Form):
    """Who somebody is and what they may do."""

    name = forms.CharField(label=_("Name"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=[(role.key, role.label) for role in ROLES.values()])
    scope = forms.ChoiceField(
        label=_("Sees"),
        choices=Scope.choices,
        help_text=_("Whose customers appear in lists, search, charts and exports."),
    )
    department = DepartmentChoice(label=_("Department"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department = self.fields["department"]
        assert isinstance(department, DepartmentChoice)
        department.fill()

    def clean(self) -> dict[str, Any]:
        """A scope that speaks of a department needs one."""
        given = super().clean() or {}
        if given.get("scope") in {Scope.DEPARTMENT, Scope.SUBTREE} and not given.get("department"):
            self.add_error("department", _("Choose a department, because this person sees its customers."))
        return given


class InviteForm(StaffForm):
    """A new member of staff."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("The name to sign in with; no message is sent."))
    field_order = ["email", "name", "role", "scope", "department"]


class EditStaffForm(StaffForm):
    """A member of staff who is here already."""

    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Without the tick the person is kept in history but locked out."),
    )


class PasswordForm(forms.Form):
    """A password chosen twice."""

    password = forms.CharField(
        label=_("Password"), strip=False, help_text=_("At least 10 characters; a short sentence is easy to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("Password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Refuse what is short, common or like the name."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        return given


class JoinForm(PasswordForm):
    """What an invited person tells; an address already known is not asked again."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("The name to sign in with."))
    name = forms.CharField(label=_("Name"), max_length=80)
    field_order = ["email", "name", "password", "again"]

    def __init__(self, *args: Any, known_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known_email:
            del self.fields["email"]

    def clean_email(self) -> str:
        """One account per address."""
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("This address already has an account. Sign in with it."))
        return email


class DepartmentForm(forms.Form):
    """A department's name and place."""

    name = forms.CharField(label=_("Department name"), max_length=80)
    parent = DepartmentChoice(label=_("Under"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, DepartmentChoice)
        parent.fill()

    def clean(self) -> dict[str, Any]:
        """Two departments under the same parent need two names."""
        given = super().clean() or {}
        if Department.objects.filter(name=given.get("name", ""), parent=given.get("parent")).exists():
            self.add_error("name", _("There is already a department of this name here. Choose another name."))
        return given


class RenameForm(forms.Form):
    """Another name for a department."""

    name = forms.CharField(label=_("Department name"), max_length=80)

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        self.department = department
        kwargs.setdefault("initial", {"name": department.name})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        """Unlike its sisters' names."""
        name: str = self.cleaned_data["name"]
        sisters = Department.objects.filter(parent=self.department.parent).exclude(pk=self.department.pk)
        if sisters.filter(name=name).exists():
            raise forms.ValidationError(
                _("There is already a department of this name here. Choose another name.")
            )
        return name


class TokenForm(forms.Form):
    """What a token is for and what it may do."""

    name = forms.CharField(
        label=_("Used by"), max_length=80, help_text=_("Which program, for example: online shop.")
    )
    rights = forms.MultipleChoiceField(
        label=_("May do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself."),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=TOKEN_DAYS, required=False, initial="90")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rights"].choices = rights_of(user)  # type: ignore[attr-defined]


class InstallationForm(forms.Form):
    """What the installation is called."""

    company = forms.CharField(
        label=_("Company name"),
        max_length=120,
        required=False,
        help_text=_("Stands on exports and documents."),
    )


def rights_of(user: User) -> list[tuple[str, Any]]:
    """The user's rights as choices, in the order of the stages."""
    return [(right.value, right.label) for right in Right if user.has(right)]
