"""The pages of the tiers stage: board, one tier, moves, reasons, tags."""
