"""Every model field declares its sensitivity; silence fails."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.guards.ours import our_models

LEVELS = ("public", "internal", "personal", "sensitive")


def privacy_faults(found: Iterable[type[models.Model]]) -> list[str]:
    """Fields without a sensitivity, with two, or declared without existing; personal values without a mask."""
    return [f"{model._meta.label}: {fault}" for model in found for fault in _faults_of(model)]


def _faults_of(model: type[models.Model]) -> list[str]:
    declared = model.__dict__.get("Privacy")
    if declared is None:
        return ["no class Privacy"]
    levels = {level: list(getattr(declared, level, ())) for level in LEVELS}
    said = [name for names in levels.values() for name in names]
    real = {field.name for field in model._meta.concrete_fields} | {
        field.name for field in model._meta.local_many_to_many
    }
    faults = [f"{name} has no sensitivity" for name in sorted(real - set(said))]
    faults += [f"{name} is declared but does not exist" for name in sorted(set(said) - real)]
    faults += [
        f"{name} is declared twice" for name in sorted({name for name in said if said.count(name) > 1})
    ]
    for level in ("personal", "sensitive"):
        masks = getattr(declared, level, {})
        faults += [
            f"{name} is {level} and has no mask"
            for name in levels[level]
            if not callable(dict(masks).get(name))
        ]
    return faults


def test_every_field_declares_its_sensitivity() -> None:
    assert not privacy_faults(our_models())


def _mask(value: object) -> str:
    return "•"


def declaring(**levels: object) -> type:
    return type("Privacy", (), levels)


@pytest.mark.parametrize(
    ("privacy", "fault"),
    [
        (declaring(internal={"id"}, personal={"name": _mask}), "phone has no sensitivity"),
        (declaring(internal={"id", "phone", "name"}, personal={"name": _mask}), "name is declared twice"),
        (declaring(internal={"id", "phone", "name", "age"}), "age is declared but does not exist"),
        (declaring(internal={"id", "phone"}, personal={"name": None}), "name is personal and has no mask"),
        (None, "no class Privacy"),
    ],
)
@isolate_apps("zhike.customers")
def test_a_gap_is_caught(privacy: type | None, fault: str) -> None:
    body: dict[str, object] = {
        "__module__": __name__,
        "name": models.TextField(),
        "phone": models.TextField(),
        "Meta": type("Meta", (), {"app_label": "customers"}),
    }
    model = type("Person", (models.Model,), body | ({"Privacy": privacy} if privacy else {}))
    assert f"customers.Person: {fault}" in privacy_faults([model])


def test_our_models_are_found() -> None:
    assert {model._meta.app_label for model in our_models()} >= {"kernel", "customers"}
    assert all(model in apps.get_models() for model in our_models())
