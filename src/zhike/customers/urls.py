"""Addresses of the customers stage."""

from django.urls import path

from zhike.customers.pages import assigning, editing, exporting, listing, objecting, record

app_name = "customers"
urlpatterns = [
    path("", listing.customers, name="list"),
    path("new/", editing.new, name="new"),
    path("export/<slug:kind>/", exporting.export, name="export"),
    path("assign/", assigning.assign_many, name="assign_many"),
    path("views/", listing.save_view, name="save_view"),
    path("views/<uuid:key>/drop/", listing.drop_view, name="drop_view"),
    path("<uuid:key>/", record.customer, name="customer"),
    path("<uuid:key>/earlier/", record.earlier, name="earlier"),
    path("<uuid:key>/edit/", editing.edit, name="edit"),
    path("<uuid:key>/assign/", assigning.assign, name="assign"),
    path("<uuid:key>/objection/", objecting.objection, name="objection"),
    path("<uuid:key>/erase/", record.erase, name="erase"),
    path("<uuid:key>/reveal/<slug:field>/", record.reveal, name="reveal"),
    path("<uuid:key>/restore/<int:number>/", record.restore, name="restore"),
]
