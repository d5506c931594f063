"""Taking staged facts in, set by set: each kind knows its table, its key, and what makes a row wait."""
