"""Addresses of the activity stage."""

from django.urls import path, re_path

from zhike.activity.pages import listing, recording, withholding

app_name = "activity"
urlpatterns = [
    path("orders/", listing.orders, name="orders"),
    path("orders/<uuid:key>/", listing.order, name="order"),
    path("interactions/", listing.interactions, name="interactions"),
    path("feedback/", listing.feedback, name="feedback"),
    path("products/", listing.products, name="products"),
    path("products/<int:number>/withheld/", withholding.withhold, name="withhold"),
    re_path(r"^(?P<kind>orders|interactions|feedback)/export/$", listing.export, name="export"),
    path("customers/<uuid:key>/interaction/", recording.interaction, name="record_interaction"),
    path("customers/<uuid:key>/feedback/", recording.feedback, name="add_feedback"),
]
