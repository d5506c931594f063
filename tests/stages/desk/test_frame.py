"""The frame around every page: navigation, language, banner, refusals."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from tests.stages.desk.conftest import Soup

from zhike.desk.pages import errors
from zhike.kernel import actions, slots
from zhike.kernel.models import User
from zhike.kernel.rights import Right

PAGES = {
    "desk:home": Right.DESK_VIEW,
    "desk:search": Right.DESK_VIEW,
    "desk:palette": Right.DESK_VIEW,
    "desk:profile": Right.DESK_VIEW,
    "desk:roles": Right.DESK_VIEW,
    "desk:gallery": Right.DESK_VIEW,
    "desk:api_docs": Right.DESK_VIEW,
    "desk:tokens": Right.TOKENS_MANAGE,
    "desk:staff": Right.STAFF_MANAGE,
    "desk:invite": Right.STAFF_MANAGE,
    "desk:departments": Right.STAFF_MANAGE,
    "desk:installation": Right.STAFF_MANAGE,
    "desk:audit": Right.AUDIT_VIEW,
    "desk:audit_export": Right.AUDIT_VIEW,
    "desk:jobs": Right.JOBS_VIEW,
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("persona", ["root", "li", "wang", "zhou"])
def test_it_refuses_others(
    name: str, persona: str, request: pytest.FixtureRequest, client_for: type[Client]
) -> None:
    user: User = request.getfixturevalue(persona)
    expected = 200 if user.has(PAGES[name]) else 403
    assert client_for(user).get(reverse(name)).status_code == expected


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_sign_in(name: str, db: None) -> None:
    assert Client().get(reverse(name)).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "name", [name for name in PAGES if name not in {"desk:palette", "desk:audit_export"}]
)
def test_it_speaks_both_languages(name: str, language: str, root: User, admin: Client, soup: Soup) -> None:
    User.objects.filter(pk=root.pk).update(language=language)
    page = soup(admin.get(reverse(name)))
    assert page.html and page.html["lang"] == {"zh-hans": "zh-Hans", "en": "en"}[language]
    assert page.find("h1") is not None


def test_the_navigation_offers_what_the_user_may(wang: User, client_for: type[Client], soup: Soup) -> None:
    slots.nav(
        slots.Nav(key="t1", label="Secret", icon="x", url="desk:staff", right=Right.STAFF_MANAGE, order=5)
    )
    slots.nav(
        slots.Nav(
            key="t2",
            label="Open",
            icon="x",
            url="desk:roles",
            right=Right.DESK_VIEW,
            order=6,
            badge=lambda user: 7,
        )
    )
    try:
        page = soup(client_for(wang).get(reverse("desk:home")))
        offered = [link.get_text(strip=True) for link in page.select(".zk-nav a")]
        assert "Open7" in offered and not any("Secret" in text for text in offered)
        assert page.select_one(".zk-nav [aria-current=page]")["href"] == "/"  # type: ignore[index]
    finally:
        slots._navs.pop("t1"), slots._navs.pop("t2")


def test_an_entry_without_its_stage_is_not_shown(admin: Client, soup: Soup) -> None:
    slots.nav(
        slots.Nav(key="t3", label="Nowhere", icon="x", url="nowhere:at_all", right=Right.DESK_VIEW, order=5)
    )
    try:
        assert "Nowhere" not in soup(admin.get(reverse("desk:home"))).get_text()
    finally:
        slots._navs.pop("t3")


def test_a_demonstration_says_so(admin: Client, soup: Soup) -> None:
    assert not soup(admin.get(reverse("desk:home"))).select(".zk-demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda call: call())
        actions.describe_installation(is_demo=True, business_date=date(2017, 12, 31), by=None)
    assert "2017-12-31" in soup(admin.get(reverse("desk:home"))).select_one(".zk-demo").get_text()  # type: ignore[union-attr]


def test_the_language_is_kept_and_the_page_too(root: User, admin: Client) -> None:
    answer = admin.post(reverse("desk:language"), {"language": "en", "next": "/settings/account/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/account/")
    root.refresh_from_db()
    assert root.language == "en"


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_the_language_form_leads_nowhere_else(admin: Client, wanted: str) -> None:
    assert admin.post(reverse("desk:language"), {"language": "en", "next": wanted}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(root: User, admin: Client) -> None:
    admin.post(reverse("desk:language"), {"language": "xx", "next": "/"})
    root.refresh_from_db()
    assert root.language == "zh-hans"


def test_not_found_is_in_our_look(admin: Client, soup: Soup) -> None:
    answer = admin.get("/not/here/")
    assert answer.status_code == 404
    assert soup(answer).select_one(".zk-nav") is not None


def test_strangers_see_not_found_without_a_navigation(db: None, soup: Soup) -> None:
    answer = Client().get("/accounts/join/nonsense/")
    assert answer.status_code == 404
    assert soup(answer).select_one(".zk-nav") is None


def test_broken_needs_neither_session_nor_database(rf: object) -> None:
    answer = errors.broken(rf)  # type: ignore[arg-type]
    assert answer.status_code == 500
    assert "知客" in answer.content.decode()


def test_a_stale_form_says_what_to_do(root: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post(reverse("desk:departments"), {"name": "x"})
    assert answer.status_code == 403
    assert "zk-empty" in answer.content.decode()


def test_nothing_runs_inline(admin: Client, soup: Soup) -> None:
    page = soup(admin.get(reverse("desk:gallery")))
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert not page.select("[style]") and not page.select("style")
    assert all(
        script.get("src") or script.get("type") == "application/json" for script in page.select("script")
    )


def test_health_shows_no_data(db: None) -> None:
    assert Client().get(reverse("desk:health")).json() == {"database": "up"}
