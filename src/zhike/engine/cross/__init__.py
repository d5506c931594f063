"""Cross analysis: of all pairs of a group of customers and a trait, the statements that matter."""
