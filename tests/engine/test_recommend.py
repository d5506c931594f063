"""Recommendation v1: parts against plain Python, the trial on baskets made and real, and what is told of a customer."""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tests.engine import baskets
from tests.engine.conftest import fill
from zhike.engine.lake import Session
from zhike.engine.recommend import v1
from zhike.engine.recommend.v1 import items, ranking, trial
from zhike.engine.recommend.words import GRAINS, METHODS, Reason

AS_OF = date(2017, 6, 30)
_line = st.tuples(st.integers(1, 6), st.integers(0, 4), st.integers(0, 40))
_lines = st.lists(_line, min_size=1, max_size=40)


def told(rows: list[tuple[int, int, int]]) -> v1.Lines:
    customer, item, day = (np.array(column) for column in zip(*rows, strict=True))
    return v1.ordered(customer, item, day)


@settings(max_examples=60, deadline=None)
@given(_lines, st.integers(0, 40))
def test_history(rows: list[tuple[int, int, int]], as_of: int) -> None:
    plain: dict[tuple[int, int], set[int]] = defaultdict(set)
    for customer, item, day in rows:
        if day <= as_of:
            plain[customer, item].add(day)
    found = v1.history(told(rows), 5, as_of)
    assert found.customer_id.tolist() == sorted({customer for customer, _ in plain})
    held = zip(
        found.row, found.times.indices, found.times.data, found.first, found.last, found.gap, strict=True
    )
    shown = {(int(found.customer_id[row]), int(item)): tuple(rest) for row, item, *rest in held}
    expected = {
        key: (
            len(days),
            min(days),
            max(days),
            (max(days) - min(days)) / (len(days) - 1) if len(days) > 1 else 0,
        )
        for key, days in plain.items()
    }
    assert shown.keys() == expected.keys()
    for key, values in expected.items():
        assert shown[key] == pytest.approx(values)


@settings(max_examples=40, deadline=None)
@given(_lines, st.sampled_from([1.0, 10.0]))
def test_ease_is_every_item_regressed_on_the_others(rows: list[tuple[int, int, int]], penalty: float) -> None:
    bought = v1.history(told(rows), 5, 40).bought
    found = items.ease(bought, penalty)
    plain = bought.toarray().astype(float)
    for item in range(5):
        others = [one for one in range(5) if one != item]
        x = plain[:, others]
        weights = np.linalg.solve(x.T @ x + penalty * np.eye(4), x.T @ plain[:, item])
        assert found[others, item] == pytest.approx(weights, abs=1e-4)
        assert found[item, item] == 0


@settings(max_examples=40, deadline=None)
@given(_lines)
def test_bm25_by_its_definition(rows: list[tuple[int, int, int]]) -> None:
    bought = v1.history(told(rows), 5, 40).bought
    plain = bought.toarray()
    customers, size = plain.shape[0], plain.sum(axis=1)
    weighted = np.zeros((customers, 5))
    for customer in range(customers):
        for item in np.flatnonzero(plain[customer]):
            sold = plain[:, item].sum()
            length = 1 - 0.75 + 0.75 * size[customer] / size.mean()
            rarity = math.log(1 + (customers - sold + 0.5) / (sold + 0.5))
            weighted[customer, item] = rarity * 2.2 / (1.2 * length + 1)
    near = weighted.T @ weighted
    np.fill_diagonal(near, 0)
    expected = near / near.max() if near.max() else near
    assert items.bm25(bought).toarray() == pytest.approx(expected, abs=1e-5)


def test_bm25_keeps_the_nearest_only() -> None:
    dice = np.random.default_rng(3)
    bought = sparse.csr_array((dice.random((200, 30)) < 0.3).astype(np.float32))
    every, few = items.bm25(bought).toarray(), items.bm25(bought, neighbours=4).toarray()
    assert (np.count_nonzero(few, axis=1) == 4).all()
    assert few.max(axis=1) == pytest.approx(every.max(axis=1))
    assert np.sort(few, axis=1)[:, -4:] == pytest.approx(np.sort(every, axis=1)[:, -4:])


def test_ease_refuses_a_catalogue_too_large() -> None:
    with pytest.raises(items.TooManyItems):
        items.ease(sparse.csr_array((1, items.LARGEST + 1), dtype=np.float32), 1.0)


