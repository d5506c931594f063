"""Staff, invitations, departments, roles."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.stages.desk.conftest import Soup

from zhike.kernel import actions
from zhike.kernel.models import AuditEntry, Department, Invitation, User

NEW = {
    "email": "new@example.com",
    "name": "新同事",
    "role": "account_manager",
    "scope": "own",
    "department": "",
}


def link_in(page: object) -> str:
    """The path of the link a page shows."""
    return str(page.link).removeprefix("http://testserver")  # type: ignore[attr-defined]


def test_it_works(admin: Client, li: User, wang: User) -> None:
    page = admin.get(reverse("desk:staff")).page  # type: ignore[attr-defined]
    assert {one.name for one in page.people} == {"root", "li", "wang"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"q": "wan"}, {"wang"}), ({"role": "admin"}, {"root"}), ({"state": "inactive"}, set())],
)
def test_it_filters(admin: Client, li: User, wang: User, asked: dict[str, str], found: set[str]) -> None:
    page = admin.get(reverse("desk:staff"), asked).page  # type: ignore[attr-defined]
    assert {one.name for one in page.people} == found


def test_part_is_in_whole(admin: Client, wang: User) -> None:
    whole = admin.get(reverse("desk:staff"), {"q": "wang"}).content.decode()
    part = admin.get(reverse("desk:staff"), {"q": "wang"}, headers={"HX-Request": "true"}).content.decode()
    assert part.strip() in whole and "<html" not in part


def test_queries_do_not_grow_with_people(admin: Client, east: Department, root: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            admin.get(reverse("desk:staff"))
        return len(seen)

    actions.add_staff(email="a@example.com", name="a", role="service", scope="own", department=east, by=root)
    queries()  # the first request fills what a process remembers
    few = queries()
    for number in range(49):
        actions.add_staff(
            email=f"n{number}@example.com",
            name=f"n{number}",
            role="service",
            scope="own",
            department=east,
            by=root,
        )
    assert queries() == few


def test_an_invitation_becomes_an_account(admin: Client) -> None:
    shown = admin.post(reverse("desk:invite"), NEW)
    guest = Client()
    answer = guest.post(
        link_in(shown.page),
        {"name": "新同事", "password": "a calm long sentence", "again": "a calm long sentence"},
    )  # type: ignore[attr-defined]
    assert answer.status_code == 303
    assert User.objects.get(email="new@example.com").role == "account_manager"
    assert guest.get("/").status_code == 200
    assert Client().get(link_in(shown.page)).status_code == 404  # type: ignore[attr-defined]


def test_the_secret_is_not_kept(admin: Client) -> None:
    secret = link_in(admin.post(reverse("desk:invite"), NEW).page).strip("/").split("/")[-1]  # type: ignore[attr-defined]
    entries = [str(entry.changes) + entry.note for entry in AuditEntry.objects.all()]
    assert not any(secret in text for text in entries)
    assert secret.encode() not in bytes(Invitation.objects.get().digest)


def test_it_explains_bad_input(admin: Client, wang: User) -> None:
    taken = admin.post(reverse("desk:invite"), {**NEW, "email": wang.email})
    assert taken.status_code == 422 and "email" in taken.page.form.errors  # type: ignore[attr-defined]
    homeless = admin.post(reverse("desk:invite"), {**NEW, "scope": "department"})
    assert homeless.status_code == 422 and "department" in homeless.page.form.errors  # type: ignore[attr-defined]


def test_errors_stand_at_the_field(admin: Client, soup: Soup) -> None:
    page = soup(admin.post(reverse("desk:invite"), {**NEW, "email": "nonsense"}))
    field = page.select_one("#id_email")
    assert field and "is-invalid" in field["class"] and field["value"] == "nonsense"
    assert page.select_one("#id_email_error") is not None


def test_an_invitation_is_withdrawn(admin: Client) -> None:
    shown = admin.post(reverse("desk:invite"), NEW)
    admin.post(reverse("desk:invitation_withdraw", args=[Invitation.objects.get().pk]))
    assert Client().get(link_in(shown.page)).status_code == 404  # type: ignore[attr-defined]


def test_editing_is_audited(admin: Client, wang: User) -> None:
    given = {"name": "王", "role": "service", "scope": "own", "department": "", "is_active": "on"}
    assert admin.post(reverse("desk:staff_edit", args=[wang.key]), given).status_code == 303
    wang.refresh_from_db()
    assert (wang.name, wang.role) == ("王", "service")
    assert AuditEntry.objects.filter(what="staff.edited", thing=str(wang.key)).exists()


def test_the_last_administrator_stays(admin: Client, root: User) -> None:
    given = {"name": "root", "role": "service", "scope": "own", "department": "", "is_active": "on"}
    answer = admin.post(reverse("desk:staff_edit", args=[root.key]), given)
    assert answer.status_code == 422
    root.refresh_from_db()
    assert root.role == "admin"


def test_a_forgotten_password_is_replaced_once(admin: Client, wang: User) -> None:
    link = link_in(admin.post(reverse("desk:staff_password_link", args=[wang.key])).page)  # type: ignore[attr-defined]
    chosen = {"password": "another long sentence", "again": "another long sentence"}
    assert Client().post(link, chosen).status_code == 303
    assert Client().get(link).status_code == 404
    wang.refresh_from_db()
    assert wang.check_password("another long sentence")


@pytest.mark.parametrize(
    "chosen",
    [{"password": "short", "again": "short"}, {"password": "a calm long sentence", "again": "another"}],
)
def test_a_poor_password_is_explained(admin: Client, wang: User, chosen: dict[str, str]) -> None:
    link = link_in(admin.post(reverse("desk:staff_password_link", args=[wang.key])).page)  # type: ignore[attr-defined]
    assert Client().post(link, chosen).status_code == 422


def test_departments_form_a_tree(admin: Client, east: Department, soup: Soup) -> None:
    answer = admin.post(reverse("desk:departments"), {"name": "上海组", "parent": east.pk})
    assert answer.status_code == 303
    page = admin.get(reverse("desk:departments")).page  # type: ignore[attr-defined]
    assert [(branch.department.name, branch.depth) for branch in page.branches] == [
        (east.name, 0),
        ("上海组", 1),
    ]


def test_a_second_department_of_the_name_is_refused(admin: Client, east: Department) -> None:
    assert admin.post(reverse("desk:departments"), {"name": east.name, "parent": ""}).status_code == 422


def test_a_department_is_renamed_and_removed(admin: Client, east: Department) -> None:
    admin.post(reverse("desk:department", args=[east.key]), {"name": "华东"})
    east.refresh_from_db()
    assert east.name == "华东"
    admin.post(reverse("desk:department_remove", args=[east.key]))
    assert not Department.objects.exists()


def test_a_department_in_use_stays(admin: Client, east: Department, wang: User) -> None:
    answer = admin.post(reverse("desk:department_remove", args=[east.key]), follow=True)
    assert Department.objects.filter(pk=east.pk).exists()
    assert "zk-toast" in answer.content.decode()


def test_roles_say_what_they_may(admin: Client) -> None:
    page = admin.get(reverse("desk:roles")).page  # type: ignore[attr-defined]
    assert all(row.held[0] for row in page.rows)
    assert not all(row.held[-1] for row in page.rows)
