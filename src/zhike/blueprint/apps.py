"""The blueprint stage as a Django app."""

from django.apps import AppConfig


class BlueprintConfig(AppConfig):
    """Blueprints and their versions."""

    name = "zhike.blueprint"
    label = "blueprint"
    default_auto_field = "django.db.models.BigAutoField"
