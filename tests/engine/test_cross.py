"""Cross findings against plain Python on random customers, and on cases a reader can follow."""

import random
from itertools import permutations
from math import comb, erfc, exp, log, sqrt
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.engine.cross import v1
from zhike.engine.cross.chance import Fourfold, adjusted, lift_interval, p_value, share_interval
from zhike.engine.lake import Session

Row = dict[str, Any]
LOOSE = v1.Limits(group=3, both=2, values=3, rate=0.8, lift=0.5, overlap=0.7)
Z = 1.959964


def poured(session: Session, rows: list[Row], columns: list[str]) -> Any:
    """A table of customers as the engine gets it."""
    name = f"frame_{uuid4().hex}"
    listed = ", ".join(f"{column} VARCHAR" for column in columns)
    session.cursor.execute(f"CREATE TEMP TABLE {name} (customer_id BIGINT, {listed})")
    places = ", ".join("?" for _ in range(len(columns) + 1))
    for number, row in enumerate(rows):
        session.cursor.execute(
            f"INSERT INTO {name} VALUES ({places})", [number, *(row[column] for column in columns)]
        )
    return session._known("temp", name)


def frequent(rows: list[Row], column: str, limits: v1.Limits) -> list[str]:
    """The values that count, from the definition."""
    said = [row[column] for row in rows if row[column]]
    ranked = sorted({*said}, key=lambda value: (-said.count(value), value))
    return [value for value in ranked if said.count(value) >= limits.both][: limits.values]


def chance(both: int, group: int, trait: int, whole: int) -> float:
    """p by Pearson's sum over the four cells, or by counting all ways."""
    expected = [one * other / whole for one in (group, whole - group) for other in (trait, whole - trait)]
    if min(expected) >= 5:
        cells = [both, group - both, trait - both, whole - group - trait + both]
        return erfc(sqrt(sum((o - e) ** 2 / e for o, e in zip(cells, expected, strict=True)) / 2))
    ways = {n: comb(trait, n) * comb(whole - trait, group - n) for n in range(min(group, trait) + 1)}
    far = [n for n in ways if (n >= both if both >= group * trait / whole else n <= both)]
    return min(1.0, 2 * sum(ways[n] for n in far) / comb(whole, group))


def cramer(rows: list[Row], known: list[Row], one: str, other: str, limits: v1.Limits) -> float:
    """V from the squares over the expected counts; values that do not count are one."""
    kept = {key: frequent(rows, key, limits) for key in (one, other)}
    seen = [tuple(row[key] if row[key] in kept[key] else "else" for key in (one, other)) for row in known]
    first, second = ({pair[side] for pair in seen} for side in (0, 1))
    chi_square = 0.0
    for a in first:
        for b in second:
            expected = sum(pair[0] == a for pair in seen) * sum(pair[1] == b for pair in seen) / len(seen)
            chi_square += (seen.count((a, b)) - expected) ** 2 / expected
    shorter = min(len(first), len(second)) - 1
    return sqrt(chi_square / len(seen) / shorter) if seen and shorter > 0 else 0.0


def lowest_lift(both: int, group: int, trait: int, whole: int) -> float:
    """The lower end, by the ratio to the rest."""
    out, rest = trait - both, whole - group
    add = 0.5 if 0 in (both, out) else 0
    p, q = (both + add) / (group + 2 * add), (out + add) / (rest + 2 * add)
    off = sqrt((1 - p) / (both + add) + (1 - q) / (out + add))
    ratio = exp(log(p / q) - Z * off)
    share = group / whole
    return min(ratio / (share * ratio + 1 - share), both * whole / group / trait)


def oracle(rows: list[Row], dimensions: list[v1.Dimension], limits: v1.Limits) -> tuple[list[Row], int]:
    """Every statement with its figures, the best first, and the number of tests."""
    tests = []
    for one, other in permutations(dimensions, 2):
        known = [row for row in rows if row[one.key] and row[other.key]]
        close = (
            one.profile
            and other.profile
            and cramer(rows, known, one.key, other.key, limits) >= limits.profile
        )
        if one.about & other.about or close:
            continue
        for value in frequent(rows, one.key, limits):
            for trait in frequent(rows, other.key, limits):
                if (one.groups is not None and value not in one.groups) or (
                    other.traits is not None and trait not in other.traits
                ):
                    continue
                group = [row for row in known if row[one.key] == value]
                having = sum(row[other.key] == trait for row in known)
                both = sum(row[other.key] == trait for row in group)
                size = min(len(group), len(known) - len(group))
                if size >= limits.group and limits.both <= having < len(known):
                    counted = (both, len(group), having, len(known))
                    tests.append({
                        "said": (one.key, value, other.key, trait), "counted": counted, "p": chance(*counted),
                    })  # fmt: skip
    for test in tests:
        above = [one["p"] for one in tests if one["p"] >= test["p"] * (1 - 1e-12)]
        test["q"] = min(p * len(tests) / sum(one["p"] <= p * (1 + 1e-12) for one in tests) for p in above)
    found = []
    for test in tests:
        both, group, *_ = test["counted"]
        if test["q"] <= limits.rate and both >= limits.both:
            low = lowest_lift(*test["counted"])
            if low >= limits.lift:
                found.append(test | {"useful": low * both / group})
    told: list[Row] = []
    for one in sorted(found, key=lambda one: (-round(one["useful"], 9), one["said"])):
        if not any(repeats(rows, one["said"], better["said"], limits.overlap) for better in told):
            told.append(one)
    return told, len(tests)


