"""Opinions v1: features against plain Python, learning, what is not judged, terms, topics; accuracy on real reviews."""

import csv
import gzip
import io
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.engine.opinions import terms, v1, words

REVIEWS = os.environ.get("ZHIKE_REVIEWS", "")
_text = st.text(alphabet="好坏吃a 1。送慢", max_size=30)


@settings(max_examples=80, deadline=None)
@given(_text)
def test_grams(text: str) -> None:
    read = "".join(text.lower().split())
    expected = {read[i:j] for i in range(len(read)) for j in range(i + 1, min(i + 4, len(read) + 1))}
    assert v1.grams(text) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(_text, min_size=1, max_size=5))
def test_features(texts: list[str]) -> None:
    held = v1._present(texts)
    for row, text in enumerate(texts):
        assert set(held[[row]].indices) == {v1._place(gram) for gram in v1.grams(text)}
    scaled = v1._scaled(held, np.arange(1, v1.SIZE + 1, dtype=np.float32))
    for row, text in enumerate(texts):
        assert np.sqrt((scaled[[row]].data ** 2).sum()) == pytest.approx(1 if v1.grams(text) else 0, abs=1e-5)


GOOD = ["很好吃,下次再来", "送得快,包装好", "质量很好,满意", "服务热情,好评", "味道很好,分量足"]
BAD = ["难吃,再也不来", "送得太慢,凉了", "质量差,坏了", "态度差,投诉", "味道很差,分量少"]


@pytest.fixture(scope="module")
def small() -> v1.Model:
    return v1.train([*GOOD, *BAD] * 4, np.tile(np.repeat([True, False], 5), 4))


def test_it_learns_what_it_is_shown(small: v1.Model) -> None:
    assert v1.judge(small, GOOD) == ["positive"] * 5
    assert v1.judge(small, BAD) == ["negative"] * 5
    assert small.texts == 40


def test_weights_count(small: v1.Model) -> None:
    texts, positive = [*GOOD, *GOOD], np.repeat([True, False], 5)
    said = v1.train(texts, positive, np.repeat([9.0, 1.0], 5))
    assert (v1.probability(said, GOOD) > 0.5).all()


@pytest.mark.parametrize("text", ["Very good!", "", "好", "good good very good 好的", "12345", "👍👍"])
def test_what_is_not_chinese_is_not_judged(small: v1.Model, text: str) -> None:
    assert v1.judge(small, [text]) == ["unjudged"]


def test_a_model_is_kept(small: v1.Model, tmp_path: Path) -> None:
    small.save(tmp_path / "models" / "one.npz")
    again = v1.Model.load(tmp_path / "models" / "one.npz")
    assert v1.probability(again, [*GOOD, *BAD]).tolist() == v1.probability(small, [*GOOD, *BAD]).tolist()
    assert again.texts == 40


def test_terms_that_set_apart() -> None:
    texts = [f"{text}{n}" for n in range(6) for text in ("包装破损了", "快递太慢", "味道不错", "服务热情")]
    worst, best = terms.distinguishing(texts, np.tile([True, True, False, False], 6))
    assert {"破损", "太慢"} <= set(worst) and {"热情", "不错"} <= set(best)
    assert not set(worst) & set(best)
    assert terms.distinguishing([], np.zeros(0, dtype=bool)) == ([], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("配送时间一改再改,很耽误事。", {"配送", "时间", "很耽误"}),
        ("等了一整天,没人接电话,客服两次了!", {"没人接", "电话", "客服"}),
        ("结果没收到,鱼不新鲜,太贵", {"没收到", "不新鲜", "太贵"}),
        ("The app is too slow, and not fresh", {"app", "too slow", "not fresh"}),
        ("了一 了两 12345 👍", set()),
        ("", set()),
    ],
)
def test_terms_are_whole_words_with_what_turns_them(text: str, found: set[str]) -> None:
    assert terms.terms_in(text) == found


def test_topics() -> None:
    known = words.topics()
    assert words.about("快递很慢,包装也破了,客服态度差", known) == ["delivery", "service", "packaging"]
    assert words.about("还行", known) == []


def test_a_company_extends_the_topics(tmp_path: Path) -> None:
    own = tmp_path / "topics.toml"
    own.write_text(
        '[delivery]\nterms = ["冷链"]\n[card]\nzh = "会员卡"\nterms = ["会员卡"]\n', encoding="utf-8"
    )
    known = words.topics(own)
    assert words.about("冷链断了,会员卡用不了", known) == ["delivery", "card"]
    assert (known["card"].label.zh, known["delivery"].label.zh) == ("会员卡", "物流配送")
    assert words.topics(tmp_path / "none.toml").keys() == words.topics().keys()


@pytest.mark.parametrize(
    "text", ["[delivery\n", "delivery = 3\n", "[a]\nterms = [1]\n", '[a]\nterms = "x"\n']
)
def test_a_broken_file_is_explained(tmp_path: Path, text: str) -> None:
    own = tmp_path / "topics.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(words.BadTopics) as caught:
        words.topics(own)
    assert "topics.toml" in str(caught.value.place)


def test_words_load_no_computing_library() -> None:
    code = (
        "import sys, zhike.engine.opinions.words; sys.exit('scipy' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def takeaway() -> list[tuple[str, bool]]:
    with gzip.open(Path(REVIEWS) / "waimai_10k.csv.gz", "rt", encoding="utf-8") as file:
        return [(text, label == "1") for label, text in csv.reader(file) if label in "01"]


def shopping() -> list[tuple[str, bool]]:
    with zipfile.ZipFile(Path(REVIEWS) / "online_shopping_10_cats.zip") as folder:
        rows = list(csv.reader(io.TextIOWrapper(folder.open(folder.namelist()[0]), encoding="utf-8")))[1:]
    found = [(text, label == "1") for _, label, text in rows]
    random.Random(1).shuffle(found)
    return found[:12_000]


@pytest.mark.skipif(not REVIEWS, reason="ZHIKE_REVIEWS names no folder of labelled reviews")
def test_accuracy_on_reviews_never_seen() -> None:
    """Shopping and take-away reviews; the second also after a company's own rated feedback was learnt from."""
    texts, positive = v1.corpus()
    shipped = v1.train(texts, positive)
    assert accuracy(shipped, shopping()) >= 0.89
    meals = takeaway()
    assert accuracy(shipped, meals) >= 0.80
    random.Random(2).shuffle(meals)
    own, other = meals[:6_000], meals[6_000:]
    taught = v1.train(
        [*texts, *(text for text, _ in own)],
        np.concatenate([positive, [label for _, label in own]]),
        np.repeat([1.0, 3.0], [len(texts), len(own)]),
    )
    assert accuracy(taught, other) >= 0.88


def accuracy(model: v1.Model, rows: list[tuple[str, bool]]) -> float:
    found = v1.probability(model, [text for text, _ in rows]) > 0.5
    share = float((found == np.array([label for _, label in rows])).mean())
    print(f"accuracy {share:.4f} on {len(rows)}")
    return share
