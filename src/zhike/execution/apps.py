"""The execution stage as a Django app."""

from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "zhike.execution"
    label = "execution"
    default_auto_field = "django.db.models.BigAutoField"
