"""How far a share or a lift may be off by chance, and how likely chance alone would show it; closed forms, no scipy.

Sources: E. B. Wilson, "Probable inference" (1927) for the interval of a share; D. Katz et al., "Obtaining confidence
intervals for the risk ratio" (1978) for that of a ratio of shares; R. A. Fisher's exact test, and Pearson's chi-square with
one degree of freedom where every expected count is at least five; Y. Benjamini and Y. Hochberg, "Controlling the false
discovery rate" (1995) for many tests at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt

Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations
ENOUGH = 5  # expected customers in every cell, for chi-square to be near enough
NEGLIGIBLE = 1e-17


@dataclass(frozen=True, slots=True)
class Fourfold:
    """Customers by two yes-or-no questions: `both`, of the group, with the trait, and all."""

    both: int
    group: int
    trait: int
    whole: int

    @property
    def share(self) -> float:
        """The share of the group that has the trait."""
        return self.both / self.group

    @property
    def overall(self) -> float:
        """The share of all that has it."""
        return self.trait / self.whole

    @property
    def lift(self) -> float:
        """How many times the overall share the group's share is."""
        return self.both * self.whole / (self.group * self.trait)


def share_interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of part / whole; `whole` above 0."""
    share = part / whole
    center = share + Z * Z / (2 * whole)
    off = Z * sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole))
    below = 1 + Z * Z / whole
    low = 0.0 if part == 0 else max(0.0, (center - off) / below)
    return low, 1.0 if part == whole else min(1.0, (center + off) / below)


def lift_interval(seen: Fourfold) -> tuple[float, float]:
    """The 95 % interval of the lift over the whole, from that of the ratio to the rest (log scale).

    With w the group's share of all, lift = ratio / (w × ratio + 1 − w), which rises with the ratio. Half a customer is added to
    each cell where one is empty. Needs somebody outside the group.
    """
    rest = seen.whole - seen.group
    elsewhere = seen.trait - seen.both
    extra = 0.5 if 0 in (seen.both, elsewhere) else 0.0
    both, group = seen.both + extra, seen.group + 2 * extra
    outside, of_rest = elsewhere + extra, rest + 2 * extra
    ratio = log(both / group) - log(outside / of_rest)
    off = Z * sqrt(max(1 / both - 1 / group + 1 / outside - 1 / of_rest, 0.0))
    weight = seen.group / seen.whole
    low, high = (exp(end) / (weight * exp(end) + 1 - weight) for end in (ratio - off, ratio + off))
    return min(low, seen.lift), max(high, seen.lift)


def p_value(seen: Fourfold) -> float:
    """How likely chance alone puts the trait so unevenly (two-sided): chi-square, or exact where customers are few."""
    group, trait, whole = seen.group, seen.trait, seen.whole
    if min(group, trait, whole - group, whole - trait) == 0:
        return 1.0
    fewest = min(group, whole - group) * min(trait, whole - trait) / whole
    if fewest < ENOUGH:
        return _exact(seen)
    off = seen.both * whole - group * trait
    chi_square = off * off / (group * trait * (whole - group) * (whole - trait)) * whole
    return erfc(sqrt(chi_square / 2))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Each p as the share of false findings to be expected among all that are at least as clear (Benjamini–Hochberg)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    found = [1.0] * len(p_values)
    least = 1.0
    for place, index in enumerate(order):
        least = min(least, p_values[index] * len(p_values) / (len(p_values) - place))
        found[index] = least
    return found


def _exact(seen: Fourfold) -> float:
    """Twice the smaller tail of the hypergeometric distribution, at most 1."""
    mean = seen.group * seen.trait / seen.whole
    step = 1 if seen.both >= mean else -1
    return min(1.0, 2 * _tail(seen, step))


def _tail(seen: Fourfold, step: int) -> float:
    """The probability of as many in common as seen, or of more (step 1) or fewer (step -1)."""
    least = max(0, seen.group + seen.trait - seen.whole)
    most = min(seen.group, seen.trait)
    both, total = seen.both, 0.0
    while least <= both <= most:
        term = exp(_log_probability(seen, both))
        total += term
        if term < total * NEGLIGIBLE:
            break
        both += step
    return total


def _log_probability(seen: Fourfold, both: int) -> float:
    ways = _log_choose(seen.trait, both)
    ways += _log_choose(seen.whole - seen.trait, seen.group - both)
    return ways - _log_choose(seen.whole, seen.group)


def _log_choose(of: int, take: int) -> float:
    return lgamma(of + 1) - lgamma(take + 1) - lgamma(of - take + 1)
