"""How sets of customers are computed: the lake, metrics, RFM, rules, tiers and effect, without Django."""
