"""The pages of the blueprint, asked the same questions as every page."""

from datetime import date
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.personas import SignedIn

from zhike.blueprint import actions, queries
from zhike.blueprint.models import BlueprintVersion
from zhike.core.blueprints import ForecastSpec
from zhike.kernel.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_force(li: User) -> BlueprintVersion:
    return actions.adopt_shipped("retail", by=li)


def soup(response: object) -> BeautifulSoup:
    return BeautifulSoup(response.content.decode(), "html.parser")


SEEN = ["/blueprint/", "/blueprint/versions/", "/blueprint/shipped/", "/blueprint/compare/"]
EDITED = [
    "/blueprint/edit/yaml/",
    "/blueprint/edit/head/",
    "/blueprint/edit/fields/new/",
    "/blueprint/edit/fields/gender/",
    "/blueprint/edit/rfm/",
    "/blueprint/edit/forecast/",
    "/blueprint/edit/tiers/new/",
    "/blueprint/edit/tiers/core/",
    "/blueprint/edit/tiers/ordinary/",
    "/blueprint/edit/tags/new/",
    "/blueprint/edit/tags/churn_risk/",
    "/blueprint/edit/strategies/core/",
    "/blueprint/edit/kpis/new/",
    "/blueprint/edit/kpis/churn_share/",
]


@pytest.mark.parametrize("url", SEEN + EDITED)
def test_it_works(li: User, in_force: BlueprintVersion, url: str) -> None:
    response = SignedIn(li).get(url)
    assert response.status_code == 200
    assert "<c-" not in response.content.decode()


