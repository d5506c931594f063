"""The audit log: readable, filtered, exported, complete in words."""

import ast
import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from zhike.desk.audit_words import ACTS, GROUPS
from zhike.desk.detail_words import DETAILS
from zhike.kernel import audit, queries
from zhike.kernel.models import AuditEntry, Installation, User

SOURCES = Path(__file__).resolve().parents[3] / "src/zhike"
RECORDED = re.compile(r"audit\.record\(\s*[\"']([a-z_.]+)[\"']")


def test_every_act_has_words() -> None:
    recorded = {
        what for path in SOURCES.rglob("*.py") for what in RECORDED.findall(path.read_text(encoding="utf-8"))
    }
    assert recorded - set(ACTS) == set()
    assert {what.split(".")[0] for what in recorded} - set(GROUPS) == set()


def test_every_detail_has_a_name() -> None:
    kept = {
        key.value
        for path in SOURCES.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("audit.record")
        for changes in (word.value for word in call.keywords if word.arg == "changes")
        if isinstance(changes, ast.Dict)
        for key in changes.keys
        if isinstance(key, ast.Constant)
    }
    assert "as_of" in kept
    assert kept - set(DETAILS) == set()


def test_it_works(admin: Client, root: User, wang: User) -> None:
    audit.record("staff.edited", wang, by=root, changes={"after": {"role": "service"}})
    page = admin.get(reverse("desk:audit")).page  # type: ignore[attr-defined]
    assert page.rows[0].words == "修改了员工"
    assert page.rows[0].changes == [("变更后", "角色 客服")]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"what": "token."}, {"token.issued"}),
        ({"who": "system"}, {"staff.added", "department.added"}),
        ({"since": "2999-01-01"}, set()),
        ({"until": "1999-01-01"}, set()),
        ({"since": "nonsense", "who": "nonsense", "before": "nonsense", "what": "token."}, {"token.issued"}),
    ],
)
def test_it_filters(admin: Client, root: User, wang: User, asked: dict[str, str], expected: set[str]) -> None:
    audit.record("token.issued", root, by=root)
    page = admin.get(reverse("desk:audit"), asked).page  # type: ignore[attr-defined]
    assert {row.entry.what for row in page.rows} == expected


def test_it_pages_by_key(admin: Client, root: User) -> None:
    for number in range(60):
        audit.record("job.cancelled", root, by=root, note=str(number))
    first = admin.get(reverse("desk:audit"), {"what": "job."}).page  # type: ignore[attr-defined]
    second = admin.get(reverse("desk:audit") + first.next).page  # type: ignore[attr-defined]
    assert [row.entry.note for row in first.rows + second.rows] == [
        str(number) for number in reversed(range(60))
    ]
    assert second.next == ""


def test_part_is_in_whole(admin: Client) -> None:
    whole = admin.get(reverse("desk:audit"), {"what": "staff."}).content.decode()
    part = admin.get(
        reverse("desk:audit"), {"what": "staff."}, headers={"HX-Request": "true"}
    ).content.decode()
    assert part.strip() in whole


def test_the_export_is_inert_and_is_written_down(admin: Client, root: User) -> None:
    audit.record("staff.edited", root, by=root, note="=1+1")
    answer = admin.get(reverse("desk:audit_export"), {"what": "staff."})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][5] == "'=1+1"
    assert AuditEntry.objects.filter(what="audit.exported", by=root).exists()


def test_it_works_empty(admin: Client) -> None:
    assert admin.get(reverse("desk:audit"), {"until": "1999-01-01"}).status_code == 200


def test_details_are_read_in_words(
    admin: Client, root: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _number in range(20):
        audit.record(
            "insight.ran", None, by=root, changes={"kind": "rfm", "as_of": "2017-12-31", "champions": 3}
        )
    with django_assert_max_num_queries(25):
        row = admin.get(reverse("desk:audit"), {"what": "insight."}).page.rows[0]  # type: ignore[attr-defined]
    assert row.changes == [("类型", "RFM"), ("截至", "2017-12-31"), ("重要价值", "3")]


def test_real_time_is_marked_where_the_business_date_is_pinned(admin: Client, root: User) -> None:
    url = reverse("desk:audit")
    assert "实际" not in admin.get(url).content.decode()
    Installation.objects.update_or_create(id=1, defaults={"business_date": date(2017, 12, 31)})
    queries.forget_installation()
    assert "时间(实际)" in admin.get(url).content.decode()
