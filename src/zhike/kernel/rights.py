"""What a member of staff may be allowed to do; pages, API and buttons all ask for one of these."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Right(models.TextChoices):
    """One permission, named `<stage>.<verb>`."""

    DESK_VIEW = "desk.view", _("See the workbench")
    CUSTOMERS_VIEW = "customers.view", _("See customers")
    CUSTOMERS_EDIT = "customers.edit", _("Create and edit customers")
    CUSTOMERS_DELETE = "customers.delete", _("Erase customers")
    CUSTOMERS_EXPORT = "customers.export", _("Export customers")
    CUSTOMERS_ASSIGN = "customers.assign", _("Assign customers to managers")
    NAMES_VIEW = "customers.names", _("See customers' names in clear")
    PERSONAL_REVEAL = "customers.reveal", _("Reveal a masked value, with a reason")
    ACTIVITY_VIEW = "activity.view", _("See orders, interactions and feedback")
    ACTIVITY_RECORD = "activity.record", _("Record interactions and feedback")
    BLUEPRINT_VIEW = "blueprint.view", _("See the blueprint")
    BLUEPRINT_EDIT = "blueprint.edit", _("Edit blueprint drafts")
    BLUEPRINT_PUBLISH = "blueprint.publish", _("Publish a blueprint")
    INTAKE_VIEW = "intake.view", _("See imports and receipts")
    INTAKE_RUN = "intake.run", _("Import files")
    INSIGHT_VIEW = "insight.view", _("See analyses")
    INSIGHT_RUN = "insight.run", _("Recompute analyses")
    TIERS_VIEW = "tiers.view", _("See tiers and tags")
    TIERS_MOVE = "tiers.move", _("Place a customer in a tier by hand")
    SEGMENTS_EDIT = "segments.edit", _("Make and edit segments")
    STRATEGIES_VIEW = "strategies.view", _("See strategies")
    STRATEGIES_EDIT = "strategies.edit", _("Decide exceptions and reviews of strategies")
    TASKS_VIEW = "tasks.view", _("See tasks and execution records")
    TASKS_WORK = "tasks.work", _("Work on tasks and record what was done")
    TASKS_ASSIGN = "tasks.assign", _("Assign tasks to others")
    EFFECT_VIEW = "effect.view", _("See effects")
    STAFF_MANAGE = "staff.manage", _("Manage staff, departments and settings")
    AUDIT_VIEW = "audit.view", _("Read the audit log")
    JOBS_VIEW = "jobs.view", _("See background jobs")
    TOKENS_MANAGE = "tokens.manage", _("Manage own API tokens")
