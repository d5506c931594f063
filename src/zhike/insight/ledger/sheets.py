"""Statements and the customers behind them as Excel workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zhike.customers import queries as customers
from zhike.engine.ledger import MOVEMENTS, Slice, Sums
from zhike.engine.ledger.statement import money
from zhike.insight.ledger import drilling, words
from zhike.insight.ledger.drilling import Asked
from zhike.insight.ledger.reading import Sheet as Statement_
from zhike.insight.models import Statement
from zhike.kernel import workbooks
from zhike.kernel.models import User
from zhike.kernel.workbooks import Cell, Sheet


def whole(sheet: Statement_) -> HttpResponse:
    """The statement, its revenue, and a sheet per dimension."""
    statement = sheet.statement
    parts = [_sliced(sheet, key, label) for key, label in words.dimensions().items()]
    return workbooks.answer(
        _named("ledger", statement), [_movements(sheet), _revenue(sheet), *parts, _notes(statement)]
    )


def people(user: User, statement: Statement, asked: Asked, title: str) -> HttpResponse:
    """The customers behind a figure, with their amounts."""
    header = [
        _("Customer code"), _("Name"), _("Movement"), _("Opening"), _("Model change"), _("Changed by"), _("Closing"),
        _("Revenue of the period"), _("Last purchase"), _("Tier at the opening"), _("Tier at the closing"),
    ]  # fmt: skip
    rows = _people(user, statement, asked)
    return workbooks.answer(
        _named("ledger-customers", statement), [Sheet(name=title, header=header, rows=rows)]
    )


def _people(user: User, statement: Statement, asked: Asked) -> Iterator[list[Cell]]:
    tiers = {key: one.label for key, one in words.names("tier", [*words.tier_keys(), ""]).items()}
    for line in drilling.every(user, statement, asked):
        was, now = (tiers.get(tier, tier) for tier in line.tiers)
        yield [
            line.customer.code, customers.shown_name(user, line.customer), words.movement(line.movement)[0], line.opening,
            line.model, line.change, line.closing, line.revenue, line.last, was, now,
        ]  # fmt: skip


def _movements(sheet: Statement_) -> Sheet:
    total = sheet.total
    low, high = _("95% low"), _("95% high")
    opening, closing = sheet.interval(0), sheet.interval(1)
    moves: list[list[Cell]] = [
        [words.movement(key)[0], total.number(key), total.amount(key), None, None, words.movement(key)[1]]
        for key in MOVEMENTS
    ]
    rows: list[list[Cell]] = [
        [_("Opening"), None, total.opening, opening.low, opening.high, f"{sheet.statement.first}"],
        *moves,
        [_("Model change"), None, total.model, None, None, ""],
        [_("Closing"), None, total.closing, closing.low, closing.high, f"{sheet.statement.second}"],
    ]
    header = [_("Movement"), _("Customers"), _("Worth"), low, high, _("What it means")]
    return Sheet(name=_("Movements"), header=header, rows=rows)


def _revenue(sheet: Statement_) -> Sheet:
    control, total = sheet.control, sheet.total
    rows: list[list[Cell]] = [
        [_("Earned up to {day}").format(day=sheet.statement.first), control.earned0],
        [_("+ orders of the period"), control.ordered],
        [_("− returns of the period"), control.returned],
        [_("Earned up to {day}").format(day=sheet.statement.second), control.earned1],
        [_("of the period: new customers"), total.revenue(new=True)],
        [_("of the period: existing customers"), total.revenue(new=False)],
        [_("Difference between statement and orders"), sheet.difference],
    ]
    return Sheet(name=_("Revenue"), header=["", _("Amount")], rows=rows)


def _sliced(sheet: Statement_, dimension: str, label: str) -> Sheet:
    slices = {one.key: one for one in sheet.slices[dimension]}
    moves = [words.movement(key)[0] for key in MOVEMENTS]
    header = [
        label, _("Customers"), _("Opening"), _("Moved here"), *moves, _("Model change"), _("Closing"), _("Earned before"),
        _("Moved here"), _("Orders"), _("Returns"), _("Earned by the end"), _("Balances"),
    ]  # fmt: skip
    rows = [_slice(slices[key], name.label) for key, name in words.names(dimension, slices).items()]
    return Sheet(name=label, header=header, rows=rows)


def _slice(one: Slice, label: str) -> list[Cell]:
    end = one.closing
    moves: list[Decimal] = [money(one.movements.get(key, Sums()).change) for key in MOVEMENTS]
    earned1 = end.earned0 + end.ordered - end.returned
    return [
        label, end.customers, money(one.opening.opening), money(one.came.opening - one.went.opening), *moves,
        money(end.model), money(end.closing), money(one.opening.earned0), money(one.came.earned0 - one.went.earned0),
        money(end.ordered), money(end.returned), money(earned1), "✓" if one.balances else "✗",
    ]  # fmt: skip


def _notes(statement: Statement) -> Sheet:
    said = [*words.notes(statement), words.about_slices(statement, "manager")]
    return Sheet(name=_("Notes"), header=[_("How it is computed")], rows=[[one] for one in said])


def _named(what: str, statement: Statement) -> str:
    return f"{what}-{statement.first:%Y%m%d}-{statement.second:%Y%m%d}"