@pytest.mark.parametrize("part", ["fields", "tiers", "strategies", "kpis"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_reads_in_both_languages(
    li: User, in_force: BlueprintVersion, part: str, language: str
) -> None:
    User.objects.filter(pk=li.pk).update(language=language)
    text = soup(SignedIn(li).get(f"/blueprint/?part={part}")).find("main").get_text()
    wanted = {
        "fields": ("会员编号", "Member ID"),
        "tiers": ("战略会员", "Strategic"),
        "strategies": ("首访", "First call"),
        "kpis": ("复购率", "Repurchase rate"),
    }[part]
    assert wanted[language == "en"] in text


@pytest.mark.parametrize("url", SEEN + EDITED)
def test_it_refuses_others(wang: User, in_force: BlueprintVersion, url: str) -> None:
    assert SignedIn(wang).get(url).status_code == 403


@pytest.mark.parametrize("url", EDITED)
def test_an_auditor_reads_and_edits_nothing(zhou: User, in_force: BlueprintVersion, url: str) -> None:
    assert SignedIn(zhou).get(url).status_code == 403
    assert SignedIn(zhou).post(url, {}).status_code == 403
    assert not soup(SignedIn(zhou).get("/blueprint/?part=tiers")).select("a[href*='/edit/']")


def test_an_old_blueprint_asks_to_be_looked_at(li: User, in_force: BlueprintVersion) -> None:
    assert "每季度回顾" not in SignedIn(li).get("/blueprint/").content.decode()
    BlueprintVersion.objects.update(effective_from=date(2016, 1, 1))
    assert "每季度回顾" in SignedIn(li).get("/blueprint/").content.decode()


def test_it_works_empty(li: User) -> None:
    page = SignedIn(li)
    assert "零售会员" in page.get("/blueprint/").content.decode()
    assert page.get("/blueprint/versions/").status_code == 200
    assert page.get("/blueprint/edit/rfm/").status_code == 404
    assert page.get("/blueprint/compare/").status_code == 404


def test_a_first_blueprint_is_chosen(li: User) -> None:
    assert SignedIn(li).post("/blueprint/adopt/", {"key": "companies"}).status_code == 303
    assert queries.current().key == "companies"


RFM = {
    "revision": "0",
    "method": "thresholds",
    "recency_days": "45",
    "frequency": "5",
    "frequency_days": "180",
    "monetary_metric": "average_order",
    "monetary": "1.5",
    "monetary_relative": "mean",
    "bins": "5",
}


def test_a_threshold_is_changed_compared_and_published(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    assert page.post("/blueprint/edit/rfm/", RFM).status_code == 303
    draft = queries.draft()
    assert draft is not None
    shown = soup(page.get(f"/blueprint/versions/{draft.key}/publish/")).find("main").get_text()
    assert "R 最近购买天数" in shown
    assert page.post(f"/blueprint/versions/{draft.key}/publish/").status_code == 303
    assert queries.current().rfm.recency_days == 45


def test_terms_of_the_forecast_are_typed_in_percent(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    terms = {"revision": "0", "margin": "35", "discount": "10", "silence_days": "90"}
    levels = {"watch": "50", "warning": "70", "critical": "85"}
    assert page.post("/blueprint/edit/forecast/", terms | levels | {"watch": "80"}).status_code == 422
    nothing = page.post("/blueprint/edit/forecast/", terms | levels | {"margin": "0"})
    assert nothing.status_code == 422 and "每位客户的价值都是 0" in soup(nothing).find("main").get_text()
    assert page.post("/blueprint/edit/forecast/", terms | levels).status_code == 303
    kept = queries.spec_of(queries.draft()).forecast
    assert kept == ForecastSpec(margin=Decimal("0.35"), discount=Decimal("0.1"), critical=Decimal("0.85"))
    shown = soup(page.get(f"/blueprint/versions/{queries.draft().key}/?part=tiers"))
    assert "按毛利率 35" in shown.find("main").get_text()


def test_it_explains_bad_input(li: User, in_force: BlueprintVersion) -> None:
    response = SignedIn(li).post("/blueprint/edit/rfm/", RFM | {"recency_days": "0"})
    assert response.status_code == 422
    assert soup(response).select_one("[name=recency_days]")["value"] == "0"
    assert soup(response).select_one(".invalid-feedback")


def test_bad_yaml_is_kept_and_explained(li: User, in_force: BlueprintVersion) -> None:
    text = in_force.yaml.replace("kind: person", "kind: robot").replace(
        "recency_days: 30", "recency_days: soon"
    )
    response = SignedIn(li).post("/blueprint/edit/yaml/", {"yaml": text, "revision": "0"})
    assert response.status_code == 422
    page = soup(response)
    assert "kind: robot" in page.find("textarea").get_text()
    lines = [int(row.find("td").get_text()) for row in page.select("tbody tr")]
    assert [text.splitlines()[line - 1].strip() for line in lines] == ["kind: robot", "recency_days: soon"]
    assert queries.draft() is None


def test_the_second_editor_is_told(li: User, root: User, in_force: BlueprintVersion) -> None:
    SignedIn(root).post("/blueprint/edit/rfm/", RFM)
    response = SignedIn(li).post("/blueprint/edit/rfm/", RFM | {"recency_days": "60"})
    assert response.status_code == 422
    assert "root" in soup(response).find("main").get_text()
    assert queries.spec_of(queries.draft()).rfm.recency_days == 45


NEW_FIELD = {
    "revision": "0",
    "label_zh": "会员等级",
    "label_en": "",
    "key": "",
    "type": "choice",
    "module": "segment",
    "sensitivity": "internal",
    "choices": "gold | 金卡 | Gold | 金\n | 银卡 | Silver\n普通",
}


def test_a_field_is_added_without_code(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    assert page.post("/blueprint/edit/fields/new/", NEW_FIELD).status_code == 303
    field = queries.spec_of(queries.draft()).fields["hui_yuan_deng_ji"]
    assert [(one.value, one.label.en) for one in field.choices] == [
        ("gold", "Gold"),
        ("silver", "Silver"),
        ("pu_tong", "普通"),
    ]
    assert field.clean("金") == "gold"


def test_a_personal_field_needs_a_purpose(li: User, in_force: BlueprintVersion) -> None:
    response = SignedIn(li).post("/blueprint/edit/fields/new/", NEW_FIELD | {"sensitivity": "personal"})
    assert response.status_code == 422
    assert soup(response).select_one("#id_purpose_zh.is-invalid, #id_purpose_zh[aria-invalid=true]")


def test_a_field_in_use_by_a_rule_is_not_removed(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    rule = conditions([("and", "field:region", "within", "江苏", "")])
    assert (
        page.post("/blueprint/edit/tags/new/", {"label_zh": "江苏客户", "revision": "0", **rule}).status_code
        == 303
    )
    response = page.post("/blueprint/edit/remove/field/region/", {"revision": "1"})
    assert response.status_code == 422
    assert "region" in soup(response).find("main").get_text()


def test_a_field_is_removed(li: User, in_force: BlueprintVersion) -> None:
    assert SignedIn(li).post("/blueprint/edit/remove/field/wechat/", {"revision": "0"}).status_code == 303
    assert "wechat" not in queries.spec_of(queries.draft()).fields


def conditions(rows: list[tuple[str, str, str, str, str]]) -> dict[str, str]:
    """Rows of conditions as a browser sends them."""
    sent = {"rule-TOTAL_FORMS": str(len(rows)), "rule-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        for name, value in zip(("join", "what", "op", "value", "relative"), row, strict=True):
            sent[f"rule-{number}-{name}"] = value
    return sent


TIER = {"revision": "0", "label_zh": "新贵", "color": "potential"}


def test_a_tier_is_added_with_a_rule_of_rows(li: User, in_force: BlueprintVersion) -> None:
    rows = conditions(
        [
            ("and", "metric:spend", ">=", "2", "mean"),
            ("and", "field:gender", "in", "女、男", ""),
            ("or", "metric:orders", ">=", "3", ""),
            ("and", "", "", "", ""),
        ]
    )
    assert SignedIn(li).post("/blueprint/edit/tiers/new/", TIER | rows).status_code == 303
    spec = queries.spec_of(queries.draft())
    assert [tier.key for tier in spec.tiers][-2:] == ["xin_gui", "ordinary"]
    shown = soup(SignedIn(li).get(f"/blueprint/versions/{queries.draft().key}/?part=tiers")).get_text()
    assert "累计消费额 ≥ 平均的 2 倍 且 (性别 是 女、男 或 订单数 ≥ 3)" in shown


def test_a_bad_condition_is_explained_in_its_row(li: User, in_force: BlueprintVersion) -> None:
    rows = conditions([("and", "metric:spend", ">=", "viel", "")])
    response = SignedIn(li).post("/blueprint/edit/tiers/new/", TIER | rows)
    assert response.status_code == 422
    assert "不是数字" in soup(response).select_one(".bp-rows .invalid-feedback").get_text()


def test_a_tier_needs_a_condition(li: User, in_force: BlueprintVersion) -> None:
    response = SignedIn(li).post("/blueprint/edit/tiers/new/", TIER | conditions([("and", "", "", "", "")]))
    assert response.status_code == 422


def test_more_rows_are_given_without_saving(li: User, in_force: BlueprintVersion) -> None:
    rows = conditions([("and", "metric:spend", ">=", "5", "")])
    response = SignedIn(li).post("/blueprint/edit/tiers/new/", TIER | rows | {"more": "yes"})
    assert response.status_code == 200
    page = soup(response)
    assert len(page.select(".bp-rows tbody tr")) == 3
    assert page.select_one("[name=rule-0-value]")["value"] == "5"
    assert queries.draft() is None


def test_tiers_change_places(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    assert page.post("/blueprint/edit/tiers/core/move/", {"to": "up", "revision": "0"}).status_code == 303
    assert [tier.key for tier in queries.spec_of(queries.draft()).tiers][:2] == ["core", "strategic"]


def test_every_form_saves_what_it_shows(li: User, in_force: BlueprintVersion) -> None:
    """Sending a form as the browser got it changes nothing in the blueprint."""
    page = SignedIn(li)
    for url in (one for one in EDITED if "yaml" not in one and "new" not in one):
        sent = fields_of(soup(page.get(url)).select_one("#bp-edit"))
        answer = page.post(url, sent)
        said = [one.get_text() for one in soup(answer).select(".invalid-feedback, .alert")]
        assert (answer.status_code, said) == (303, []), url
        assert queries.spec_of(queries.draft()) == queries.spec_of(in_force), url


def fields_of(form: BeautifulSoup) -> dict[str, str]:
    """What a browser would send."""
    sent = {}
    for one in form.select("input[name], select[name], textarea[name]"):
        if one.name == "select":
            chosen = one.select_one("option[selected]") or one.select_one("option")
            sent[one["name"]] = chosen["value"] if chosen else ""
        elif one.name == "textarea":
            sent[one["name"]] = one.get_text().removeprefix("\n")
        elif one.get("type") != "checkbox" or one.has_attr("checked"):
            sent[one["name"]] = one.get("value", "on" if one.get("type") == "checkbox" else "")
    return sent


def test_part_is_in_whole(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    page.post("/blueprint/edit/rfm/", RFM)
    part = page.get("/blueprint/compare/", headers={"HX-Request": "true"})
    whole = page.get("/blueprint/compare/?impact=1")
    assert part.content.decode().strip() in whole.content.decode()
    assert "HX-Request" in part["Vary"]


def test_a_draft_is_put_away_and_begun_again(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    page.post("/blueprint/edit/rfm/", RFM)
    draft = queries.draft()
    assert page.post(f"/blueprint/versions/{draft.key}/put-away/").status_code == 303
    assert queries.draft() is None
    assert page.post(f"/blueprint/versions/{draft.key}/begin/").status_code == 303
    assert queries.spec_of(queries.draft()).rfm.recency_days == 45


def test_a_version_is_a_file(li: User, in_force: BlueprintVersion) -> None:
    response = SignedIn(li).get(f"/blueprint/versions/{in_force.key}/yaml/")
    assert response.content.decode() == in_force.yaml
    assert "retail-v1.yaml" in response["Content-Disposition"]


def test_the_list_asks_no_more_for_more_versions(li: User, in_force: BlueprintVersion) -> None:
    page = SignedIn(li)
    page.get("/blueprint/versions/")
    with CaptureQueriesContext(connection) as few:
        page.get("/blueprint/versions/")
    for days in range(31, 60):
        text = in_force.yaml.replace("recency_days: 30", f"recency_days: {days}")
        actions.publish(actions.save_draft(text, by=li), by=li)
    page.get("/blueprint/versions/")  # what is remembered for a few seconds is remembered again
    with CaptureQueriesContext(connection) as many:
        page.get("/blueprint/versions/")
    assert len(many) == len(few)
