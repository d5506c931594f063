"""The metrics a blueprint may name: the catalogue, and windows of any length such as orders_45d."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from zhike.engine.metrics import CATALOGUE, Metric, metric

_WINDOWED = re.compile(r"(?:orders|spend)_[1-9]\d{0,3}[dm]")


class KnownMetrics(Mapping[str, Metric]):
    """Iterates over the catalogue, and finds windows beyond it."""

    def __getitem__(self, key: str) -> Metric:
        if key in CATALOGUE:
            return CATALOGUE[key]
        if isinstance(key, str) and _WINDOWED.fullmatch(key):
            return metric(key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(CATALOGUE)

    def __len__(self) -> int:
        return len(CATALOGUE)


METRICS = KnownMetrics()
