"""Pages of the intake stage."""
