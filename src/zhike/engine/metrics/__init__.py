"""Metrics of a customer, each declared once and all computed in one pass per source table."""

from zhike.engine.metrics.catalogue import CATALOGUE, metric
from zhike.engine.metrics.computing import compute, figures, means, values_of
from zhike.engine.metrics.declaration import Group, Metric, Part, Unit
from zhike.engine.metrics.purchases import orders_within, spend_within

__all__ = [
    "CATALOGUE",
    "Group",
    "Metric",
    "Part",
    "Unit",
    "compute",
    "figures",
    "means",
    "metric",
    "orders_within",
    "spend_within",
    "values_of",
]
