"""Customer value v1: BG/NBD by grouped maximum likelihood, Gamma-Gamma, value with interval. Frozen once released.

Sources: P. S. Fader, B. G. S. Hardie & K. L. Lee, "'Counting Your Customers' the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 24(2), 2005; P. S. Fader & B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value",
2013. Only arrays come in and go out; scipy is loaded with this package, so pages that only name methods must not load it.
"""

from zhike.engine.clv.v1.checking import BadHoldout, Bin, Holdout, holdout
from zhike.engine.clv.v1.fitting import Fit, fit
from zhike.engine.clv.v1.purchases import (
    BadHorizon,
    expected_purchases,
    p_alive,
    p_purchase,
    purchase_interval,
)
from zhike.engine.clv.v1.rows import BadHistory
from zhike.engine.clv.v1.spend import BadSpend, SpendFit, expected_spend, fit_spend
from zhike.engine.clv.v1.value import Horizon, Value, value

METHOD = "clv"
VERSION = 1

__all__ = [
    "METHOD",
    "VERSION",
    "BadHistory",
    "BadHoldout",
    "BadHorizon",
    "BadSpend",
    "Bin",
    "Fit",
    "Holdout",
    "Horizon",
    "SpendFit",
    "Value",
    "expected_purchases",
    "expected_spend",
    "fit",
    "fit_spend",
    "holdout",
    "p_alive",
    "p_purchase",
    "purchase_interval",
    "value",
]
