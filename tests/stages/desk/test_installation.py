"""What the installation is."""

from django.conf import settings
from django.test import Client
from django.urls import reverse

from zhike.kernel.models import Installation


def test_it_names_the_company(admin: Client) -> None:
    assert admin.post(reverse("desk:installation"), {"company": "华晟零售"}).status_code == 303
    assert Installation.objects.get().company == "华晟零售"


def test_it_hides_secrets(admin: Client) -> None:
    text = admin.get(reverse("desk:installation")).content.decode()
    assert settings.CONFIG.secret_key not in text
    assert settings.CONFIG.database_url not in text


def test_it_explains_bad_input(admin: Client) -> None:
    assert admin.post(reverse("desk:installation"), {"company": "x" * 121}).status_code == 422
