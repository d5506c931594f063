"""Sign-in by django-allauth, bent to our house: staff join by invitation, secrets are sealed, sign-ins are audited."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from zhike.kernel import audit, sealing
from zhike.kernel.models import User


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up; who signs in or changes a password is written down."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff are invited, see `kernel.actions.invite`."""
        return False

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Write the sign-in down; the second factor has been asked by now."""
        audit.record("staff.signed_in", user, by=user)
        response: HttpResponse = super().post_login(request, user, **how)
        return response

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **kwargs: Any
    ) -> None:
        """Signing in and out are seen without being told."""
        if not message_template.startswith("account/messages/logged_"):
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account page."""
        return reverse("desk:profile")

    def set_password(self, user: User, password: str) -> None:
        """Write the change down beside it."""
        super().set_password(user, password)
        audit.record("staff.password_changed", user, by=user)


class SealedSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """The shared secret of an authenticator app is sealed like any other secret."""

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return sealing.seal(text, table="mfa_authenticator", column="data", row="secret")

    def decrypt(self, encrypted_text: str) -> str:
        """Open a stored secret."""
        return sealing.unseal(encrypted_text, table="mfa_authenticator", column="data", row="secret")
