"""Rules compiled to Ibis; the only place where rules meet tables.

Values of a rule become typed literals of the expression, never text of a statement.
"""

from zhike.engine.rules.comparing import figures_for
from zhike.engine.rules.conditions import Means, condition
from zhike.engine.rules.fields import json_contains, json_extract, json_extract_string, json_type
from zhike.engine.rules.subjects import metrics_needed, subjects

__all__ = [
    "Means",
    "condition",
    "figures_for",
    "json_contains",
    "json_extract",
    "json_extract_string",
    "json_type",
    "metrics_needed",
    "subjects",
]
