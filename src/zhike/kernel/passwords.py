"""Passwords: hashing that a small machine can afford, and a rule that speaks both languages."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST = 10


class FrugalArgon2(Argon2PasswordHasher):
    """argon2id at the OWASP floor (t=2, m=19 MiB, p=1): 60–80 ms; Django's default takes 100 MB a login."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class LongEnough:
    """At least ten characters; Django's own rule says so in English only."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Refuse a short password."""
        if len(password) < SHORTEST:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("The password needs at least %(count)s characters.") % {"count": SHORTEST}
