"""Whose customers somebody sees, as one condition every query can use."""

from django.db.models import Q

from zhike.kernel.models import Scope, User


def within(user: User, prefix: str = "") -> Q:
    """The condition on `manager` and `department` (reached through `prefix`) that the user's data scope sets."""
    if not user.is_active:
        return Q(pk__in=[])
    own = Q(**{f"{prefix}manager_id": user.pk})
    match user.scope:
        case Scope.ALL:
            return Q()
        case Scope.SUBTREE if user.department is not None:
            return own | Q(**{f"{prefix}department__path__startswith": user.department.path})
        case Scope.DEPARTMENT if user.department_id is not None:
            return own | Q(**{f"{prefix}department_id": user.department_id})
        case _:
            return own
