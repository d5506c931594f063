"""What the Makefile calls: front-end parts, messages, lock files."""
