"""Questions about scores, runs and distributions; whoever asks sees the customers within their scope."""

from zhike.insight.dimensions import value_label
from zhike.insight.queries.cohorts import CohortTable, cohort_table
from zhike.insight.queries.distributions import Bucket, Distribution, distribution
from zhike.insight.queries.narrowing import did, in_class, in_range
from zhike.insight.queries.preview import impact, reclassified
from zhike.insight.queries.scores import (
    RfmTotals,
    cards,
    class_counts,
    counted,
    customers_seen,
    latest,
    rfm_totals,
    run_on,
    runs,
    scope_sql,
    score_of,
    scores,
    sees_all,
)
from zhike.insight.queries.shape import Shape, metric_sql, shape

__all__ = [
    "Bucket",
    "CohortTable",
    "Distribution",
    "RfmTotals",
    "Shape",
    "cards",
    "class_counts",
    "cohort_table",
    "counted",
    "customers_seen",
    "did",
    "distribution",
    "impact",
    "in_class",
    "in_range",
    "latest",
    "metric_sql",
    "reclassified",
    "rfm_totals",
    "run_on",
    "runs",
    "scope_sql",
    "score_of",
    "scores",
    "sees_all",
    "shape",
    "value_label",
]
