"""Addresses of the tiers stage, under /tiers/."""

from django.urls import path

from zhike.tiers.pages import board, moves, placing, tags

app_name = "tiers"
urlpatterns = [
    path("", board.board, name="board"),
    path("tier/<str:key>/", board.tier, name="tier"),
    path("moves/", moves.moves, name="moves"),
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
