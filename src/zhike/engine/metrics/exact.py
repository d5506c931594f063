"""Exact arithmetic in Ibis: whole numbers inside, decimals outside, halves rounded up."""

from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir


def day(moment: date) -> ir.DateScalar:
    """A date as an Ibis literal."""
    return ibis.literal(moment, type="date")


def days_since(earlier: ir.Value, as_of: ir.DateScalar) -> ir.Value:
    """Whole days from a date column to `as_of`."""
    return as_of.delta(earlier, unit="day")


def scaled(value: ir.Value, places: int) -> ir.Value:
    """A decimal as a whole number of its smallest units."""
    return (value.cast(f"decimal(18, {places})") * 10**places).cast("int64")


def cents(value: ir.Value) -> ir.Value:
    """An amount as a whole number of cents, in which parts are kept: whole numbers are quick to reckon with."""
    return scaled(value, 2)


def divided(above: ir.Value, below: ir.Value, *, places: int) -> ir.Value:
    """above / below for whole numbers as a decimal with `places` digits, halves up; null unless below > 0.

    Exact while 2 * above * 10**places stays below 2**53, the range in which a float division floors correctly.
    """
    units = (above * (2 * 10**places) + below) // ibis.cases((below > 0, below * 2))
    return decimal(units, places)


def days_between(earlier: ir.Value, later: ir.Value) -> ir.Value:
    """Whole days from one date column to another."""
    return later.delta(earlier, unit="day")


def money(value: ir.Value) -> ir.Value:
    """An amount out of cents."""
    return decimal(value, 2)


def decimal(units: ir.Value, places: int) -> ir.Value:
    """A decimal out of the number of its smallest units, below 10**17 of them.

    DuckDB multiplies decimals of at most 18 digits as whole numbers, twice as quick as by way of a float.
    """
    unit = ibis.literal(Decimal(1).scaleb(-places), type=f"decimal(17, {places})")
    return (units.cast("decimal(17, 0)") * unit).cast(f"decimal(18, {places})")
