"""Addresses of the insight stage, under /insight/."""

from django.urls import path

from zhike.insight.pages import (
    asking,
    churn,
    cohorts,
    cross,
    distributions,
    ledger,
    ledger_customers,
    likeness,
    metrics,
    migration,
    opinions,
    portrait,
    recommendations,
    rfm,
    trends,
    value,
)

app_name = "insight"
urlpatterns = [
    path("", ledger.ledger, name="ledger"),
    path("ledger/compute/", ledger.compute, name="ledger_compute"),
    path("ledger/export/", ledger_customers.ledger_export, name="ledger_export"),
    path("ledger/customers/", ledger_customers.ledger_customers, name="ledger_customers"),
    path(
        "ledger/customers/export/", ledger_customers.ledger_customers_export, name="ledger_customers_export"
    ),
    path("migration/", migration.migration, name="migration"),
    path("rfm/", rfm.rfm, name="rfm"),
    path("recompute/", rfm.recompute, name="recompute"),
    path("runs/<uuid:key>/", rfm.run, name="run"),
    path("distributions/", distributions.distributions, name="distributions"),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("cross/", cross.cross, name="cross"),
    path("cross/again/", cross.recross, name="recross"),
    path("portrait/", portrait.group, name="portrait"),
    path("portrait/draw/", portrait.draw, name="portrait_draw"),
    path("portrait/<uuid:key>/", likeness.customer, name="likeness"),
    path("trends/", trends.trends, name="trends"),
    path("trends/foretell/", trends.foretell, name="trends_foretell"),
    path("answers/<str:kind>/<str:mark>/", asking.progress, name="asking"),
    path("value/", value.value, name="value"),
    path("churn/", churn.churn, name="churn"),
    path("opinions/", opinions.opinions, name="opinions"),
    path("opinions/export/", opinions.export, name="opinions_export"),
    path("recommendations/", recommendations.recommendations, name="recommendations"),
    path("recommendations/export/", recommendations.export, name="recommendations_export"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("metrics/<str:key>/", metrics.metric, name="metric"),
]
