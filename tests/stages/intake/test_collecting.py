"""A file becomes staged rows and a receipt that balances, whatever is in it and whatever happens on the way."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stages.intake.conftest import ORDERS, Absorber, Send, again, figures, order
from tests.stages.intake.making import csv, people, workbook

from zhike.core.text import Text
from zhike.intake import actions, queries, settling, spool, staging
from zhike.intake.models import BatchState, Chunk, Problem, ProblemState
from zhike.kernel import clock
from zhike.kernel.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def test_customers_are_cleaned_by_the_blueprint(send: Send, absorber: Absorber) -> None:
    rows = [
        ["会员编号", "姓名", "手机号码", "生日", "地区"],
        ["C1", "王 小明", "138 0013 8000", "1990年3月5日", "上海市"],
    ]
    batch = send(csv(rows), "customers", "members.csv")
    assert figures(batch) == (1, 1, 0, 0)
    row = absorber.taken[0]
    assert (row["code"], row["phone"], str(row["birth_date"]), row["region"]) == (
        "C1",
        "+8613800138000",
        "1990-03-05",
        "310000",
    )


def test_bad_cells_refuse_their_rows_with_reason_and_remedy(send: Send) -> None:
    rows = [
        ORDERS,
        order("O1"),
        order("O2", day="2024-13-45"),
        order("O3", amount="=SUM(A1:A9)"),
        order("", day=""),
    ]
    batch = send(csv(rows))
    assert figures(batch) == (4, 1, 0, 3)
    notes = queries.receipt(batch, notes=10).problems
    assert [(n.row, n.column) for n in notes] == [
        (3, "下单日期"),
        (4, "金额"),
        (5, "订单编号"),
        (5, "下单日期"),
    ]
    assert notes[0].value == "2024-13-45"
    assert all(str(note.reason) and str(note.remedy) for note in notes)


MOMENTS = {
    "orders": (["订单编号", "客户编号", "下单时间", "金额"], ["O{n}", "C1", "{day}", "10"]),
    "returns": (["退货单号", "客户编号", "退货日期", "退款金额"], ["R{n}", "C1", "{day}", "10"]),
    "interactions": (["互动编号", "客户编号", "时间", "渠道"], ["I{n}", "C1", "{day}", "电话"]),
    "feedback": (["评价编号", "客户编号", "时间", "评分"], ["F{n}", "C1", "{day}", "5"]),
    "events": (["事件编号", "客户编号", "时间", "事件"], ["E{n}", "C1", "{day}", "到店"]),
}


@pytest.mark.parametrize("kind", MOMENTS)
def test_what_has_not_happened_yet_is_refused(kind: str, send: Send) -> None:
    header, row = MOMENTS[kind]
    today = clock.calendar_day()
    days = ["2024-03-05", f"{today}", f"{today + timedelta(days=1)}", "2098-01-01"]
    rows = [[cell.format(n=n, day=day) for cell in row] for n, day in enumerate(days)]
    batch = send(csv([header, *rows]), kind, f"{kind}.csv")
    assert figures(batch) == (4, 2, 0, 2)
    notes = queries.receipt(batch, notes=10).problems
    assert [(note.row, note.column, note.value) for note in notes] == [
        (4, header[2], days[2]),
        (5, header[2], days[3]),
    ]
    assert "今天之后" in notes[0].reason.zh and "happened" in notes[0].remedy.en


def test_the_last_minute_of_today_has_its_place(send: Send) -> None:
    today = clock.calendar_day()
    rows = [order("O1", day=f"{today} 23:59:59"), order("O2", day=f"{today + timedelta(days=1)} 00:00:00")]
    assert figures(send(csv([ORDERS, *rows]))) == (2, 1, 0, 1)


def test_what_came_back_is_no_order(send: Send) -> None:
    priced = ["O3", "C1", "2024-03-05", "P1", -2, 5, ""]
    batch = send(csv([ORDERS, order("O1", amount=0), order("O2", amount=-20), priced]))
    assert figures(batch) == (3, 1, 0, 2)
    note = queries.receipt(batch, notes=10).problems[0]
    assert (note.row, note.column, note.value) == (3, "金额", "-20")
    assert "负数" in note.reason.zh and "退货" in note.remedy.zh and "returns" in note.remedy.en


def test_a_file_without_any_amount_is_told_so(send: Send) -> None:
    batch = send(csv([["订单编号", "客户编号", "下单时间"], ["O1", "C1", "2024-03-05"]]))
    assert figures(batch) == (1, 0, 0, 1)
    assert queries.receipt(batch, notes=1).problems[0].reason.zh == "没有金额。"


def test_a_birth_date_to_come_refuses_its_row(send: Send) -> None:
    rows = [
        ["会员编号", "姓名", "生日"],
        *(["C1", "王小明", day] for day in ("2098-01-01", "2098/1/1", "1850-01-01", "1990-01-01")),
    ]
    batch = send(csv(rows), "customers", "members.csv")
    assert figures(batch) == (4, 1, 0, 3)
    note = queries.receipt(batch, notes=10).problems[0]
    assert (note.row, note.column, note.value) == (2, "生日", "2098-01-01")
    assert "还没有到" in note.reason.zh and "出生日期不能晚于今天" in note.remedy.zh


def test_totals_remarks_and_blank_rows_are_no_records_but_are_told(send: Send) -> None:
    total = ["合计", "", "", "", "2", "", "20"]
    rows = [ORDERS, order("O1"), order("O2"), [""] * 7, total, ["备注:含赠品", "", "", "", "", "", ""]]
    batch = send(workbook({"订单": rows}), name="orders.xlsx")
    assert figures(batch) == (2, 2, 0, 0)
    assert [(row, why.value) for row, why in queries.not_data(batch)] == [(5, "total"), (6, "remark")]
    assert batch.not_data == 2


def test_a_row_longer_than_the_header_is_refused_not_cut(send: Send) -> None:
    batch = send(csv([ORDERS, order("O1"), [*order("O2"), "extra"]]))
    assert figures(batch) == (2, 1, 0, 1)


def test_numbers_that_lost_their_digits_are_refused(send: Send) -> None:
    batch = send(csv([ORDERS, order("1.23457E+17"), order("O1")]))
    assert figures(batch) == (2, 1, 0, 1)
    assert "末几位" in queries.receipt(batch, notes=1).problems[0].reason.zh


def test_equal_lines_stay_two_and_a_second_sending_gives_the_same_keys(
    send: Send, absorber: Absorber
) -> None:
    content = csv([ORDERS, order("O1"), order("O1"), order("O2"), order("O1")])
    send(content)
    send(csv([ORDERS, order("O1", day="2024/3/5", amount="¥10.00"), order("O1"), order("O2"), order("O1")]))
    keys = [row["row_key"] for row in absorber.taken]
    assert keys[:4] == keys[4:]
    assert len(set(keys[:4])) == 4
    assert [row["occurrence"] for row in absorber.taken[:4]] == [1, 2, 1, 3]


def test_a_line_number_is_the_key(send: Send, absorber: Absorber) -> None:
    send(csv([[*ORDERS, "行号"], [*order("O1"), "2"]]))
    assert absorber.taken[0]["row_key"] == "#2"


def test_amounts_follow_from_price_and_quantity(send: Send, absorber: Absorber) -> None:
    rows = [
        ORDERS,
        ["O1", "C1", "2024-03-05", "P1", 3, "1.15", ""],
        ["O2", "C1", "2024-03-05", "", "", "", ""],
    ]
    batch = send(csv(rows))
    assert str(absorber.taken[0]["amount"]) == "3.45"
    assert figures(batch) == (2, 1, 0, 1)


def test_held_rows_wait_and_can_be_tried_again(send: Send, absorber: Absorber, li: User) -> None:
    absorber.held = {"C9"}
    batch = send(csv([ORDERS, order("O1"), order("O2", "C9"), order("O3", "C9", day="?")]))
    assert figures(batch) == (3, 1, 1, 1)
    first = absorber.taken[0]["row_key"]
    absorber.held = set()
    assert actions.retry(batch=batch, by=li) == 1
    again(batch)
    assert figures(batch) == (3, 2, 0, 1)
    assert batch.open_rows == 1
    assert absorber.taken[1]["number"] == "O2"
    assert absorber.taken[1]["row_key"] not in {None, first}


def test_a_retried_row_keeps_the_key_it_had(send: Send, absorber: Absorber, li: User) -> None:
    absorber.held = {"C9"}
    content = csv([ORDERS, order("O1", "C9"), order("O1", "C9")])
    batch = send(content)
    absorber.held = set()
    actions.retry(batch=batch, by=li)
    again(batch)
    send(content)
    keys = [row["row_key"] for row in absorber.taken]
    assert keys[:2] == keys[2:]


def test_rows_can_be_dismissed(send: Send, li: User) -> None:
    batch = send(csv([ORDERS, order("O1"), order("O2", day="?"), order("O3", day="?")]))
    assert actions.dismiss(batch=batch, rows=[3], by=li) == 1
    assert figures(batch) == (3, 1, 0, 2)
    assert batch.open_rows == 1
    assert queries.needing(li).count() == 1
    actions.dismiss(batch=batch, rows=None, by=li)
    assert queries.needing(li).count() == 0


def test_nothing_personal_lies_about(send: Send, absorber: Absorber) -> None:
    absorber.column, absorber.held = "code", {"C2"}
    rows = [
        ["会员编号", "姓名", "手机"],
        ["C1", "王小明", "13800138000"],
        ["C2", "李强", "13900139000"],
        ["C3", "赵敏", "abc138"],
    ]
    batch = send(csv(rows), "customers")
    assert not spool.path_of(batch.key).exists()
    assert {len(bytes(one.payload)) + len(bytes(one.raw)) for one in Chunk.objects.filter(batch=batch)} == {0}
    kept = b"".join(bytes(one.sealed) for one in Problem.objects.filter(batch=batch)) + bytes(batch.sample)
    for word in ("13900139000", "李强", "赵敏", "abc138"):
        assert word.encode() not in kept
    told = str(list(Problem.objects.values("columns", "state"))) + str(list(AuditEntry.objects.values()))
    assert "13900139000" not in told


cells = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "O1",
            "O2",
            "C1",
            "2024-03-05",
            "2024-13-40",
            "¥1,200",
            "=1+1",
            "合计",
            "注:x",
            "12.345",
            "#N/A",
            "-",
        ]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=9), min_size=1, max_size=30), hold=st.booleans())
def test_no_row_is_ever_lost(send: Send, absorber: Absorber, rows: list[list[str]], hold: bool) -> None:
    import csv as standard
    import io

    target = io.StringIO()
    standard.writer(target).writerows([ORDERS, order("O1"), *rows])
    absorber.taken.clear()
    absorber.held = {"C1"} if hold else set()
    batch = send(target.getvalue().encode())
    written = list(standard.reader(io.StringIO(target.getvalue())))[1:]
    filled = sum(1 for row in written if any(cell.strip() for cell in row))
    read, accepted, held, refused = figures(batch)
    assert batch.state == BatchState.DONE
    assert read + batch.not_data == filled
    assert len(absorber.taken) == accepted
    assert Problem.objects.filter(batch=batch, state=ProblemState.HELD).count() == held
    assert Problem.objects.filter(batch=batch, state=ProblemState.REFUSED).count() == refused


def test_members_of_another_blueprint(send: Send) -> None:
    assert figures(send(csv([["会员编号", "姓名", "手机", "邮箱"], *people(50)]), "customers")) == (
        50,
        50,
        0,
        0,
    )


def test_problems_are_told_in_the_readers_language(send: Send) -> None:
    batch = send(csv([ORDERS, order("O1", day="?")]))
    reason = queries.receipt(batch, notes=1).problems[0].reason
    assert isinstance(reason, Text)
    assert reason.zh != reason.en
    assert settling.RETRY_ROWS == staging.CHUNK_ROWS
