"""What we intend to do for each tier: measures, owner, cycle, and the exceptions of single customers."""
