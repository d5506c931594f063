"""Pages of the execution stage."""
