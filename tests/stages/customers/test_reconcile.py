"""Whose word counts when sources disagree."""

from zhike.customers.reconcile import Known, Revision, revise

RANKS = {"crm": 80, "shop": 50, "list": 20}


def known(**values: object) -> Known:
    return Known(values=dict(values), origins=dict.fromkeys(values, "crm"), others={})


def after(revision: Revision) -> Known:
    return Known(revision.values, revision.origins, revision.others)


def say(about: Known, source: str, **said: object) -> Revision:
    return revise(about, said, source=source, ranks=RANKS)


def test_a_new_value_is_added_with_its_source() -> None:
    found = say(known(name="张三"), "list", region="310100")
    assert found.values == {"name": "张三", "region": "310100"}
    assert found.origins["region"] == "list" and found.changed == {"region": "value"}


def test_an_equal_value_changes_nothing() -> None:
    assert not say(known(name="张三"), "list", name="张三").touched


def test_a_poorer_source_does_not_overwrite_but_is_kept_beside() -> None:
    found = say(known(region="310100"), "list", region="320500")
    assert found.values["region"] == "310100"
    assert found.others == {"region": {"list": "320500"}} and found.changed == {"region": "other"}


def test_saying_the_same_again_says_nothing_new() -> None:
    once = say(known(region="310100"), "list", region="320500")
    assert not say(after(once), "list", region="320500").touched


def test_a_better_source_overwrites_and_keeps_what_stood_there() -> None:
    poor = say(Known({}, {}, {}), "list", region="320500")
    better = say(after(poor), "crm", region="310100")
    assert better.values["region"] == "310100" and better.origins["region"] == "crm"
    assert better.others == {"region": {"list": "320500"}}


def test_a_source_corrects_itself() -> None:
    found = say(known(region="310100"), "crm", region="320500")
    assert found.values["region"] == "320500" and found.others == {}


def test_of_equals_the_later_one_counts_and_repeating_both_changes_nothing() -> None:
    ranks = {"a": 50, "b": 50}
    first = revise(Known({}, {}, {}), {"region": "310100"}, source="a", ranks=ranks)
    second = revise(after(first), {"region": "320500"}, source="b", ranks=ranks)
    assert second.values["region"] == "320500"
    assert not revise(after(second), {"region": "310100"}, source="a", ranks=ranks).touched
    assert not revise(after(second), {"region": "320500"}, source="b", ranks=ranks).touched


def test_a_better_source_that_agrees_vouches_for_the_value() -> None:
    poor = say(Known({}, {}, {}), "list", region="320500")
    vouched = say(after(poor), "crm", region="320500")
    assert vouched.origins["region"] == "crm" and not vouched.changed and vouched.touched
    assert say(after(vouched), "shop", region="310100").values["region"] == "320500"
