"""Rows that come again: the same file asks nobody twice, and a corrected row settles what waited for it."""

import pytest
from django.test import Client
from tests.stages.intake.conftest import MEMBERS, ORDERS, Absorber, Send, figures, order, soup
from tests.stages.intake.making import csv

from zhike.intake import actions, invariants, problem_files, queries
from zhike.intake.models import Batch, Problem, Source
from zhike.kernel.models import User

pytestmark = pytest.mark.django_db
BAD = [ORDERS, order("O1"), order("O2", day="2024-13-45"), order("O3", customer="C9"), order("", day="x")]


def opened(batch: Batch) -> tuple[int, int]:
    batch.refresh_from_db()
    return batch.open_rows, batch.open_held


def states(batch: Batch) -> dict[int, str]:
    return dict(Problem.objects.filter(batch=batch).values_list("row", "state"))


def test_the_same_file_asks_nobody_twice(send: Send, absorber: Absorber, li: User) -> None:
    absorber.held = {"C9"}
    first, second = send(csv(BAD)), send(csv(BAD), name="again.csv")
    assert figures(first) == figures(second) == (4, 1, 1, 2)
    assert (opened(first), opened(second)) == ((3, 1), (0, 0))
    assert not list(problem_files.rows(second)) and len(list(problem_files.rows(first))) == 3
    assert not queries.needing(li).filter(pk=second.pk).exists()
    assert list(queries.earlier_receipts(second, li)) == [first]
    assert not invariants.every_open_row_is_kept()


def test_rows_laid_aside_stay_so(send: Send, li: User) -> None:
    first = send(csv(BAD))
    actions.dismiss(batch=first, rows=None, by=li)
    assert opened(send(csv(BAD))) == (0, 0)


def test_what_was_given_up_is_asked_for_when_it_comes_again(send: Send) -> None:
    first = send(csv(BAD))
    Batch.objects.filter(pk=first.pk).update(state="discarded")
    assert opened(send(csv(BAD)))[0] == 2


def test_a_row_mended_in_ones_own_workbook_settles_the_first_receipt(send: Send, absorber: Absorber) -> None:
    absorber.held = {"C9"}
    first, again = send(csv(BAD)), send(csv(BAD))
    mended = [ORDERS, order("O9"), order("O2", day="2024/12/5"), order("O4", day="nonsense")]
    fresh = send(csv(mended), name="orders 2.csv")
    assert states(first) == states(again) == {3: "corrected", 4: "held", 5: "refused"}
    assert (opened(first), opened(fresh)) == ((2, 1), (1, 0))
    absorber.held = set()
    send(csv([ORDERS, order("O3", customer="C9")]))
    assert states(first)[4] == "corrected" and opened(first) == (1, 0)


def test_another_line_of_the_order_settles_nothing(send: Send) -> None:
    two = [ORDERS, order("O1"), [*order("O1")[:3], "P2", 1, "", "many"], [*order("O1")[:6], "many"]]
    first = send(csv(two))
    assert opened(send(csv(two))) == (0, 0)
    send(csv([ORDERS, order("O1", amount=20), [*order("O1")[:6], "many"]]))
    assert states(first) == {3: "refused", 4: "refused"}
    send(csv([ORDERS, [*order("O1")[:3], "P2", 1, "", 5]]))
    assert states(first) == {3: "corrected", 4: "refused"}


def test_another_source_settles_nothing(send: Send, till: Source) -> None:
    first = send(csv(BAD))
    till.pk = Source.objects.create(key="web", name="web").pk
    assert opened(send(csv(BAD)))[0] == 2
    send(csv([ORDERS, order("O2")]))
    assert opened(first)[0] == 2


def test_customers_are_known_by_code_or_else_by_phone(send: Send) -> None:
    coded = send(csv([MEMBERS, ["C1", "王小明", "12", ""]]), "customers", "members.csv")
    send(csv([MEMBERS, ["C1", "王小明", "13900139000", ""]]), "customers", "members.csv")
    assert states(coded) == {2: "corrected"}
    without = [MEMBERS[1:], ["李强", "13800138000", "x"], ["赵六", "", "y"]]
    leads = send(csv(without), "customers", "leads.csv")
    send(
        csv([MEMBERS[1:], ["李强", "138 0013 8000", ""], ["赵六", "", "z@example.com"]]),
        "customers",
        "leads.csv",
    )
    assert states(leads) == {2: "corrected", 3: "refused"}


def test_the_digests_tell_nothing(send: Send) -> None:
    first = send(csv([MEMBERS, ["", "李强", "13800138000", "x"]]), "customers", "members.csv")
    kept = Problem.objects.get(batch=first)
    for digest in (kept.content, kept.identity):
        assert len(bytes(digest)) == 16 and b"138" not in bytes(digest)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "一模一样"), ("en", "came before as they are")])
def test_the_receipt_leads_to_the_earlier_one(
    send: Send, li: User, client_for: type[Client], language: str, words: str
) -> None:
    User.objects.filter(pk=li.pk).update(language=language)
    first, second = send(csv(BAD)), send(csv(BAD))
    client = client_for(User.objects.get(pk=li.pk))
    main = soup(client.get(f"/intake/{second.key}/")).find("main")
    assert words in main.get_text() and main.select_one(f".alert a[href*='{first.key}']")
    assert not main.select("form[action$='/dismiss/'] input[name=row]")
    assert not soup(client.get(f"/intake/{first.key}/")).select(".alert-info")
