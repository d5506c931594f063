"""The strategies stage as a Django app."""

from django.apps import AppConfig


class StrategiesConfig(AppConfig):
    name = "zhike.strategies"
    label = "strategies"
    default_auto_field = "django.db.models.BigAutoField"
