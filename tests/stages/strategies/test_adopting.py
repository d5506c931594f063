"""A blueprint's strategies come into force, and make way for newer ones."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from tests.care import TODAY, customer

from zhike.blueprint import actions as blueprint
from zhike.blueprint import queries as blueprints
from zhike.kernel.models import AuditEntry
from zhike.strategies import actions, queries
from zhike.strategies.actions import StrategyRefusal
from zhike.strategies.models import Measure, Strategy, StrategyException

LATER = date(2017, 6, 1)


def changed(old: str, new: str, by) -> object:
    yaml = blueprints.current_version().yaml
    assert old in yaml
    return blueprint.publish(blueprint.save_draft(yaml.replace(old, new), by=by), by=by)


@pytest.mark.django_db
def test_every_strategy_of_the_blueprint_is_in_force(in_force):
    spec = blueprints.current()
    assert [one.tier for one in queries.in_force(TODAY)] == [one.tier for one in spec.strategies]
    assert Measure.objects.count() == sum(len(one.measures) for one in spec.strategies)
    assert queries.due_measures(date(2017, 2, 28)) == []
    due = {one.key: one for one in queries.due_measures(TODAY)}
    assert due["strategic.strategic_first_visit"].days_due == 3


@pytest.mark.django_db
def test_adopting_again_changes_nothing(in_force, root):
    before, entries = list(Strategy.objects.values()), AuditEntry.objects.count()
    receipt = actions.adopt(in_force, effective_from=LATER, by=root)
    assert (receipt.begun, receipt.ended, receipt.kept) == (0, 0, len(before))
    assert list(Strategy.objects.values()) == before
    assert AuditEntry.objects.count() == entries


@pytest.mark.django_db
def test_only_the_changed_tier_gets_a_new_strategy(in_force, root):
    version = changed(
        "title: {zh: 月度关怀, en: Monthly care}", "title: {zh: 月度致电, en: Monthly call}", root
    )
    receipt = actions.adopt(version, effective_from=LATER, by=root)
    assert (receipt.begun, receipt.ended) == (1, 1)
    old, new = Strategy.objects.filter(tier="strategic").order_by("pk")
    assert (old.until, new.effective_from, new.until, new.version) == (LATER, LATER, None, version)
    assert queries.measure_names()["strategic.strategic_monthly_care"].zh == "月度致电"
    assert [one.pk for one in queries.in_force(TODAY).filter(tier="strategic")] == [old.pk]
    assert [one.pk for one in queries.in_force(LATER).filter(tier="strategic")] == [new.pk]
    assert len(queries.history("strategic")) == 2


@pytest.mark.django_db
def test_two_strategies_of_one_tier_are_never_in_force(in_force):
    one = Strategy.objects.get(tier="core")
    one.pk, one.key = None, "11111111-1111-4111-8111-111111111111"
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save(force_insert=True)


@pytest.mark.django_db
def test_exceptions_replace_each_other_and_end(in_force, li, wang):
    one = customer(wang, tier="strategic")
    first = actions.make_exception(customer=one, kind="skip", reason="出国", by=li)
    second = actions.make_exception(customer=one, kind="skip", reason="还在国外", until=LATER, by=li)
    first.refresh_from_db()
    assert first.ended_by == li
    assert [found.pk for found in queries.exceptions_of(wang, one, TODAY)] == [second.pk]
    assert not queries.exceptions_in_force(date(2017, 6, 2)).exists()
    actions.end_exception(exception=second, by=li)
    assert actions.end_exception(exception=second, by=li).ended_at
    assert AuditEntry.objects.filter(what="strategies.exception_ended").count() == 1


@pytest.mark.django_db
def test_exceptions_that_make_no_sense_are_refused(in_force, li, wang):
    one = customer(wang, tier="strategic")
    with pytest.raises(StrategyRefusal):
        actions.make_exception(customer=one, kind="skip", reason="x", until=date(2017, 2, 1), by=li)
    with pytest.raises(StrategyRefusal):
        actions.make_exception(customer=one, kind="skip", reason="x", measure_key="core.nothing", by=li)
    for kind in ("owner", "cycle", "note"):
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.make_exception(customer=one, kind=kind, reason="x", by=li)


@pytest.mark.django_db
def test_two_customers_become_one(in_force, li, wang):
    kept, gone = customer(wang, tier="strategic"), customer(wang, tier="strategic")
    for one in (kept, gone):
        actions.make_exception(customer=one, kind="skip", reason="出国", by=li)
    actions.make_exception(customer=gone, kind="note", note="下午", reason="要求", by=li)
    actions.merge(kept.pk, gone.pk)
    assert StrategyException.objects.filter(customer=kept, ended_at=None).count() == 2


@pytest.mark.django_db
def test_a_review_keeps_the_figures_it_was_taken_on(in_force, li):
    strategy = queries.strategy_of("core")
    said = actions.review(
        strategy=strategy, quarter="2017-Q1", decision="keep", note="好", figures={"done": 3}, by=li
    )
    again = actions.review(
        strategy=strategy, quarter="2017-Q1", decision="change", note="改", figures={}, by=li
    )
    assert said.pk == again.pk
    assert AuditEntry.objects.filter(what="strategies.reviewed").count() == 2
    with pytest.raises(StrategyRefusal):
        actions.review(strategy=strategy, quarter="2017-Q2", decision="keep", note="早", figures={}, by=li)


@pytest.mark.django_db(transaction=True)
def test_two_workers_adopt_once(pinned, root, monkeypatch):
    from tests.care import set_up_tiers

    from zhike.kernel import jobs

    known = jobs.Definition("loop.republished", "default", lambda run: None)
    monkeypatch.setitem(jobs._definitions, "loop.republished", known)
    version = blueprint.adopt_shipped("retail", by=root)
    set_up_tiers(version)
    ready, receipts = Barrier(2), []

    def work():
        try:
            ready.wait()
            receipts.append(actions.adopt(version, effective_from=TODAY))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.begun for receipt in receipts)[0] == 0
    assert len(receipts) == 2
