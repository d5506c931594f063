"""The closed loop told in order: collecting, daily, quarterly."""