def repeats(rows: list[Row], one: tuple[str, ...], better: tuple[str, ...], overlap: float) -> bool:
    if one == (*better[2:], *better[:2]):
        return True
    return alike(rows, one[:2], better[:2], overlap) and alike(rows, one[2:], better[2:], overlap)


def alike(rows: list[Row], one: tuple[str, ...], other: tuple[str, ...], overlap: float) -> bool:
    if one[0] == other[0]:
        return one == other
    first, second = ({n for n, row in enumerate(rows) if row[key] == value} for key, value in (one, other))
    return len(first & second) >= overlap * len(first | second)


@st.composite
def bases(draw: st.DrawFn) -> tuple[list[Row], list[v1.Dimension]]:
    """Customers with up to four dimensions that lean on one another."""
    width = draw(st.integers(2, 4))
    seed = random.Random(draw(st.integers(0, 10**6)))
    lean = draw(st.sampled_from([0.0, 0.5, 0.95]))
    size = draw(st.integers(1, 70))
    keys = [f"d{number}" for number in range(width)]
    rows = []
    for _ in range(size):
        hidden = seed.choice("abc")
        rows.append({
            key: hidden if seed.random() < lean else seed.choice(["a", "b", "c", "d", "", None]) for key in keys
        })  # fmt: skip
    abouts = draw(st.lists(st.sampled_from(["x", "y", "z", "w"]), min_size=width, max_size=width))
    dimensions = [
        v1.Dimension(
            key=key,
            about=frozenset([about]),
            groups=frozenset("ab") if draw(st.booleans()) else None,
            traits=frozenset("bc") if draw(st.booleans()) else None,
            profile=draw(st.booleans()),
        )
        for key, about in zip(keys, abouts, strict=True)
    ]
    return rows, dimensions


def agree(found: v1.Findings, rows: list[Row], dimensions: list[v1.Dimension]) -> None:
    """What an engine told is what plain Python tells, in the same order and with the same figures."""
    expected, tests = oracle(rows, dimensions, LOOSE)
    assert (found.customers, found.tests) == (len(rows), tests)
    key = lambda one: (  # noqa: E731
        -round(one.usefulness, 9), one.group.dimension, one.group.value, one.trait.dimension, one.trait.value
    )  # fmt: skip
    told = sorted(found.told, key=key)
    said = [(one.group.dimension, one.group.value, one.trait.dimension, one.trait.value) for one in told]
    assert said == [one["said"] for one in expected]
    for one, wanted in zip(told, expected, strict=True):
        seen = one.seen
        assert (seen.both, seen.group, seen.trait, seen.whole) == wanted["counted"]
        assert (one.p, one.q, one.usefulness) == pytest.approx(
            (wanted["p"], wanted["q"], wanted["useful"]), rel=1e-5
        )


def test_they_agree_with_plain_python(session: Session) -> None:
    told_at_all = []

    @settings(max_examples=40, deadline=None)
    @given(base=bases())
    def asked(base: tuple[list[Row], list[v1.Dimension]]) -> None:
        rows, dimensions = base
        found = v1.find(session, poured(session, rows, [one.key for one in dimensions]), dimensions, LOOSE)
        agree(found, rows, dimensions)
        told_at_all.extend(found.told)

    asked()
    assert len(told_at_all) > 5


def shop(size: int = 3000) -> list[Row]:
    """Good customers prefer the shop, everything else is noise."""
    seed = random.Random(7)
    rows = []
    for number in range(size):
        tier = ("core", "ordinary", "risk")[number % 3]
        offline = seed.random() < (0.8 if tier == "core" else 0.3)
        noise = {f"noise{n}": seed.choice("pqrst") for n in range(4)}
        rows.append({"tier": tier, "channel": "shop" if offline else "web", **noise})
    return rows


COLUMNS = ["tier", "channel", *(f"noise{n}" for n in range(4))]


def by_key(columns: list[str], **about: set[str]) -> list[v1.Dimension]:
    return [v1.Dimension(key=one, about=frozenset(about.get(one, ()))) for one in columns]


