"""Staff, the departments they work in, and the invitations by which they join."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core import masks
from zhike.kernel.rights import Right
from zhike.kernel.roles import ROLES, Role


class Scope(models.TextChoices):
    """Whose customers a member of staff sees."""

    OWN = "own", _("Own customers")
    DEPARTMENT = "department", _("Customers of the own department")
    SUBTREE = "subtree", _("Customers of the own department and those below")
    ALL = "all", _("All customers")


class Department(models.Model):
    """A part of the company; departments form a tree."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Ids from the root down to this department, "/1/4/": a subtree is one prefix search.
    path = models.CharField(max_length=500, default="/", db_index=True, editable=False)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"], name="department_name_once", nulls_distinct=False
            )
        ]

    class Privacy:
        internal = {"id", "key", "name", "parent", "path"}

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes users; the e-mail address is their sign-in name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A member of staff with a usable password, or none at all."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Sign-in ignores the case of the e-mail address."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A member of staff."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=30, choices=[(role.key, role.label) for role in ROLES.values()])
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.OWN)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    language = models.CharField(
        max_length=10, default="zh-hans", choices=[("zh-hans", "中文"), ("en", "English")]
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    class Meta:
        ordering = ["name"]

    class Privacy:
        internal = {
            "id", "key", "name", "role", "scope", "department", "language", "is_active", "created_at", "last_login",
        }  # fmt: skip
        personal = {"email": masks.email}
        sensitive = {"password": masks.hidden}

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Everybody who signs in is staff."""
        return self.is_active

    @property
    def holds(self) -> type[Role]:
        """The role's class, with its sentence and rights."""
        return ROLES[self.role]

    def has(self, right: Right) -> bool:
        """Whether the user's role carries the right."""
        return self.is_active and right in self.holds.rights


class InvitationQuery(models.QuerySet["Invitation"]):
    """Invitations by their state."""

    def open(self, *, at: datetime) -> Self:
        """Neither used nor expired at the given time."""
        return self.filter(used_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """A link that lets one person choose a password once; the first one sets up the installation."""

    digest = models.BinaryField(unique=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=30)
    scope = models.CharField(max_length=12, choices=Scope.choices)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, related_name="+")
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuery.as_manager()

    class Privacy:
        internal = {
            "id", "name", "role", "scope", "department", "invited_by", "created_at", "expires_at", "used_at",
        }  # fmt: skip
        personal = {"email": masks.email}
        sensitive = {"digest": masks.hidden}
