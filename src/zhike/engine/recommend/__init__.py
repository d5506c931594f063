"""Recommendation: what customers are likely to buy again, and what for the first time; one module per frozen version."""
