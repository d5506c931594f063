"""Foreign keys point upstream and hide their reverse; string keys are invisible to import-linter, so we look at models."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps


def key_faults(found: Iterable[type[models.Model]], order: list[str]) -> list[str]:
    """Keys that point downstream, and keys to another stage that can be followed backwards."""
    faults = []
    for model in found:
        own = model._meta.app_label
        for field in model._meta.get_fields(include_hidden=True):
            if not field.is_relation or field.auto_created or not field.related_model:
                continue
            other = field.related_model._meta.app_label
            if own not in order or other not in order or own == other:
                continue
            if order.index(other) > order.index(own):
                faults.append(f"{model._meta.label}.{field.name} points downstream, to {other}")
            if not field.remote_field.hidden:
                faults.append(f'{model._meta.label}.{field.name} needs related_name="+"')
    return faults


def test_every_key_points_upstream() -> None:
    assert not key_faults(apps.get_models(), settings.STAGES)


@isolate_apps("zhike.customers", "zhike.tiers")
def test_a_key_downstream_is_caught() -> None:
    class Rank(models.Model):
        class Meta:
            app_label = "tiers"

    class Person(models.Model):
        rank = models.ForeignKey("tiers.Rank", on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "customers"

    assert key_faults([Rank, Person], settings.STAGES) == [
        "customers.Person.rank points downstream, to tiers"
    ]


@pytest.mark.parametrize("kind", [models.ForeignKey, models.OneToOneField])
@isolate_apps("zhike.customers", "zhike.tiers")
def test_an_open_reverse_is_caught(kind: type[models.ForeignKey]) -> None:
    class Person(models.Model):
        class Meta:
            app_label = "customers"

    class Rank(models.Model):
        person = kind("customers.Person", on_delete=models.CASCADE)

        class Meta:
            app_label = "tiers"

    assert key_faults([Rank, Person], settings.STAGES) == ['tiers.Rank.person needs related_name="+"']
