"""The intake stage as a Django app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Collecting: files become batches, rows become receipts."""

    name = "zhike.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
