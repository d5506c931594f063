"""The activity stage as a Django app."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "zhike.activity"
    label = "activity"
    default_auto_field = "django.db.models.BigAutoField"
