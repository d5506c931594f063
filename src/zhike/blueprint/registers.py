"""What blueprint adds to the whole: its entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from zhike.kernel import slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="blueprint",
        label=_("Blueprint"),
        icon="template",
        url="blueprint:show",
        right=Right.BLUEPRINT_VIEW,
        order=80,
    )
)
