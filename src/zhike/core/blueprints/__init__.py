"""Blueprints: one YAML language for fields, thresholds, tiers, strategies and KPIs; read, written and compared."""

from zhike.core.blueprints.comparing import Change, How, compare
from zhike.core.blueprints.problems import BadBlueprint, Problem
from zhike.core.blueprints.reading import read
from zhike.core.blueprints.specs import (
    ALL_TIERS,
    OWNER_ROLES,
    Aggregate,
    Better,
    BlueprintSpec,
    Every,
    ForecastSpec,
    Kind,
    KpiSpec,
    MeasureSpec,
    Module,
    RfmMethod,
    RfmSpec,
    StrategySpec,
    TagSpec,
    TierColor,
    TierSpec,
)
from zhike.core.blueprints.writing import write

__all__ = [
    "ALL_TIERS",
    "OWNER_ROLES",
    "Aggregate",
    "BadBlueprint",
    "Better",
    "BlueprintSpec",
    "Change",
    "Every",
    "ForecastSpec",
    "How",
    "Kind",
    "KpiSpec",
    "MeasureSpec",
    "Module",
    "Problem",
    "RfmMethod",
    "RfmSpec",
    "StrategySpec",
    "TagSpec",
    "TierColor",
    "TierSpec",
    "compare",
    "read",
    "write",
]
