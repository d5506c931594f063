"""A fresh segment until its first figure is there, and a builder that is begun from an address that cannot be read."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from tests.shop import TODAY
from tests.stages.tiers.test_segment_pages import RULE, segment

from zhike.kernel.models import Job, JobState, User
from zhike.tiers import actions, queries
from zhike.tiers.models import Segment

pytestmark = [pytest.mark.usefixtures("retail", "today")]


@pytest.mark.parametrize(
    ("sent", "place", "zh", "en"),
    [
        ("{nope", None, "请核对括号和引号", "Check brackets and quotes"),
        ("", None, "请核对括号和引号", "Check brackets and quotes"),
        ('{"all": [{"tag": "x"}]}', "all[0].tag", "没有名为“x”的标签", "There is no tag “x”"),
        ('{"<b>": 1}', None, "不认识“&lt;b&gt;”", "“&lt;b&gt;” is not known"),
    ],
)
def test_an_address_that_cannot_be_read_says_what_and_why(
    client_for, li: User, sent: str, place: str | None, zh: str, en: str
) -> None:
    for lang, why, said in (("zh-hans", zh, "地址中的规则无法读取"), ("en", en, "The rule in the address")):
        li.language = lang
        li.save()
        answer = client_for(li).get(reverse("tiers:segment_new"), {"rule": sent})
        text = answer.content.decode()
        assert why in text and said in text and (place is None or place in text)
        assert answer.page.refusal is None and not any(row.row.what for row in answer.page.top.rows)
    assert client_for(li).get(reverse("tiers:segment_new")).page.unread is None


def cells(page: str) -> list[str]:
    return [one.get_text(strip=True) for one in BeautifulSoup(page, "html.parser").select(".kpi")]


def test_a_fresh_segment_shows_no_figure_before_there_is_one(client_for, li: User) -> None:
    one = actions.make_segment(name="新的", rule=queries.readable(RULE), by=li)
    client, url, every = client_for(li), reverse("tiers:segment", args=[one.key]), reverse("tiers:segments")
    text = client.get(url).content.decode()
    assert cells(text)[:3] == ["正在计算…", "—", "—"] and f'hx-get="{url}?first=1"' in text
    text = client.get(every).content.decode()
    assert "正在计算…" in text and 'hx-trigger="every 2s"' in text
    assert "HX-Refresh" not in client.get(url + "?first=1", headers={"HX-Request": "true"})
    Job.objects.update(state=JobState.DONE)
    Segment.objects.update(refreshed_at=one.created_at, as_of=TODAY)
    assert client.get(url + "?first=1", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    text = client.get(url).content.decode()
    assert cells(text)[:3] == ["0", "+0", "−0"] and "every 1s" not in text
    assert "every 2s" not in client.get(every).content.decode()


def test_a_refresh_of_all_finds_first_figures_too_and_none_without_a_job(client_for, li: User) -> None:
    one = segment()
    client, url = client_for(li), reverse("tiers:segment", args=[one.key])
    text = client.get(url).content.decode()
    assert cells(text)[0] == "—" and "尚未计算" in text and "正在计算" not in text
    client.post(reverse("tiers:segments_refresh"))
    assert cells(client.get(url).content.decode())[0] == "正在计算…"
    one.refreshed_at = one.created_at
    assert queries.first_figures([one]) == frozenset()
