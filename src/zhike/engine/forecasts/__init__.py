"""What every customer will be worth and whether they will come back: both models, learnt and told in one go.

`learning` and `foretelling` load scipy; this module does not, so that a web process may name its constants.
"""

INTERVAL = 0.8  # how likely a customer's spend lies between low and high
SINCE_PURCHASE = "recency_days"  # a reason whose value follows from the last purchase
