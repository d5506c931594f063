"""The company in care of its customers, for every test of this stage."""

from tests.care import in_force, pinned

__all__ = ["in_force", "pinned"]
