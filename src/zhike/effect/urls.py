"""Addresses of the effect stage."""

from django.urls import path

from zhike.effect import pages

app_name = "effect"

urlpatterns = [
    path("", pages.index, name="index"),
    path("compare/", pages.compare, name="compare"),
    path("review/", pages.review, name="review"),
    path("review/<str:quarter>/<str:tier>/", pages.decide, name="decide"),
    path("notes/<str:kpi>/<str:month>/<str:tier>/", pages.note, name="note"),
    path("export/", pages.export, name="export"),
]
