"""A blueprint in force and a business date that stands still, for every test of this stage."""

from tests.api.conftest import program
from tests.chunks import retail
from tests.shop import today

__all__ = ["program", "retail", "today"]
