"""Signing in: password, second factor, the first administrator."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.stages.desk.conftest import Soup

from zhike.kernel import actions
from zhike.kernel.models import AuditEntry, User

PASSWORD = "a calm long sentence"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """The limits on attempts are counted in the cache."""
    cache.clear()


@pytest.fixture
def me(wang: User) -> User:
    """Somebody with a password."""
    wang.set_password(PASSWORD)
    wang.save()
    return wang


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    """Send the sign-in form."""
    return client.post(reverse("account_login"), {"login": email, "password": password}).status_code


def code_of(secret: str) -> str:
    """What the app would show now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def turn_on(client: Client) -> str:
    """Set up the authenticator app; returns its secret."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = str(client.get(reverse("mfa_activate_totp")).context["form"].secret)
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    return secret


def test_it_works(me: User) -> None:
    client = Client()
    assert sign_in(client, me.email.upper()) == 302
    assert client.get("/").status_code == 200
    assert AuditEntry.objects.filter(what="staff.signed_in", by=me).count() == 1


def test_a_wrong_password_is_explained(me: User, soup: Soup) -> None:
    answer = Client().post(reverse("account_login"), {"login": me.email, "password": "no"})
    assert soup(answer).select_one(".alert-danger") is not None


def test_the_locked_stay_out(me: User) -> None:
    User.objects.filter(pk=me.pk).update(is_active=False)
    client = Client()
    sign_in(client, me.email)
    assert client.get("/").status_code == 302


def test_nobody_signs_up(db: None) -> None:
    assert Client().get("/accounts/signup/").status_code in {302, 404}
    assert not User.objects.exists()


def test_the_password_is_hashed_frugally(me: User) -> None:
    assert me.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_first_link_makes_an_administrator_once(db: None, soup: Soup) -> None:
    secret = actions.setup_link()
    link = reverse("desk:join", args=[secret])
    given = {"email": "First@Example.com", "name": "周", "password": PASSWORD, "again": PASSWORD}
    client = Client()
    assert soup(client.get(link)).select_one("#id_email") is not None
    assert client.post(link, given).status_code == 303
    assert User.objects.get().role == "admin"
    assert client.get(reverse("desk:staff")).status_code == 200
    assert Client().get(link).status_code == 404
    assert actions.setup_link() is None


def test_the_second_factor_is_asked_for(me: User, client_for: type[Client]) -> None:
    secret = turn_on(client_for(me))
    cache.clear()
    client = Client()
    assert sign_in(client, me.email) == 302
    assert client.get("/").status_code == 302
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get("/").status_code == 200


def test_the_shared_secret_is_sealed(me: User, client_for: type[Client]) -> None:
    secret = turn_on(client_for(me))
    kept = Authenticator.objects.get(user=me, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)


def test_recovery_codes_are_shown_and_work_once(me: User, client_for: type[Client], soup: Soup) -> None:
    client = client_for(me)
    turn_on(client)
    codes = [
        item.get_text(strip=True)
        for item in soup(client.get(reverse("mfa_view_recovery_codes"))).select(".zk-codes li")
    ]
    assert len(codes) == 10
    for expected in (200, 302):
        cache.clear()
        fresh = Client()
        sign_in(fresh, me.email)
        fresh.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert fresh.get("/").status_code == expected


def test_an_administrator_drops_a_lost_factor(me: User, admin: Client, client_for: type[Client]) -> None:
    turn_on(client_for(me))
    admin.post(reverse("desk:staff_second_factor_off", args=[me.key]))
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.filter(what="staff.second_factor_dropped").exists()


def test_a_password_is_changed(me: User, client_for: type[Client]) -> None:
    given = {
        "oldpassword": PASSWORD,
        "password1": "another long sentence",
        "password2": "another long sentence",
    }
    answer = client_for(me).post(reverse("account_change_password"), given)
    assert answer.headers["Location"] == reverse("desk:profile")
    me.refresh_from_db()
    assert me.check_password("another long sentence")
    assert AuditEntry.objects.filter(what="staff.password_changed", by=me).exists()


@pytest.mark.parametrize(
    "name", ["account_change_password", "mfa_activate_totp", "account_logout", "account_reauthenticate"]
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_allauth_pages_are_in_our_look(
    name: str, language: str, me: User, client_for: type[Client], soup: Soup
) -> None:
    User.objects.filter(pk=me.pk).update(language=language)
    page = soup(client_for(me).get(reverse(name), follow=True))
    assert page.select_one("link[href*='desk/zhike.css']") is not None
    assert page.find("h1") is not None
