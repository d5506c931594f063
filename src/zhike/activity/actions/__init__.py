"""Everything that adds facts about customers; other stages call these and nothing else."""

from zhike.activity.actions.recording import add_feedback, record_interaction
from zhike.activity.actions.taking import absorb
from zhike.activity.actions.withholding import withhold

__all__ = ["absorb", "add_feedback", "record_interaction", "withhold"]
