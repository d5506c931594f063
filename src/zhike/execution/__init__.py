"""What has to be done for whom by when, and what was done."""
