"""Whatever hangs on a customer can be moved when two become one, and erased when a person asks."""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.guards.ours import our_models
from zhike.kernel import slots


def unattended(
    found: Iterable[type[models.Model]], customer: type[models.Model], known: frozenset[str]
) -> list[str]:
    """Models with a key to Customer that nobody registered."""
    hanging = {
        model._meta.label
        for model in found
        for field in model._meta.concrete_fields
        if field.related_model is customer
    }
    return sorted(hanging - known)


def test_every_model_on_a_customer_can_be_merged() -> None:
    assert not unattended(our_models(), apps.get_model("customers.Customer"), _labels(slots.mergers()))


def test_every_model_on_a_customer_can_be_erased() -> None:
    assert not unattended(our_models(), apps.get_model("customers.Customer"), _labels(slots.erasers()))


def test_what_is_registered_exists() -> None:
    real = {model._meta.label for model in our_models()}
    assert _labels(slots.mergers()) | _labels(slots.erasers()) <= real


def _labels(names: Iterable[str]) -> frozenset[str]:
    """Names as models spell them; who registers "customers.contactpoint" means the same model."""
    real = {model._meta.label_lower: model._meta.label for model in our_models()}
    return frozenset(real.get(name.lower(), name) for name in names)


@isolate_apps("zhike.customers", "zhike.tiers")
def test_a_forgotten_model_is_caught() -> None:
    class Person(models.Model):
        class Meta:
            app_label = "customers"

    class Rank(models.Model):
        person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tiers"

    assert unattended([Person, Rank], Person, frozenset()) == ["tiers.Rank"]
    assert unattended([Person, Rank], Person, frozenset({"tiers.Rank"})) == []
