"""One word per thing: every model has an entry in CONTEXT.md."""

import re

from tests.guards.ours import our_models
from tests.guards.tree import ROOT


def words(text: str) -> set[str]:
    """The code names of a glossary: what stands in backticks in the third column."""
    found: set[str] = set()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.lstrip().startswith("|") and len(cells) >= 3:
            found |= set(re.findall(r"`(\w+)`", cells[2]))
    return found


def missing(models: list[str], text: str) -> list[str]:
    """Models the glossary does not name."""
    return sorted(set(models) - words(text))


def test_every_model_has_a_word() -> None:
    text = (ROOT / "CONTEXT.md").read_text(encoding="utf-8")
    assert not missing([model.__name__ for model in our_models()], text)


def test_a_model_without_a_word_is_caught() -> None:
    text = (
        "| 中文 | English | code | avoid |\n|---|---|---|---|\n| 客户 | customer | `Customer` | `Client` |\n"
    )
    assert missing(["Customer", "Client", "Tier"], text) == ["Client", "Tier"]
