"""Addresses of the intake stage."""

from django.urls import path

from zhike.intake.pages import batches, files, mapping, sources, uploading

app_name = "intake"

urlpatterns = [
    path("", batches.batches, name="list"),
    path("new/", uploading.upload, name="new"),
    path("templates/<slug:kind>.xlsx", uploading.template, name="template"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<slug:key>/", sources.source, name="source"),
    path("sources/<slug:key>/forget/", sources.forget, name="forget"),
    path("<uuid:key>/", batches.batch, name="batch"),
    path("<uuid:key>/confirm/", mapping.confirm, name="confirm"),
    path("<uuid:key>/kind/", mapping.change_kind, name="kind"),
    path("<uuid:key>/look/", mapping.look, name="look"),
    path("<uuid:key>/problems.<str:form>", files.problems, name="problems"),
    path("<uuid:key>/stop/", batches.stop, name="stop"),
    path("<uuid:key>/retry/", batches.retry, name="retry"),
    path("<uuid:key>/dismiss/", batches.dismiss, name="dismiss"),
    path("<uuid:key>/discard/", batches.discard, name="discard"),
    path("<uuid:key>/resume/", batches.resume, name="resume"),
]
