"""Kernel as a Django app; on start it lets every stage register what it adds to the whole."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Registers by convention: a stage's `registers.py` is imported once, when all models are known."""

    name = "zhike.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every stage's `registers` module."""
        autodiscover_modules("registers")
