"""The balance sheet of the customer base between any two days: computed by a job, kept in the lake, read within a scope."""
