"""The guide lists every metric and every class as the code has them."""

from pathlib import Path

from zhike.engine.metrics import CATALOGUE
from zhike.engine.rfm import v1

GUIDE = (Path(__file__).parents[2] / "docs/guide/engine.md").read_text(encoding="utf-8")


def test_every_metric_stands_in_the_guide_with_its_formula() -> None:
    missing = [
        key
        for key, metric in CATALOGUE.items()
        if f"| `{key}` | {metric.label.zh} {metric.label.en} | {metric.formula.zh}<br>{metric.formula.en} |"
        not in GUIDE
    ]
    assert not missing


def test_every_class_stands_in_the_guide_under_its_marks() -> None:
    for high, key in v1.BY_HIGH.items():
        marks = "|".join(" ✓ " if one else " " for one in high)
        assert f"|{marks}| {v1.CLASSES[key].zh} {v1.CLASSES[key].en} |" in GUIDE
