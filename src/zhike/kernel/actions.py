"""What can be done to people, tokens and the installation."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.kernel import audit, queries
from zhike.kernel.models import ApiToken, Department, Installation, Invitation, User
from zhike.kernel.rights import Right

INVITATION_DAYS = 7
TOKEN_PREFIX = "zk_"  # noqa: S105 (a visible prefix, so that leaked tokens can be recognised)


class StaffRefusal(Refusal):
    """Something about staff that cannot be done, with the remedy."""


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, scope: str, department: Department | None, by: User | None
) -> str:
    """Make an invitation and return the secret of its link, which is not kept."""
    if email and User.objects.filter(email=email.strip().lower()).exists():
        raise StaffRefusal(
            reason=Text(zh="该邮箱已有账号", en="This e-mail address already has an account"),
            remedy=Text(
                zh="请在员工列表中找到并启用该账号", en="Find the account in the staff list and reactivate it"
            ),
        )
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        digest=queries.digest(secret), email=email.strip().lower(), name=name, role=role, scope=scope,
        department=department, invited_by=by, expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    audit.record("staff.invited", made, by=by, changes={"role": role, "scope": scope})
    return secret


@transaction.atomic
def setup_link() -> str | None:
    """The secret of the one-time set-up link, or None once somebody can sign in. Older set-up links stop working."""
    if queries.is_set_up():
        return None
    Invitation.objects.filter(invited_by=None, used_at=None).delete()
    return invite(email="", name="", role="admin", scope="all", department=None, by=None)


@transaction.atomic
def accept(*, invitation: Invitation, email: str, name: str, password: str, language: str) -> User:
    """Turn an invitation into a member of staff; it works once."""
    held = Invitation.objects.select_for_update().open(at=timezone.now()).filter(pk=invitation.pk).first()
    if held is None:
        raise StaffRefusal(
            reason=Text(zh="邀请链接已使用或已过期", en="This invitation was used or has expired"),
            remedy=Text(zh="请管理员重新发送邀请", en="Ask an administrator for a new invitation"),
        )
    user = User.objects.create_user(
        email=held.email or email, password=password, name=name, role=held.role, scope=held.scope,
        department=held.department, language=language,
    )  # fmt: skip
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    audit.record("staff.joined", user, by=user, changes={"role": user.role})
    return user


@transaction.atomic
def add_staff(
    *,
    email: str,
    name: str,
    role: str,
    scope: str,
    department: Department | None,
    by: User | None,
    password: str | None = None,
) -> User:
    """Add a member of staff directly (for the demonstration and for scripts); without a password nobody signs in."""
    user = User.objects.create_user(
        email=email, password=password, name=name, role=role, scope=scope, department=department
    )
    audit.record("staff.added", user, by=by, changes={"role": role, "scope": scope})
    return user


@transaction.atomic
def edit_staff(
    *, user: User, name: str, role: str, scope: str, department: Department | None, is_active: bool, by: User
) -> User:
    """Change a member of staff; the last active administrator cannot be removed."""
    losing_admin = user.role == "admin" and (role != "admin" or not is_active)
    others = User.objects.select_for_update().filter(role="admin", is_active=True).exclude(pk=user.pk)
    if losing_admin and not others.exists():
        raise StaffRefusal(
            reason=Text(zh="至少需要一名管理员", en="At least one administrator is needed"),
            remedy=Text(zh="请先任命另一名管理员", en="Make somebody else an administrator first"),
        )
    before = {"role": user.role, "scope": user.scope, "active": user.is_active}
    user.name, user.role, user.scope, user.department, user.is_active = (
        name,
        role,
        scope,
        department,
        is_active,
    )
    user.save()
    after = {"role": role, "scope": scope, "active": is_active}
    audit.record("staff.edited", user, by=by, changes={"before": before, "after": after})
    return user


@transaction.atomic
def speak(*, user: User, language: str) -> None:
    """Remember the language a user chose."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def add_department(*, name: str, parent: Department | None, by: User | None) -> Department:
    """Add a department under another one, or at the top."""
    made = Department.objects.create(name=name, parent=parent)
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    audit.record("department.added", made, by=by)
    return made


@transaction.atomic
def rename_department(*, department: Department, name: str, by: User) -> Department:
    """Give a department another name."""
    before, department.name = department.name, name
    department.save(update_fields=["name"])
    audit.record("department.renamed", department, by=by, changes={"before": before, "after": name})
    return department


@transaction.atomic
def remove_department(*, department: Department, by: User) -> None:
    """Remove an empty department."""
    used = User.objects.filter(department=department).exists()
    if used or Department.objects.filter(parent=department).exists():
        raise StaffRefusal(
            reason=Text(
                zh="该部门仍有员工或下级部门", en="The department still has staff or departments below"
            ),
            remedy=Text(zh="请先移走他们", en="Move them first"),
        )
    audit.record("department.removed", department, by=by, note=department.name)
    department.delete()


@transaction.atomic
def issue_token(
    *, user: User, name: str, rights: Sequence[str], expires_at: datetime | None, by: User
) -> tuple[ApiToken, str]:
    """Make an API token with some of the user's rights; its secret is returned once and not kept."""
    beyond = [right for right in rights if not user.has(Right(right))]
    if beyond:
        raise StaffRefusal(
            reason=Text(
                zh=f"令牌不能超出用户权限:{', '.join(beyond)}",
                en=f"Beyond the user's rights: {', '.join(beyond)}",
            ),
            remedy=Text(zh="请取消这些权限", en="Leave these rights out"),
        )
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user, name=name, rights=list(rights), expires_at=expires_at, digest=queries.digest(secret)
    )
    audit.record("token.issued", made, by=by, changes={"rights": list(rights)})
    return made, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """Stop a token from working."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record("token.revoked", token, by=by)


@transaction.atomic
def describe_installation(
    *,
    company: str | None = None,
    is_demo: bool | None = None,
    business_date: date | None = None,
    by: User | None,
) -> Installation:
    """Set the company's name, or mark the home as a demonstration with a pinned business date."""
    held, _ = Installation.objects.get_or_create(id=1)
    if company is not None:
        held.company = company
    if is_demo is not None:
        held.is_demo, held.business_date = is_demo, business_date
    held.save()
    audit.record("installation.described", held, by=by)
    transaction.on_commit(queries.forget_installation)
    return held
