"""What the shell does to people's ways of signing in; other staff work is in `kernel.actions`."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from zhike.kernel import audit
from zhike.kernel.models import Invitation, User


@transaction.atomic
def new_password_link(*, user: User, by: User) -> tuple[str, str]:
    """The two parts of a link by which a member of staff chooses a new password; it works once and for three days."""
    audit.record("staff.password_link", user, by=by)
    return urlsafe_base64_encode(force_bytes(str(user.key))), default_token_generator.make_token(user)


@transaction.atomic
def choose_password(*, user: User, password: str) -> None:
    """Set a password by a link; every session that was open ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record("staff.password_changed", user, by=user)


@transaction.atomic
def drop_second_factor(*, user: User, by: User) -> None:
    """Let somebody who lost the phone sign in with the password alone."""
    Authenticator.objects.filter(user=user).delete()
    audit.record("staff.second_factor_dropped", user, by=by)


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User) -> None:
    """Stop an invitation from working."""
    audit.record("staff.invitation_withdrawn", invitation, by=by)
    invitation.delete()
