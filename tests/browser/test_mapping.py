"""Confirming columns in a real browser: the reason beside a column follows the choice."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from zhike.blueprint import actions as blueprint
from zhike.intake import actions
from zhike.kernel.models import User


def test_the_reason_follows_the_choice(
    root: User, sign_in: Callable[[User], Page], serious: Callable[[Page], None]
) -> None:
    blueprint.adopt_shipped("retail", by=None)
    till = actions.ensure_source("till", by=None)
    rows = "会员编号,姓名,某列\nC1,王小明,x\n".encode()
    batch = actions.receive(blocks=[rows], name="members.csv", kind="customers", source=till, by=root)
    page = sign_in(root)
    page.goto(f"/intake/{batch.key}/")
    name, reason = page.locator("select[name=c1]"), page.locator("tr:has(select[name=c1]) [data-why]")
    suggested = name.input_value()
    expect(reason).to_have_text("列名相同")
    name.select_option("gender")
    expect(reason).to_have_text("您的选择")
    name.select_option(suggested)
    expect(reason).to_have_text("列名相同")
    page.wait_for_load_state("networkidle")
    serious(page)
