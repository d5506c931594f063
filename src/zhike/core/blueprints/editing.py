"""Small changes to a blueprint, each giving a new one; whether the whole still holds is for `read` to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from pypinyin import lazy_pinyin

from zhike.core.blueprints.specs import BlueprintSpec, KpiSpec, StrategySpec, TagSpec, TierSpec
from zhike.core.fields import FieldSpec


def put_field(spec: BlueprintSpec, field: FieldSpec) -> BlueprintSpec:
    """Add a field to its module, or replace the one of the same key where it stands."""
    modules = []
    for module in spec.modules:
        here = [one for one in module.fields if one.key != field.key or module.key == field.module]
        if module.key == field.module:
            here = _put(here, field)
        modules.append(replace(module, fields=tuple(here)))
    return replace(spec, modules=tuple(modules))


def drop_field(spec: BlueprintSpec, key: str) -> BlueprintSpec:
    """Take a field out."""
    modules = tuple(
        replace(module, fields=tuple(one for one in module.fields if one.key != key))
        for module in spec.modules
    )
    return replace(spec, modules=modules)


def put_tier(spec: BlueprintSpec, tier: TierSpec) -> BlueprintSpec:
    """Replace a tier where it stands; a new one comes before the last, which takes whoever is left."""
    tiers = list(spec.tiers)
    if spec.tier(tier.key) is not None:
        tiers = _put(tiers, tier)
    else:
        tiers.insert(max(len(tiers) - 1, 0), tier)
    return replace(spec, tiers=_numbered(tiers))


def drop_tier(spec: BlueprintSpec, key: str) -> BlueprintSpec:
    """Take a tier out, with its strategy and the targets that hold for it alone."""
    return replace(
        spec,
        tiers=_numbered(one for one in spec.tiers if one.key != key),
        strategies=tuple(one for one in spec.strategies if one.tier != key),
        kpis=tuple(_without_tier(one, key) for one in spec.kpis),
    )


def _without_tier(kpi: KpiSpec, key: str) -> KpiSpec:
    if key not in kpi.target_tiers:
        return kpi
    left = tuple(one for one in kpi.target_tiers if one != key)
    return replace(kpi, target_tiers=left, target=kpi.target if left else None)


def move_tier(spec: BlueprintSpec, key: str, *, up: bool) -> BlueprintSpec:
    """Try a tier earlier or later; the last one stays last."""
    tiers = list(spec.tiers)
    at = next((n for n, tier in enumerate(tiers) if tier.key == key), -1)
    to = at - 1 if up else at + 1
    if not 0 <= at < len(tiers) - 1 or not 0 <= to < len(tiers) - 1:
        return spec
    tiers[at], tiers[to] = tiers[to], tiers[at]
    return replace(spec, tiers=_numbered(tiers))


def put_tag(spec: BlueprintSpec, tag: TagSpec) -> BlueprintSpec:
    """Add or replace a tag."""
    return replace(spec, tags=tuple(_put(spec.tags, tag)))


def drop_tag(spec: BlueprintSpec, key: str) -> BlueprintSpec:
    """Take a tag out."""
    return replace(spec, tags=tuple(one for one in spec.tags if one.key != key))


def put_strategy(spec: BlueprintSpec, strategy: StrategySpec) -> BlueprintSpec:
    """Add or replace the strategy of a tier."""
    others = [one for one in spec.strategies if one.tier != strategy.tier]
    order = {tier.key: tier.order for tier in spec.tiers}
    together = sorted([*others, strategy], key=lambda one: order.get(one.tier, len(order)))
    return replace(spec, strategies=tuple(together))


def put_kpi(spec: BlueprintSpec, kpi: KpiSpec) -> BlueprintSpec:
    """Add or replace a KPI."""
    return replace(spec, kpis=tuple(_put(spec.kpis, kpi)))


def drop_kpi(spec: BlueprintSpec, key: str) -> BlueprintSpec:
    """Take a KPI out."""
    return replace(spec, kpis=tuple(one for one in spec.kpis if one.key != key))


def key_from(label: str, taken: Collection[str], *, fallback: str = "item") -> str:
    """Make a key out of words in any language that no other thing has: 会员等级 → hui_yuan_deng_ji."""
    words = "_".join(lazy_pinyin(label)).lower()
    base = re.sub(r"[^a-z0-9]+", "_", words).strip("_").lstrip("0123456789_")[:36] or fallback
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def _put(things: Iterable[Any], thing: Any) -> list[Any]:
    listed = list(things)
    if any(one.key == thing.key for one in listed):
        return [thing if one.key == thing.key else one for one in listed]
    return [*listed, thing]


def _numbered(tiers: Iterable[TierSpec]) -> tuple[TierSpec, ...]:
    return tuple(replace(tier, order=number) for number, tier in enumerate(tiers, 1))
