"""Every row accounted for, every customer in one class and one tier, and the same figures a second time."""

from typing import Any

from zhike.kernel.models import AuditEntry
from zhike.loop import demo as story

SHIPPED = {
    "households.csv": 2379, "demographics.csv": 801, "products.csv": 92_331, "transactions_sample.csv": 75_000,
    "campaigns.csv": 6589, "coupon_redemptions.csv": 2102, "feedback.csv": 1630,
}  # fmt: skip


def test_every_row_of_every_file_is_accounted_for(figures: dict[str, Any]) -> None:
    assert {one["file"]: one["read"] for one in figures["receipts"]} == SHIPPED
    for one in figures["receipts"]:
        assert one["read"] == one["accepted"] + one["held"] + one["refused"], one


def test_every_customer_has_one_class_and_one_tier(figures: dict[str, Any]) -> None:
    assert figures["customers"] == 2379
    assert sum(figures["rfm"].values()) == sum(figures["tiers"].values()) == 2379
    assert len(figures["rfm"]) == 8
    assert all(figures["tiers"].values()), "a tier is empty"


def test_work_was_planned_and_done(figures: dict[str, Any]) -> None:
    assert figures["tasks"] > figures["records"] > 1000


def test_a_second_build_changes_nothing(figures: dict[str, Any]) -> None:
    before = AuditEntry.objects.count()
    assert story.build() == figures
    assert AuditEntry.objects.count() == before
