"""The effect stage as a Django app."""

from django.apps import AppConfig


class EffectConfig(AppConfig):
    name = "zhike.effect"
    label = "effect"
    default_auto_field = "django.db.models.BigAutoField"
