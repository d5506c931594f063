"""The pages of the insight stage: RFM, distributions and the metric catalogue."""
