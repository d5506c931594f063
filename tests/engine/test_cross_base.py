"""What is crossed: bands, habits and fields against plain Python."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.conftest import fill
from tests.engine.oracle import World, all_metrics, preferred
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.rules import InTier, MetricTest, Op
from zhike.core.text import Text
from zhike.engine import metrics as engine_metrics
from zhike.engine.cross.bands import Band, bands, in_band
from zhike.engine.cross.base import METRICS, about_rules, base
from zhike.engine.lake import Session


def band_of(values: list[Decimal]) -> Band:
    """From the definition: at most three in ten are high, or low."""
    bound = Decimal("0.3") * len(values)
    high = [one for one in {*values} if sum(other >= one for other in values) <= bound]
    low = [one for one in {*values} if 0 < sum(other < one for other in values) <= bound]
    return Band(high=min(high, default=None), low=max(low, default=None))


def test_bands_agree_with_plain_python(session: Session) -> None:
    session.cursor.execute("CREATE TABLE lake.main.said (customer_id BIGINT, a DECIMAL(14,2), b BIGINT)")

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.tuples(st.none() | st.integers(-5, 40), st.none() | st.integers(0, 3)), max_size=40))
    def agree(pairs: list[tuple[int | None, int | None]]) -> None:
        session.cursor.execute("DELETE FROM lake.main.said")
        for number, (a, b) in enumerate(pairs):
            amount = None if a is None else Decimal(a) / 4
            session.cursor.execute("INSERT INTO lake.main.said VALUES (?, ?, ?)", [number, amount, b])
        table = session._known("lake", "said")
        found = bands(session, table, ["a", "b"])
        sides = [[Decimal(pair[side]) for pair in pairs if pair[side] is not None] for side in (0, 1)]
        assert found == {"a": band_of([one / 4 for one in sides[0]]), "b": band_of(sides[1])}
        words = session.rows(table.select(at=table.customer_id, word=in_band(table.a, found["a"])))
        for row in words:
            amount = pairs[row["at"]][0]
            assert row["word"] == word(None if amount is None else Decimal(amount) / 4, found["a"])

    agree()


def word(value: Decimal | None, band: Band) -> str | None:
    if value is None:
        return None
    if band.high is not None and value >= band.high:
        return "high"
    return "low" if band.low is not None and value < band.low else "middle"


def test_habits_and_tiers_agree_with_plain_python(session: Session) -> None:
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(world=worlds(), tiers=st.lists(st.sampled_from(["core", "risk"]), max_size=8))
    def agree(world: World, tiers: list[str]) -> None:
        for number, line in enumerate(world.order_lines):
            line["amount"] = Decimal(number % 3)
        pour(session, world)
        placed = [
            {"id": n, "customer_id": n + 1, "tier": tier, "since": AS_OF - timedelta(days=n)}
            for n, tier in enumerate(tiers)
        ]
        left = [row | {"id": 50 + row["id"], "tier": "left", "until": AS_OF} for row in placed]
        fill(session, "placements", [*placed, *left])
        computed = engine_metrics.compute(session, AS_OF, METRICS)
        rows = session.rows(base(session, AS_OF, computed).frame)
        channels = preferred(world.orders, "channel", AS_OF, by_amount=False)
        categories = preferred(world.order_lines, "category", AS_OF, by_amount=True)
        assert {row["customer_id"] for row in rows} == {*all_metrics(world, AS_OF)} and len(rows) == len(
            {row["customer_id"] for row in rows}
        )
        for row in rows:
            who = row["customer_id"]
            assert (row["channel"], row["category"]) == (channels.get(who), categories.get(who))
            assert row["tier"] == (tiers[who - 1] if who <= len(tiers) else None)

    agree()
    assert {*METRICS} <= {*engine_metrics.CATALOGUE}


def spec(key: str, kind: str) -> FieldSpec:
    choices = tuple(Choice(one, Text(one, one)) for one in ("tea", "wine", "female"))
    offered = choices if "choice" in kind else ()
    return FieldSpec(
        key=key, type=kind, label=Text(key, key), sensitivity=Sensitivity.INTERNAL, choices=offered
    )


def test_fields_become_codes_answers_and_unknowns(session: Session) -> None:
    kinds = {"region": "region", "gender": "choice", "accepts_sms": "boolean", "preferences": "multi_choice",
             "phone": "phone", "name": "name"}  # fmt: skip
    fields = {key: spec(key, kind) for key, kind in kinds.items()}
    held = [
        '{"region": "440106", "gender": "female", "preferences": ["tea"], "accepts_sms": true, "name": "x"}',
        '{"region": "", "preferences": [], "accepts_sms": false}',
        "{}",
    ]
    fill(session, "customers", [
        {"id": n, "created_on": AS_OF, "fields": one} for n, one in enumerate(held)
    ])  # fmt: skip
    computed = engine_metrics.compute(session, AS_OF, ["orders"])
    found = base(session, AS_OF, computed, fields=fields.values())
    first, second, third = sorted(session.rows(found.frame), key=lambda row: row["customer_id"])
    assert (first["field.region"], first["field.gender"], first["field.accepts_sms"]) == (
        "44",
        "female",
        "true",
    )
    assert (second["field.region"], second["field.accepts_sms"], third["field.accepts_sms"]) == (
        None,
        "false",
        None,
    )
    answers = {key: row for key, row in first.items() if key.startswith("field.preferences.")}
    assert len(answers) == len(fields["preferences"].choices) and {*answers.values()} <= {"true", "false"}
    assert all(second[key] is None for key in answers)
    assert not any("name" in key or "phone" in key for key in first)


def test_a_tier_is_about_what_its_rule_says() -> None:
    rules = [MetricTest("return_rate", Op.GE, Decimal(1)), InTier("core")]
    assert about_rules(rules) == {"returns"}
    assert about_rules([MetricTest("spend_45d", Op.GE, Decimal(1))]) == {"buying"}
