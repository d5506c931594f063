"""The models of our own stages."""

from django.apps import apps
from django.db import models


def our_models() -> list[type[models.Model]]:
    """Every concrete model that a stage of ours defines (not what libraries bring)."""
    return [model for model in apps.get_models() if model.__module__.startswith("zhike.")]