def test_it_finds_what_was_planted_and_no_noise(session: Session) -> None:
    found = v1.find(session, poured(session, shop(), COLUMNS), by_key(COLUMNS))
    first = found.told[0]
    assert (first.group, first.trait) == (v1.Value("tier", "core"), v1.Value("channel", "shop"))
    assert 0.77 < first.seen.share < 0.83 and 1.6 < first.seen.lift < 1.8
    low, high = first.lift_range
    assert low < first.seen.lift < high and first.q < 1e-9
    assert all({one.group.dimension, one.trait.dimension} == {"tier", "channel"} for one in found.told)
    assert found.tests > 300


def test_what_follows_from_a_definition_is_not_told(session: Session) -> None:
    dimensions = by_key(COLUMNS, tier={"spend"}, channel={"spend", "orders"})
    assert v1.find(session, poured(session, shop(), COLUMNS), dimensions).told == ()


def test_few_customers_tell_nothing(session: Session) -> None:
    found = v1.find(session, poured(session, shop(50), COLUMNS), by_key(COLUMNS))
    assert (found.told, found.tests) == ((), 0)


def test_a_twin_is_told_once(session: Session) -> None:
    rows = [row | {"twin": row["channel"] + "!"} for row in shop()]
    columns = ["tier", "channel", "twin"]
    dimensions = by_key(columns, channel={"way"}, twin={"way"})
    found = v1.find(session, poured(session, rows, columns), dimensions)
    about_core = [one for one in found.told if one.group == v1.Value("tier", "core")]
    assert [one.trait.value for one in about_core] == ["shop"]


def test_profiles_that_go_together_closely_are_not_told(session: Session) -> None:
    rows = shop()
    for profile in (False, True):
        dimensions = [v1.Dimension(key=one, profile=profile) for one in COLUMNS]
        assert bool(v1.find(session, poured(session, rows, COLUMNS), dimensions).told) is not profile


def test_the_order_of_rows_does_not_matter(session: Session) -> None:
    rows = shop(900)
    dimensions = by_key(COLUMNS)
    ways = (rows, rows[::-1])
    first, second = (v1.find(session, poured(session, one, COLUMNS), dimensions) for one in ways)
    assert first == second


def test_nobody_and_one_dimension(session: Session) -> None:
    nobody = v1.find(session, poured(session, [], COLUMNS), by_key(COLUMNS))
    assert (nobody.told, nobody.customers, nobody.tests) == ((), 0, 0)
    assert v1.find(session, poured(session, shop(90), COLUMNS), by_key(["tier"])).tests == 0


def test_intervals_are_those_of_the_books() -> None:
    # Wilson for 15 of 148 (R. Newcombe, Statistics in Medicine 17, 1998, table I): .0624 to .1605.
    assert share_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert share_interval(0, 20)[0] == 0 and share_interval(20, 20)[1] == 1
    # The tea-tasting lady's exact test: 4 of 4 right by chance once in 70, here two-sided.
    assert p_value(Fourfold(4, 4, 4, 8)) == pytest.approx(2 / 70)
    # Benjamini and Hochberg 1995, their example: four of fifteen remain at 0.05.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                 0.6528, 0.7590, 1.0]  # fmt: skip
    assert [q <= 0.05 for q in adjusted(published)] == [True] * 4 + [False] * 11


@pytest.mark.parametrize(("share", "base"), [(0.8, 0.4), (0.5, 0.5)])
def test_the_interval_of_a_lift_covers_the_truth(share: float, base: float) -> None:
    """Nineteen times in twenty, give or take what 400 trials allow."""
    seed = random.Random(3)
    truth = share / (0.25 * share + 0.75 * base)

    def once() -> bool:
        both = sum(seed.random() < share for _ in range(60))
        rest = sum(seed.random() < base for _ in range(180))
        low, high = lift_interval(Fourfold(both, 60, both + rest, 240))
        return low <= truth <= high

    assert 0.92 <= sum(once() for _ in range(400)) / 400 <= 0.98


def test_sure_traits_have_finite_lifts() -> None:
    assert lift_interval(Fourfold(10, 10, 10, 40))[1] <= 4.0 + 1e-9
    assert lift_interval(Fourfold(10, 10, 40, 40)) == pytest.approx((1.0, 1.0), abs=0.2)


def test_the_names_of_values_reach_no_sql(session: Session) -> None:
    rows = [
        {"tier": "a'); DROP TABLE x; --" if n % 2 else 'b"', "channel": "x'" if n % 2 else "y"}
        for n in range(200)
    ]
    columns = ["tier", "channel"]
    found = v1.find(session, poured(session, rows, columns), by_key(columns))
    assert {one.trait.value for one in found.told} <= {*rows[0].values(), *rows[1].values()} and found.told
