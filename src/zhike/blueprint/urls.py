"""Addresses of the blueprint pages, under /blueprint/."""

from django.urls import path

from zhike.blueprint.pages import caring, deciding, editing, seeing

app_name = "blueprint"
urlpatterns = [
    path("", seeing.current, name="show"),
    path("shipped/", seeing.shipped, name="shipped"),
    path("adopt/", seeing.adopt, name="adopt"),
    path("versions/", seeing.versions, name="versions"),
    path("versions/<uuid:key>/", seeing.version, name="version"),
    path("versions/<uuid:key>/yaml/", seeing.download, name="download"),
    path("versions/<uuid:key>/publish/", deciding.publish, name="publish"),
    path("versions/<uuid:key>/put-away/", deciding.retire, name="retire"),
    path("versions/<uuid:key>/begin/", deciding.begin, name="begin"),
    path("compare/", deciding.compare, name="compare"),
    path("edit/yaml/", deciding.yaml, name="yaml"),
    path("edit/head/", editing.head, name="head"),
    path("edit/fields/new/", editing.field, name="field_new"),
    path("edit/fields/<slug:key>/", editing.field, name="field"),
    path("edit/rfm/", editing.rfm, name="rfm"),
    path("edit/forecast/", editing.forecast, name="forecast"),
    path("edit/tiers/new/", editing.tier, name="tier_new"),
    path("edit/tiers/<slug:key>/", editing.tier, name="tier"),
    path("edit/tiers/<slug:key>/move/", caring.move, name="tier_move"),
    path("edit/tags/new/", editing.tag, name="tag_new"),
    path("edit/tags/<slug:key>/", editing.tag, name="tag"),
    path("edit/strategies/<slug:key>/", caring.strategy, name="strategy"),
    path("edit/kpis/new/", caring.kpi, name="kpi_new"),
    path("edit/kpis/<slug:key>/", caring.kpi, name="kpi"),
    path("edit/remove/<slug:what>/<slug:key>/", caring.remove, name="remove"),
]
