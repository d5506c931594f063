"""The sections of a report, one module each: they ask the table `base` of the session, and say what they found."""
