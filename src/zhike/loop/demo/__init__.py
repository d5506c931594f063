"""The demonstration: a year of real baskets, generated people, and the loop run for each month of 2017."""

from zhike.loop.demo.build import build

__all__ = ["build"]
