"""Linear algebra on one core: small problems solved by many threads wait for each other, for milliseconds per step.

OpenBLAS lets its threads spin; beside a busy worker a fit of 3 ms took 200. One thread also rounds the same way on every machine.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

Given = ParamSpec("Given")
Found = TypeVar("Found")


def on_one_core(work: Callable[Given, Found]) -> Callable[Given, Found]:
    """Run a function with BLAS on a single thread."""

    @wraps(work)
    def alone(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with _libraries().limit(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return alone


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
