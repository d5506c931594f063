"""Blueprints are adopted, drafted, published and put away; one is in force at a time."""

import pytest

from zhike.blueprint import actions, queries
from zhike.blueprint.facts import BlueprintRefusal, NoBlueprint, Outpaced
from zhike.blueprint.models import BlueprintVersion, State
from zhike.core.blueprints import BadBlueprint
from zhike.kernel.models import AuditEntry, Job, User

pytestmark = pytest.mark.django_db


def patient(days: int = 45) -> str:
    """The retail blueprint with another R threshold."""
    return queries.shipped_yaml("retail").replace("recency_days: 30", f"recency_days: {days}")


def test_a_new_installation_has_no_blueprint() -> None:
    with pytest.raises(NoBlueprint):
        queries.current()
    assert queries.current_or_none() is None


@pytest.mark.parametrize("key", queries.SHIPPED)
def test_a_shipped_blueprint_comes_into_force(li: User, key: str) -> None:
    version = actions.adopt_shipped(key, by=li)
    assert (version.state, version.number) == (State.PUBLISHED, 1)
    assert queries.current().key == key
    assert queries.current_version() == version


def test_adopting_twice_changes_nothing(li: User) -> None:
    first = actions.adopt_shipped("retail", by=li)
    assert actions.adopt_shipped("retail", by=li) == first
    assert BlueprintVersion.objects.count() == 1


def test_an_unknown_shipped_blueprint_is_refused(li: User) -> None:
    with pytest.raises(BlueprintRefusal, match="没有名为"):
        actions.adopt_shipped("nobody", by=li)


def test_a_draft_changes_nothing_until_it_is_published(li: User) -> None:
    actions.adopt_shipped("retail", by=li)
    draft = actions.save_draft(patient(), by=li)
    assert (draft.number, draft.state) == (2, State.DRAFT)
    assert queries.current().rfm.recency_days == 30
    actions.publish(draft, by=li)
    assert queries.current().rfm.recency_days == 45


def test_publishing_retires_what_was_in_force_and_calls_the_loop(li: User) -> None:
    first = actions.adopt_shipped("retail", by=li)
    assert not Job.objects.exists()
    actions.publish(actions.save_draft(patient(), by=li), by=li)
    first.refresh_from_db()
    assert first.state == State.RETIRED
    assert Job.objects.get().name == actions.REPUBLISHED


def test_saving_again_keeps_one_draft(li: User) -> None:
    actions.adopt_shipped("retail", by=li)
    first = actions.save_draft(patient(45), by=li)
    second = actions.save_draft(patient(60), by=li)
    assert (first.pk, second.revision) == (second.pk, 2)
    assert actions.save_draft(patient(60), by=li).revision == 2


def test_the_slower_of_two_editors_overwrites_nothing(li: User, root: User) -> None:
    draft = actions.save_draft(patient(45), by=li)
    actions.save_draft(patient(50), by=root, revision=draft.revision)
    with pytest.raises(Outpaced, match="root"):
        actions.save_draft(patient(60), by=li, revision=draft.revision)
    draft.refresh_from_db()
    assert "recency_days: 50" in draft.yaml


def test_a_draft_with_problems_is_not_kept(li: User) -> None:
    with pytest.raises(BadBlueprint):
        actions.save_draft(patient().replace("kind: person", "kind: robot"), by=li)
    assert not BlueprintVersion.objects.exists()


def test_only_drafts_are_published_and_put_away(li: User) -> None:
    version = actions.adopt_shipped("retail", by=li)
    with pytest.raises(BlueprintRefusal):
        actions.publish(version, by=li)
    with pytest.raises(BlueprintRefusal):
        actions.retire(version, by=li)
    draft = actions.save_draft(patient(), by=li)
    assert actions.retire(draft, by=li).state == State.RETIRED
    assert queries.current_version() == version


def test_another_blueprint_can_take_over(li: User) -> None:
    actions.adopt_shipped("retail", by=li)
    actions.adopt_shipped("companies", by=li)
    assert queries.current().key == "companies"
    assert BlueprintVersion.objects.filter(state=State.PUBLISHED).count() == 1


def test_every_change_is_in_the_audit_log(li: User) -> None:
    actions.adopt_shipped("retail", by=li)
    actions.retire(actions.save_draft(patient(), by=li), by=li)
    said = (
        AuditEntry.objects.filter(what__startswith="blueprint.").order_by("pk").values_list("what", flat=True)
    )
    assert list(said) == [
        "blueprint.adopted",
        "blueprint.published",
        "blueprint.draft_begun",
        "blueprint.retired",
    ]


def test_a_difference_is_told_in_words(li: User) -> None:
    old = actions.adopt_shipped("retail", by=li)
    new = actions.save_draft(patient(), by=li)
    changes = queries.compared(old, new, by=li).changes
    assert [(change.what.zh, change.before.zh, change.after.zh) for change in changes] == [
        ("修改 RFM 阈值:R 最近购买天数", "30", "45")
    ]
