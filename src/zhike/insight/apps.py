"""The insight stage as a Django app."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "zhike.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"
