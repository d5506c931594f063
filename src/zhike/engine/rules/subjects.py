"""The customers a rule is asked about, with every column it looks at."""

from collections.abc import Iterable, Mapping
from datetime import date

import ibis.expr.types as ir

from zhike.core.rules import (
    FieldTest,
    HasTag,
    InTier,
    MetricTest,
    Rule,
    classes_used,
    dids,
    leaves,
    metrics_used,
    segments_used,
)
from zhike.engine import classes, favourites
from zhike.engine.lake import Session
from zhike.engine.metrics.exact import day
from zhike.engine.rules.deeds import counted


def metrics_needed(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The keys of the metrics that rules look at, in a stable order."""
    return tuple(sorted(frozenset().union(*(metrics_used(rule) for rule in rules))))


def subjects(
    session: Session, metrics: ir.Table, rules: Iterable[Rule], as_of: date, *, among: ir.Table | None = None
) -> ir.Table:
    """The metrics with what else the rules look at: fields, tier, tags, segments, classes and figures of things done.

    `among` (customer_id) says that only the facts of these customers need be read, because `metrics` has no others.
    """
    asked = list(rules)
    tests = [leaf for rule in asked for leaf in leaves(rule)]
    table = metrics
    if _fields_wanted(asked):
        customers = session.table("customers")
        table = _joined(table, customers.select(of=customers.id, fields=customers.fields))
    if _tiers_wanted(asked):
        table = _joined(table, _placed(session, as_of))
    tags = sorted({test.tag for test in tests if isinstance(test, HasTag)})
    if tags:
        table = _joined(table, _tagged(session, tags))
    segments = sorted(frozenset().union(*map(segments_used, asked)))
    if segments:
        table = _joined(table, _belonging(session, segments, as_of))
    for kind in sorted(frozenset().union(*map(classes_used, asked))):
        table = _joined(table, _classed(session, kind, as_of, among))
    for facts in counted(session, [one for rule in asked for one in dids(rule)], as_of, among):
        figures = [name for name in facts.columns if name != "of"]
        table = _joined(table, facts)
        table = table.mutate(**{name: table[name].fill_null(0) for name in figures})
    return table


def tag_column(tag: str) -> str:
    """Whether the customer bears a tag."""
    return f"tag {tag}"


def segment_column(segment: str) -> str:
    """Whether the customer is a member of a segment."""
    return f"segment {segment}"


def class_column(kind: str) -> str:
    """The class of a kind that the customer is in."""
    return f"class {kind}"


def _compared_within(rules: Iterable[Rule]) -> set[str]:
    """The fields whose groups a rule compares with; "" for the tier."""
    tests = [leaf for rule in rules for leaf in leaves(rule) if isinstance(leaf, MetricTest)]
    return {test.by.field for test in tests if test.by}


def _fields_wanted(rules: list[Rule]) -> bool:
    tested = any(isinstance(leaf, FieldTest) for rule in rules for leaf in leaves(rule))
    return tested or any(_compared_within(rules))


def _tiers_wanted(rules: list[Rule]) -> bool:
    tested = any(isinstance(leaf, InTier) for rule in rules for leaf in leaves(rule))
    return tested or "" in _compared_within(rules)


def _joined(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.left_join(right, left.customer_id == right.of).drop("of")


def _placed(session: Session, as_of: date) -> ir.Table:
    placements = session.table("placements")
    current = placements.filter(_open(placements, as_of))
    return current.group_by(of=current.customer_id).aggregate(tier=current.tier.argmax(current.since))


def _open(table: ir.Table, as_of: date) -> ir.BooleanValue:
    return (table.since <= day(as_of)) & (table.until.isnull() | (table.until > day(as_of)))


def _tagged(session: Session, tags: list[str]) -> ir.Table:
    taggings = session.table("taggings")
    taggings = taggings.filter(taggings.tag.isin(tags))
    return _marked(taggings, {tag_column(tag): taggings.tag == tag for tag in tags})


def _belonging(session: Session, segments: list[str], as_of: date) -> ir.Table:
    held = session.table("memberships")
    held = held.filter(held.segment.isin(segments) & _open(held, as_of))
    return _marked(held, {segment_column(one): held.segment == one for one in segments})


def _classed(session: Session, kind: str, as_of: date, among: ir.Table | None) -> ir.Table:
    of_orders = kind in favourites.TABLES
    found = favourites.most(session, kind, as_of, among) if of_orders else classes.held(session, kind)
    return found.select(of=found.customer_id, **{class_column(kind): found.key})


def _marked(table: ir.Table, marks: Mapping[str, ir.BooleanValue]) -> ir.Table:
    return table.group_by(of=table.customer_id).aggregate(
        **{name: mark.any() for name, mark in marks.items()}
    )
