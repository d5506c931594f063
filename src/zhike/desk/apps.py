"""The desk as a Django app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The outermost stage; it has pages and no tables."""

    name = "zhike.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
