"""Opinions: what customers' own words say, for or against, and about which topic; one module per frozen version."""
