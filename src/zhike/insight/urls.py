"""Addresses of the insight stage, under /insight/."""

from django.urls import path

from zhike.insight.pages import cohorts, distributions, metrics, rfm

app_name = "insight"
urlpatterns = [
    path("", rfm.rfm, name="rfm"),
    path("recompute/", rfm.recompute, name="recompute"),
    path("runs/<uuid:key>/", rfm.run, name="run"),
    path("distributions/", distributions.distributions, name="distributions"),
    path("cohorts/", cohorts.cohorts, name="cohorts"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("metrics/<str:key>/", metrics.metric, name="metric"),
]
