"""All metrics by key."""

from collections.abc import Mapping
from types import MappingProxyType

from zhike.engine.metrics.declaration import Metric
from zhike.engine.metrics.growth import GROWTH
from zhike.engine.metrics.habits import HABITS
from zhike.engine.metrics.purchases import PURCHASES, orders_within, spend_within
from zhike.engine.metrics.relations import RELATIONS
from zhike.engine.metrics.worth import WORTH

CATALOGUE: Mapping[str, Metric] = MappingProxyType(
    {metric.key: metric for metric in (*PURCHASES, *HABITS, *WORTH, *RELATIONS, *GROWTH)}
)

_WINDOWED = {"spend": spend_within, "orders": orders_within}


def metric(key: str) -> Metric:
    """The metric of a key; any window such as orders_45d or spend_6m is understood. KeyError when unknown."""
    if key in CATALOGUE:
        return CATALOGUE[key]
    name, _, window = key.rpartition("_")
    if name in _WINDOWED and window[:-1].isdigit() and int(window[:-1]) > 0 and window[-1] in "dm":
        length = int(window[:-1])
        return _WINDOWED[name](months=length) if window[-1] == "m" else _WINDOWED[name](days=length)
    raise KeyError(key)
