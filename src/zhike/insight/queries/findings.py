"""The statements of the latest cross analysis, each with its words and the customers behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhike.blueprint import queries as blueprints
from zhike.core import figures
from zhike.core.text import Text, speaking
from zhike.engine.cross.chance import Fourfold
from zhike.insight.cross_words import Named
from zhike.insight.models import Run
from zhike.insight.queries.scores import latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: of `group`'s customers, so many have `trait`."""

    group: Named
    trait: Named
    seen: Fourfold
    share: tuple[float, float]
    lift: tuple[float, float]
    q: float

    @property
    def words(self) -> Text:
        """The statement as a sentence."""
        return Text(self._zh(), self._en())

    @property
    def narrowed(self) -> dict[str, str]:
        """The filters of the list for the customers of the group that have the trait; of the group, if both need one filter."""
        group, trait = self.group.narrowed(), self.trait.narrowed()
        if {*group} & {*trait} == {"metric"}:
            return {"metric": ",".join((group["metric"], trait["metric"]))}
        return {**trait, **group}

    @property
    def whole(self) -> bool:
        """Whether the list can show exactly these customers."""
        return {*self.group.narrowed()} & {*self.trait.narrowed()} <= {"metric"}

    @property
    def rule(self) -> dict[str, Any] | None:
        """The rule for the customers of the group that have the trait; None where rules cannot say one of the two."""
        group, trait = self.group.rule(), self.trait.rule()
        return {"all": [group, trait]} if group and trait else None

    @property
    def unruled(self) -> Text | None:
        """Why no rule finds these customers; None where one does."""
        return self.group.unruled() or self.trait.unruled()

    @property
    def title(self) -> Text:
        """The customers of the group that have the trait, as a name."""
        (group, one), (trait, other) = ((side.label, side.said) for side in (self.group, self.trait))
        return Text(
            f"{group.zh} {one.zh} · {trait.zh} {other.zh}", f"{group.en} {one.en} · {trait.en} {other.en}"
        )

    def _zh(self) -> str:
        with speaking("zh"):
            share, lift = figures.share_whole(self.seen.share), figures.plain(self.seen.lift, 1)
        return f"{self.group.group().zh}中 {share} {self.trait.trait().zh},为全体的 {lift} 倍"

    def _en(self) -> str:
        with speaking("en"):
            share, lift = figures.share_whole(self.seen.share), figures.plain(self.seen.lift, 1)
        return f"{share} of {self.group.group().en} {self.trait.trait().en}, {lift} times the share among all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """The statements with the run that found them."""

    run: Run
    told: tuple[Statement, ...]


ORDERS: Mapping[str, Callable[[Statement], float]] = {
    "lift": lambda one: -one.lift[0],
    "share": lambda one: -one.seen.share,
    "customers": lambda one: -one.seen.both,
}


def crossed() -> Crossed | None:
    """The statements of the latest run, the most useful first; None before the first. They are about all customers."""
    run = latest(Run.Kind.CROSS)
    spec = blueprints.current_or_none()
    if run is None or spec is None:
        return None
    named = [_statement(spec, run.params["bands"], one) for one in run.params["told"]]
    return Crossed(run=run, told=tuple(named))


def sorted_by(told: Sequence[Statement], order: str) -> list[Statement]:
    """In another order; equal ones stay as useful as they are."""
    return sorted(told, key=ORDERS[order]) if order in ORDERS else list(told)


def _statement(spec: Any, bands: Mapping[str, Any], raw: Mapping[str, Any]) -> Statement:
    group, trait = (Named(spec, bands, *raw[side]) for side in ("group", "trait"))
    share, lift = ((low, high) for low, high in (raw["share"], raw["lift"]))
    return Statement(
        group=group, trait=trait, seen=Fourfold(*raw["seen"]), share=share, lift=lift, q=raw["q"]
    )
