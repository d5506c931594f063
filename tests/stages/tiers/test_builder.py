"""The rule builder: what was typed is what is meant, and an edit of something else changes nothing of it."""

import json

import pytest
from django.urls import reverse

from zhike.kernel.models import User
from zhike.tiers import actions, queries
from zhike.tiers.models import Segment

pytestmark = [pytest.mark.usefixtures("retail", "today")]
ROW = {"node": ["1:0:g", "2:1:r"], "n1-join": "all"}


def test_a_group_to_compare_with_survives_an_edit(client_for, li: User) -> None:
    rule = {"metric": "spend", "op": ">=", "value": 1.5, "relative": "mean", "by": "region"}
    one = actions.make_segment(name="常客", rule=queries.readable(rule), by=None, start=False)
    page = client_for(li).get(reverse("tiers:segment_edit", args=[one.key])).page
    (row,) = (row.row for row in page.top.rows)
    sent = {**ROW, "n2-what": row.what, "revision": "1", "name": one.name, "segment": str(one.key)}
    sent |= {f"n2-{key}": values for key, values in row.said.items()}
    answer = client_for(li).post(reverse("tiers:segment_edit", args=[one.key]), {**sent, "note": "备注"})
    assert answer.status_code == 303
    edited = Segment.objects.get()
    assert edited.note == "备注" and edited.rule == one.rule and edited.rule["by"] == "region"
    of_percentiles = {**sent, "n2-relative": "percentile", "n2-value": "80"}
    told = client_for(li).post(reverse("tiers:segment_preview"), of_percentiles).page
    assert told.refusal is None and "第 80 百分位" in told.words


@pytest.mark.parametrize(("typed", "meant"), [("￥500", "≥ ¥ 500"), ("¥ 5 万", "≥ ¥ 5 万"), ("0.1%", None)])
def test_amounts_are_typed_as_amounts(client_for, li: User, typed: str, meant: str | None) -> None:
    sent = {**ROW, "n2-what": "metric:spend", "n2-op": ">=", "n2-value": typed}
    page = client_for(li).post(reverse("tiers:segment_preview"), sent).page
    assert page.refusal is not None if meant is None else page.words.endswith(meant)


def test_a_rule_as_text_is_previewed_without_the_places_of_rows(client_for, li: User) -> None:
    rule = {"did": "orders", "op": ">=", "times": 2, "within": {"days": 90, "before": {"days": 30}}}
    sent = {**ROW, "mode": "json", "json": json.dumps(rule)}
    head = {"HX-Request": "true"}
    answer = client_for(li).post(reverse("tiers:segment_preview"), sent, headers=head).content.decode()
    assert "hx-swap-oob" not in answer
    of_rows = client_for(li).post(reverse("tiers:segment_preview"), ROW, headers=head).content.decode()
    assert "hx-swap-oob" in of_rows
