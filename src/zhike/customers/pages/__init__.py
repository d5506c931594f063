"""Pages of the customers stage."""
