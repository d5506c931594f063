"""The roles people hold: a sentence that says what for, and the rights that follow."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.kernel.rights import Right

READING = frozenset(
    {
        Right.DESK_VIEW,
        Right.CUSTOMERS_VIEW,
        Right.ACTIVITY_VIEW,
        Right.INSIGHT_VIEW,
        Right.TIERS_VIEW,
        Right.STRATEGIES_VIEW,
        Right.TASKS_VIEW,
        Right.EFFECT_VIEW,
    }
)


class Role:
    """Base of all roles; a subclass is a role as soon as it is defined."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    sentence: ClassVar[str | Promise]
    rights: ClassVar[frozenset[Right]]
    usual_scope: ClassVar[str] = "own"


class Admin(Role):
    """Runs the installation."""

    key = "admin"
    label = _("Administrator")
    sentence = _("Runs the installation: staff, settings, blueprint, keys and everything below.")
    rights = frozenset(Right)
    usual_scope = "all"


class Operations(Role):
    """Owns the customer base."""

    key = "operations"
    label = _("Operations manager")
    sentence = _("Owns the customer base: blueprint, imports, analyses, tiers, strategies and their effect.")
    rights = frozenset(Right) - {Right.STAFF_MANAGE, Right.AUDIT_VIEW}
    usual_scope = "all"


class AccountManager(Role):
    """Looks after customers."""

    key = "account_manager"
    label = _("Account manager")
    sentence = _("Looks after customers: visits, calls, records what was done and what comes next.")
    rights = READING | {
        Right.CUSTOMERS_EDIT,
        Right.CUSTOMERS_EXPORT,
        Right.NAMES_VIEW,
        Right.PERSONAL_REVEAL,
        Right.ACTIVITY_RECORD,
        Right.TASKS_WORK,
        Right.TOKENS_MANAGE,
        Right.JOBS_VIEW,
    }


class Service(Role):
    """Answers customers."""

    key = "service"
    label = _("Customer service")
    sentence = _("Answers customers: finds them, records calls and feedback, works on service tasks.")
    rights = READING | {
        Right.NAMES_VIEW,
        Right.PERSONAL_REVEAL,
        Right.ACTIVITY_RECORD,
        Right.TASKS_WORK,
        Right.JOBS_VIEW,
    }
    usual_scope = "subtree"


class Marketing(Role):
    """Works with groups, not with single persons' data."""

    key = "marketing"
    label = _("Marketing")
    sentence = _("Works with groups of customers: analyses, tiers and imports; personal values stay masked.")
    rights = READING | {
        Right.BLUEPRINT_VIEW,
        Right.INTAKE_VIEW,
        Right.INTAKE_RUN,
        Right.SEGMENTS_EDIT,
        Right.JOBS_VIEW,
    }
    usual_scope = "all"


class Auditor(Role):
    """Checks, changes nothing."""

    key = "auditor"
    label = _("Auditor")
    sentence = _("Checks everything and changes nothing; personal values stay masked.")
    rights = READING | {Right.BLUEPRINT_VIEW, Right.INTAKE_VIEW, Right.AUDIT_VIEW, Right.JOBS_VIEW}
    usual_scope = "all"


ROLES: dict[str, type[Role]] = {
    role.key: role for role in (Admin, Operations, AccountManager, Service, Marketing, Auditor)
}
