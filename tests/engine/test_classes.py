"""The classes that runs keep for rules: refused before there are any, written only where they differ, erased with the customer."""

from datetime import date

import pytest

from tests.engine.conftest import Shop
from zhike.core.rules import InClass
from zhike.engine import classes
from zhike.engine.lake import Session, erase
from zhike.engine.segments import members
from zhike.engine.segments.following import snapshot, touched

DAY = date(2017, 3, 10)


def kept(session: Session, kind: str, **found: str) -> None:
    """Keep classes by customer: `c1="champions"`."""
    listed = ", ".join(f"({who[1:]}, '{key}')" for who, key in found.items())
    table = session.keep_sql(f"SELECT * FROM (VALUES {listed}) AS t(customer_id, key)", "found")
    classes.keep(session, kind, table)


def held(session: Session, kind: str) -> dict[int, str]:
    return {row["customer_id"]: row["key"] for row in session.rows(classes.held(session, kind))}


def test_nobody_is_found_by_mistake_before_the_first_run(session: Session) -> None:
    with pytest.raises(classes.NotClassedYet) as refused:
        members(session, InClass("rfm", "champions"), DAY)
    assert "每日更新" in refused.value.remedy.zh and "daily refresh" in refused.value.remedy.en


def test_only_what_differs_is_written(shop: Shop) -> None:
    with shop.lake.session() as session:
        kept(session, "rfm", c1="champions", c2="dormant", c3="fading")
        kept(session, "risk", c1="watch")
        before = snapshot(session) or 0
        kept(session, "rfm", c1="champions", c2="champions", c4="rising")
        assert held(session, "rfm") == {1: "champions", 2: "champions", 4: "rising"}
        assert held(session, "risk") == {1: "watch"}
        moved = touched(session, ["classes"], before, snapshot(session) or 0)
        assert moved is not None
        assert {row["customer_id"] for row in session.rows(moved)} == {2, 3, 4}
        classes.forget(session, "risk")
        assert held(session, "risk") == {} and len(held(session, "rfm")) == 3
        erase(session, [2])
        assert held(session, "rfm") == {1: "champions", 4: "rising"}
