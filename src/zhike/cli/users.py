"""`zhike user`: staff, for whoever holds the machine: invite, list, give a new password."""

from __future__ import annotations

import click

from zhike.cli import here as cli
from zhike.cli import server
from zhike.cli.here import Here, Stopped
from zhike.core.text import Text

ROLES = ["admin", "operations", "account_manager", "service", "marketing", "auditor"]
SCOPES = ["own", "department", "subtree", "all"]


@click.group(help="员工账号。Staff accounts.")
def user() -> None:
    """Commands about staff."""


@user.command(help="生成一次性邀请链接。Make a one-time invitation link.")
@click.argument("email")
@click.option("--name", default="", help="姓名。Name.")
@click.option("--role", type=click.Choice(ROLES), default="operations", show_default=True, help="角色。Role.")
@click.option(
    "--scope", type=click.Choice(SCOPES), default="all", show_default=True, help="数据范围。Data scope."
)
@cli.options
def invite(here: Here, email: str, name: str, role: str, scope: str) -> None:
    """Print the link; it is not kept."""
    with cli.django(here):
        from zhike.kernel import actions

        secret = actions.invite(email=email, name=name, role=role, scope=scope, department=None, by=None)
    link = server.link_of(here, secret)
    here.answer(
        {"link": link}, f"邀请链接(仅可用一次,7 天内有效):{link}", f"Invitation (once, within 7 days): {link}"
    )


@user.command("list", help="列出员工。List the staff.")
@cli.options
def list_(here: Here) -> None:
    """One line each."""
    with cli.django(here):
        from zhike.kernel.models import User

        people = [
            {
                "email": one.email,
                "name": one.name,
                "role": one.role,
                "scope": one.scope,
                "active": one.is_active,
            }
            for one in User.objects.order_by("email")
        ]
    here.answer({"users": people})
    if not here.as_json:
        for one in people:
            click.echo("  ".join(str(value) for value in one.values()))


@user.command(help="重设密码并可解除两步验证。Set a new password; optionally drop the second factor.")
@click.argument("email")
@click.option("--drop-second-factor", is_flag=True, help="同时解除两步验证。Also drop the second factor.")
@click.password_option(help="新密码,缺省时询问。The new password; asked for when absent.")
@cli.options
def password(here: Here, email: str, drop_second_factor: bool, password: str) -> None:
    """For somebody locked out: whoever can run this holds the machine."""
    with cli.django(here):
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.db import transaction

        from zhike.kernel import audit
        from zhike.kernel.models import User

        found = User.objects.filter(email=email.strip().lower()).first()
        if found is None:
            raise Stopped(
                Text(f"没有账号 {email}", f"There is no account {email}"),
                Text("请用 zhike user list 查看", "See zhike user list"),
            )
        try:
            validate_password(password, found)
        except ValidationError as error:
            raise Stopped(
                Text.same(" ".join(error.messages)), Text("请换一个密码", "Choose another")
            ) from None
        with transaction.atomic():
            found.set_password(password)
            found.save(update_fields=["password"])
            if drop_second_factor:
                from allauth.mfa.models import Authenticator

                Authenticator.objects.filter(user=found).delete()
            audit.record(
                "staff.password_reset", found, by=None, changes={"second_factor": not drop_second_factor}
            )
    here.answer({"email": found.email}, "密码已更新。", "The password is changed.")
