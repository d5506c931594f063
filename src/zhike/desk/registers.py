"""What the shell adds to the navigation and the palette."""

from django.utils.translation import gettext_lazy as _

from zhike.kernel import slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(key="home", label=_("Workbench"), icon="home", url="desk:home", right=Right.DESK_VIEW, order=0)
)
slots.nav(
    slots.Nav(
        key="settings",
        label=_("Settings"),
        icon="settings",
        url="desk:settings",
        right=Right.DESK_VIEW,
        order=900,
        section="settings",
    )
)
slots.command(
    slots.Command(
        key="invite",
        label=_("Invite somebody"),
        icon="user-plus",
        url="desk:invite",
        right=Right.STAFF_MANAGE,
    )
)
slots.command(
    slots.Command(
        key="password",
        label=_("Change my password"),
        icon="key",
        url="account_change_password",
        right=Right.DESK_VIEW,
    )
)