_scores = st.lists(st.lists(st.floats(-1, 1, width=32), min_size=6, max_size=6), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(_scores, st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=5, max_size=5), st.integers(1, 8))
def test_recall_and_best(rows: list[list[float]], wanted: list[set[int]], top: int) -> None:
    value = np.array(rows, dtype=np.float32) + np.arange(6, dtype=np.float32) * 1e-3
    truth = np.array([[item in some for item in range(6)] for some in wanted[: len(rows)]])
    order = [sorted(range(6), key=lambda item, row=row: (-row[item], item)) for row in value.tolist()]
    hits = [len(set(one[:top]) & some) / len(some) for one, some in zip(order, wanted, strict=False)]
    ties = any(len({value[row, item] for item in range(6)}) < 6 for row in range(len(rows)))
    if not ties:
        assert trial.recall(value, truth, top) == pytest.approx(sum(hits) / len(hits))
    width = min(top, 6)
    assert ranking.best(value, top)[:, :width].tolist() == [one[:width] for one in order]


def test_recall_does_not_count_what_is_out_of_the_question() -> None:
    value = np.array([[1.0, -np.inf, -np.inf]], dtype=np.float32)
    assert trial.recall(value, np.array([[False, True, False]]), 3) == 0


def two_kinds(customers: int = 300, days: int = 300) -> v1.Lines:
    """Half of the customers drink tea, half drink coffee; each kind buys its own seven of fourteen things, and all buy rice."""
    dice = np.random.default_rng(7)
    rows = []
    for customer in range(customers):
        own = 1 + 7 * (customer % 2)
        for day in sorted(dice.choice(days, 12, replace=False).tolist()):
            rows.append((customer, int(own + dice.integers(0, 7)), day))
            if dice.random() < 0.2:
                rows.append((customer, 0, day))
    return told(rows)


def test_the_trial_finds_what_goes_together() -> None:
    found = v1.choose(two_kinds(), 40, as_of=300, horizon=60)
    assert found.trial is not None
    assert found.new.together
    assert found.why is None
    popular, ease = (found.trial.of(method).recall["new"] for method in ("popular", "ease+own"))
    assert popular is not None
    assert ease is not None
    assert ease > popular
    assert set(METHODS) == {one.method for one in found.trial.marks}


def test_a_short_past_is_said() -> None:
    found = v1.choose(two_kinds(customers=20), 40, as_of=300, horizon=60)
    assert (found.again, found.new, found.trial) == (v1.FLOOR, v1.POPULAR, None)
    assert found.why is not None
    assert "60" in found.why.zh
    assert "60" in found.why.en


def test_marks_come_from_a_stretch_that_had_no_say() -> None:
    lines = two_kinds()
    before = v1.choose(lines, 40, as_of=300, horizon=60)
    changed = lines.where((lines.day <= 240) | (lines.item != 0))
    after = v1.choose(changed, 40, as_of=300, horizon=60)
    assert before.trial is not None
    assert after.trial is not None
    assert [one.recipe for one in before.trial.marks] == [one.recipe for one in after.trial.marks]
    assert before.trial.of("own").recall != after.trial.of("own").recall


def test_real_baskets_beat_the_floor() -> None:
    lines, size = baskets.lines()
    found = v1.choose(lines, size, as_of=int(lines.day.max()), horizon=90)
    assert found.trial is not None
    mixed, floor = found.trial.of("ease+own").recall, found.trial.of("own").recall
    for mode in ("again", "new", "both"):
        assert mixed[mode] >= floor[mode] > 0
    assert mixed["both"] >= 0.138
    assert (found.again.together, found.new.together) != ("", "")


PRODUCTS = pa.table(
    {
        "code": ["T1", "T2", "C1", "C2", "R1"],
        "name": ["绿茶", "绿茶", "咖啡豆", "", "大米"],
        "category": ["茶", "茶", "咖啡", "咖啡", ""],
    }
)


def test_grains() -> None:
    assert v1.grouped(PRODUCTS, "product").names == ["T1", "T2", "C1", "C2", "R1"]
    names = v1.grouped(PRODUCTS, "name")
    assert names.names == ["绿茶", "咖啡豆", "C2", "大米"]
    assert names.item.tolist() == [0, 0, 1, 2, 3]
    assert v1.grouped(PRODUCTS, "category").names == ["茶", "咖啡", "R1"]
    assert set(GRAINS) == {"product", "name", "category"}


def pour(session: Session, rows: list[tuple[int, str, int]]) -> None:
    """Customers, and what they bought so many days before AS_OF."""
    fill(session, "customers", [{"id": one} for one in sorted({row[0] for row in rows} - {99})])
    lines = [
        {
            "id": place, "order_id": place, "customer_id": customer, "placed_on": AS_OF - timedelta(days=ago),
            "product_code": code, "amount": Decimal("1.00"), "quantity": Decimal(1),
        }
        for place, (customer, code, ago) in enumerate(rows)
    ]  # fmt: skip
    fill(session, "order_lines", lines)


