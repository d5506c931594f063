"""Kernel's tables: people, audit, jobs, tokens, the installation, deletions for the lake."""

from zhike.kernel.models.audit import AuditEntry
from zhike.kernel.models.installation import Installation
from zhike.kernel.models.job import Job, JobState
from zhike.kernel.models.people import Department, Invitation, Scope, User
from zhike.kernel.models.token import ApiToken
from zhike.kernel.models.tracked import Deletion, Tracked, TransactionIdField

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Deletion",
    "Department",
    "Installation",
    "Invitation",
    "Job",
    "JobState",
    "Scope",
    "Tracked",
    "TransactionIdField",
    "User",
]
