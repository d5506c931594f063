"""Taking staged rows in: read what they say, find who they are, decide, and write in a few set statements."""