ROWS = [
    *[(1, "T1", ago) for ago in (44, 30, 16)], (1, "C1", 50), (2, "T2", 10), (2, "C1", 5), (3, "T1", 3), (4, "R1", 1),
    (99, "R1", 1), (5, "R1", -3), (5, "C2", 2), (6, "XX", 2),
]  # fmt: skip


def test_what_is_told(session: Session) -> None:
    pour(session, ROWS)
    model = v1.learn(session, PRODUCTS, as_of=AS_OF, horizon=60)
    names = model.goods.names
    assert model.chosen.why is not None
    allowed = np.array([name != "大米" for name in names])
    [(again, new)] = list(v1.tell(session, model, allowed))
    assert again.customer_id.tolist() == [1, 2, 3, 4, 5]  # 99 is gone, the product of 6 is not known
    listed = [[names[item] for item in row if item >= 0] for row in again.item]
    assert listed[0] == ["T1", "C1"] if model.goods.grain == "product" else ["茶", "咖啡"]
    assert (again.times[0, 0], again.gap[0, 0], again.last[0, 0]) == (3, 14, v1.number(AS_OF) - 16)
    held = [set(row) for row in listed]
    fresh = [{names[item] for item in row if item >= 0} for row in new.item]
    assert all(not one & other for one, other in zip(held, fresh, strict=True))
    assert all("大米" not in one for one in (*held, *fresh))


def test_blocks_agree_with_the_whole(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(5)
    codes = PRODUCTS["code"].to_pylist()
    pour(
        session,
        [
            (int(dice.integers(1, 60)), codes[dice.integers(0, 5)], int(dice.integers(0, 90)))
            for _ in range(400)
        ],
    )
    model = v1.learn(session, PRODUCTS, as_of=AS_OF, horizon=20)
    allowed = np.ones(len(model.goods.names), dtype=bool)
    [(whole, fresh)] = list(v1.tell(session, model, allowed))
    monkeypatch.setattr(ranking, "ROWS", 7 * len(model.goods.names))
    monkeypatch.setattr("zhike.engine.recommend.v1.purchases.LINES", 50)
    parts = list(v1.tell(session, model, allowed))
    assert len(parts) > 8
    for name in ("customer_id", "item", "times", "gap", "last", "because"):
        for place, every in enumerate((whole, fresh)):
            assert (
                np.concatenate([getattr(one[place], name) for one in parts]).tolist()
                == getattr(every, name).tolist()
            )


def test_who_wants_no_personal_recommendation_is_left_out(session: Session) -> None:
    pour(session, ROWS)
    model = v1.learn(session, PRODUCTS, as_of=AS_OF, horizon=60, left_out="l.customer_id IN (1, 2)")
    assert model.customers == 3
    allowed = np.ones(len(model.goods.names), dtype=bool)
    [(again, _)] = list(v1.tell(session, model, allowed, left_out="l.customer_id IN (1, 2)"))
    assert again.customer_id.tolist() == [3, 4, 5]


def test_what_goes_with_it_is_named() -> None:
    lines = two_kinds()
    past = v1.history(lines, 40, 300)
    recipe = v1.Recipe(together="ease", penalty=100.0, popular=0.01)
    from zhike.engine.recommend.v1 import scores

    learnt = scores.learn(recipe, past)
    some = past.block(0, 20)
    near = scores.affinity(learnt.weights, some)
    found = ranking.new(learnt, some, near, np.ones(40, dtype=bool))
    for row, rank in zip(*np.nonzero(found.item >= 0), strict=True):
        held = some.times[[row]].indices
        weights = learnt.weights[held, found.item[row, rank]]
        lead = held[weights.argmax()] if weights.max() > 0.01 * learnt.relative[found.item[row, rank]] else -1
        assert found.because[row, rank] == lead
    assert (found.because >= 0).any()


def test_an_empty_lake(session: Session) -> None:
    pour(session, [])
    model = v1.learn(session, PRODUCTS, as_of=AS_OF, horizon=60)
    assert list(v1.tell(session, model, np.ones(len(model.goods.names), dtype=bool))) == []


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason("rhythm", times=3, gap=14, elapsed=16),
            "平均每 14 天买一次(共 3 次),已过 16 天",
            "every 14 days",
        ),
        (
            Reason("bought", times=1, elapsed=5),
            "买过 1 次,最近一次在 5 天前",
            "Bought once, the last 5 days ago",
        ),
        (Reason("with", item="绿茶"), "买过“绿茶”的客户也常买", "who bought “绿茶”"),
        (Reason("popular", share=0.36), "36% 的客户买过", "36% of the customers"),
    ],
)
def test_reasons(reason: Reason, zh: str, en: str) -> None:
    assert reason.text.zh == zh
    assert en in reason.text.en
