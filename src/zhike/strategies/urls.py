"""Addresses of the strategies stage."""

from django.urls import path

from zhike.strategies import pages

app_name = "strategies"

urlpatterns = [
    path("", pages.table, name="table"),
    path("exceptions/", pages.exceptions, name="exceptions"),
    path("exceptions/new/", pages.make, name="exception"),
    path("exceptions/<uuid:key>/end/", pages.end, name="exception_end"),
    path("tiers/<str:key>/", pages.tier, name="tier"),
]
