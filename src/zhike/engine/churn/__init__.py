"""Churn: the probability that a customer does not buy within a horizon, one module per frozen version."""
