"""What templates of the insight stage may call."""
