"""Addresses of the tiers stage, under /tiers/."""

from django.urls import path

from zhike.tiers.pages import board, builder, moves, placing, segment, segments, tags

app_name = "tiers"
urlpatterns = [
    path("", board.board, name="board"),
    path("tier/<str:key>/", board.tier, name="tier"),
    path("moves/", moves.moves, name="moves"),
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", builder.new, name="segment_new"),
    path("segments/rows/", builder.rebuild, name="segment_rebuild"),
    path("segments/count/", builder.preview, name="segment_preview"),
    path("segments/join/", segments.join, name="join"),
    path("segments/export/", segments.export, name="segments_export"),
    path("segments/refresh/", segments.refresh_all, name="segments_refresh"),
    path("segments/<uuid:key>/", segment.segment, name="segment"),
    path("segments/<uuid:key>/edit/", builder.edit, name="segment_edit"),
    path("segments/<uuid:key>/refresh/", segment.refresh, name="segment_refresh"),
    path("segments/<uuid:key>/archive/", segment.archive, name="segment_archive"),
    path("segments/<uuid:key>/restore/", segment.restore, name="segment_restore"),
    path("segments/<uuid:key>/pick/", segment.pick, name="segment_pick"),
    path("segments/<uuid:key>/unpick/", segment.unpick, name="segment_unpick"),
    path("segments/<uuid:key>/export/", segment.export, name="segment_export"),
    path("tags/", tags.tags, name="tags"),
    path("tags/new/", tags.make, name="tag_make"),
    path("tags/give/", tags.give, name="give"),
    path("tags/<str:key>/retire/", tags.retire, name="tag_retire"),
    path("customers/<uuid:key>/", placing.why, name="why"),
    path("customers/<uuid:key>/move/", placing.move, name="move"),
    path("customers/<uuid:key>/release/", placing.release, name="release"),
    path("customers/<uuid:key>/tag/", tags.tag, name="tag"),
    path("customers/<uuid:key>/untag/", tags.untag, name="untag"),
]
