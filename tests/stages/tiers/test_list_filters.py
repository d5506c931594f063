"""Every parameter of the lists, given nonsense: never an error of ours, never a raw code on the screen, always said why."""

from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from tests.shop import TODAY, buys, customer, placed, scored, tiers

from zhike.blueprint import queries as blueprints
from zhike.customers import narrowing
from zhike.customers.models import Customer
from zhike.insight import actions
from zhike.insight.dimensions import Facts
from zhike.kernel import lake, slots
from zhike.kernel.models import User
from zhike.tiers import actions as tier_actions
from zhike.tiers import queries

pytestmark = [pytest.mark.usefixtures("lake", "retail", "today")]
LIST, SEGMENTS = "/customers/", "/tiers/segments/"
ODD = "zzraw9"  # a code that nobody would write on purpose
NONSENSE = (
    ODD, f"{ODD}~1~2", f"spend~{ODD}~", "spend~NaN~", "spend~~Infinity", "spend~1e99999~", "spend~1~2,orders~x~", "~~~~", ",",
    "9" * 400, "-1", "1e5", "2017-13", "9999-12", "0000-01", "a\x00b", "\x00", "' OR 1=1 --", "<script>alert(1)</script>",
    "%s%d{}", "310199", "A99999", "00000000-0000-0000-0000-000000000000", f"core~{ODD}~2017-01-01~2017-12-31",
    "core~risk~2017-99-99~x", f"core~risk~{ODD}",
)  # fmt: skip
OTHERS = ("q", "sort", "columns", "after", "before", "format", "unheard_of")
# What these look for is a word of the data itself, such as the name of a category: any may have been one.
FREE = {"habit", *(facts.value for facts in Facts)}
# What means something after all: a band without a lower end, days, a value of -1 or more.
FINE = {("forecast", "-1"), ("forecast", "1e5"), ("forecast", "310199")}


def keys() -> list[str]:
    spec = blueprints.current()
    fields = [one.key for one in spec.fields.values() if one.type in narrowing.FILTERED]
    return ["manager", *(one.key for one in slots.customer_filters()), *fields]


@pytest.fixture
def base(wang: User, retail) -> Customer:
    """One customer of whom everything is known."""
    tiers()
    one = customer(wang, gender="female", region="310115", birth_date="1990-01-02")
    buys(one, 3)
    scored(one, "champions", spend="500", orders=1)
    placed(one, "core")
    lake.sync()
    actions.refresh(as_of=TODAY)
    return one


def test_a_value_that_means_nothing_is_said_and_finds_nobody(client_for, li: User, base: Customer) -> None:
    client, wrong = client_for(li), []
    for key in keys():
        for value in NONSENSE:
            page = client.get(LIST, {key: value}).page
            (chip,) = page.chips
            fine = (key, value) in FINE or (key in FREE and "\x00" not in value)
            if not fine and (page.misread == [] or page.rows or not chip.label.endswith("无法识别")):
                wrong.append((key, value, chip.label))
    assert wrong == []


def test_the_list_says_why_and_how_to_go_on(client_for, li: User, base: Customer) -> None:
    page = client_for(li).get(LIST, {"metric": ODD, "gender": "female", "sort": "name"})
    soup = BeautifulSoup(page.content, "html.parser")
    said = soup.select_one("[role=status].alert-warning")
    assert said is not None and "指标" in said.get_text() and "性别" not in said.get_text()
    assert ODD not in soup.select_one("#rows").get_text()
    left = client_for(li).get(LIST + said.select_one("a")["href"]).page
    assert (left.misread, len(left.rows), left.wanted.filters) == ([], 1, {"gender": "female"})


@pytest.mark.parametrize("key", OTHERS)
def test_other_parameters_break_nothing(client_for, li: User, base: Customer, key: str) -> None:
    for value in NONSENSE:
        assert client_for(li).get(LIST, {key: value}).status_code in {200, 302}, value


@pytest.mark.parametrize(
    "sort", ["newest", "code", "name", "updated", "-spend", "orders", "last_purchase", "tier", "value"]
)
@pytest.mark.parametrize("word", ["after", "before"])
def test_a_place_in_the_list_that_it_never_gave_is_its_beginning(
    client_for, li: User, base: Customer, sort: str, word: str
) -> None:
    tampered = (
        "x", "1_s_x", "1_s_a\x00", "1_i_x", "1_i_5", "1_n_NaN", "1_n_1e999", "1_t_2017-01-01", "1_d_2017-01-01", "9" * 30, "1_q_",
    )  # fmt: skip
    for value in tampered:
        assert client_for(li).get(LIST, {"sort": sort, word: value}).status_code == 200, value


@pytest.mark.parametrize("sort", ["code", "name", "updated", "-spend", "last_purchase", "tier"])
def test_places_that_it_gave_still_lead_through_the_whole_list(
    client_for, li: User, wang: User, base: Customer, sort: str
) -> None:
    for number in range(45):
        one = customer(wang, name=f"客户\u3000{number:02d}")
        if number % 2:
            scored(one, "dormant", spend=f"{number}", orders=1)
            placed(one, "core" if number % 3 else "ordinary")
    seen, where = [], f"{LIST}?sort={sort}"
    while where:
        page = client_for(li).get(where).page
        seen += [row.code for row in page.rows]
        where = page.pager.next
    assert len(seen) == len(set(seen)) == 46


def test_what_is_put_away_is_still_named(client_for, li: User, base: Customer) -> None:
    rule = queries.readable({"tier": "core"})
    one = tier_actions.make_segment(name="老客户", rule=rule, by=li, start=False)
    tier_actions.archive_segment(segment=one, by=li)
    page = client_for(li).get(LIST, {"segment": str(one.key)}).page
    assert page.chips[0].label == "分群: 老客户" and page.misread == []


def test_the_list_of_segments_breaks_on_nothing(client_for, li: User, base: Customer) -> None:
    for key in ("q", "sort", "archived", "unheard_of"):
        for value in NONSENSE:
            response = client_for(li).get(SEGMENTS, {key: value})
            assert response.status_code == 200
            if key != "q":
                assert ODD not in BeautifulSoup(response.content, "html.parser").get_text()


@pytest.mark.parametrize(
    "path", ["/insight/trends/", "/insight/portrait/", "/insight/opinions/", "/insight/cohorts/"]
)
def test_an_analysis_leaves_out_what_means_nothing_and_says_so(
    client_for, li: User, base: Customer, path: str
) -> None:
    for value in (ODD, "a\x00b", "9" * 400):
        response = client_for(li).get(f"{path}?{urlencode({'tier': value, 'birthday': value})}")
        assert response.page.whom.chosen == {} and response.page.whom.misread == ["层级", "生日"]
        assert "无法识别" in response.content.decode()
    city = client_for(li).get(f"{path}?region=310115").page.whom
    assert city.misread == [] and "浦东新区" in city.words
