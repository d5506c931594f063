"""Pages of the activity stage."""
