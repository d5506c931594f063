"""Components and forms: what the gallery shows is what pages get."""

from pathlib import Path

from django import forms
from django.test import Client
from django.urls import reverse
from tests.stages.desk.conftest import Soup

COTTON = Path(__file__).resolve().parents[3] / "src/zhike/desk/templates/cotton"


class Sample(forms.Form):
    name = forms.CharField(label="N", help_text="why")
    kind = forms.ChoiceField(label="K", choices=[("a", "A")])
    several = forms.MultipleChoiceField(label="S", choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="B", required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


def test_the_list_of_components_stays_short() -> None:
    assert len(list(COTTON.glob("*.html"))) <= 12


def test_the_gallery_shows_them_all(admin: Client, soup: Soup) -> None:
    page = soup(admin.get(reverse("desk:gallery")))
    for look in (
        ".card",
        ".zk-empty",
        ".zk-kpi",
        ".zk-chart",
        ".zk-list",
        ".zk-form",
        ".zk-dialog",
        ".zk-progress",
        ".zk-why",
        ".zk-tabs",
    ):
        assert page.select_one(look) is not None, look


def test_a_chart_has_its_numbers_beside_it(admin: Client, soup: Soup) -> None:
    page = soup(admin.get(reverse("desk:gallery")))
    for area in page.select("[data-chart]"):
        assert page.find(id=area["data-chart"]) is not None
        assert page.find(id=f"{area['id']}-table").select("tbody tr")  # type: ignore[union-attr]


def test_fields_have_their_looks() -> None:
    html = str(Sample())
    for part in (
        'class="form-control"',
        'class="form-select"',
        'class="form-check-input"',
        'id="id_name_helptext"',
    ):
        assert part in html
    assert 'type="hidden" name="hidden"' in html


def test_errors_are_tied_to_their_field() -> None:
    html = str(Sample({"kind": "a"}))
    assert 'aria-invalid="true"' in html and 'class="form-control is-invalid"' in html
    assert 'id="id_name_error"' in html and 'aria-describedby="id_name_helptext id_name_error"' in html
