"""Loop as a Django app: it owns no tables, only the order of the day."""

from django.apps import AppConfig


class LoopConfig(AppConfig):
    """The closed loop."""

    name = "zhike.loop"
    label = "loop"
