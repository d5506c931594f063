"""Documents that can be checked are checked: the command reference, recipes, links, the README's commands."""

import re
from pathlib import Path

import pytest
from tools import cli_reference

from tests.guards.tree import ROOT, committed

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`([\w./-]+/[\w.-]+\.(?:py|html|yaml|yml|toml|csv|md|js|po|css))`")
PLACEHOLDER = re.compile(r"[<>*…]|\bNAME\b")


def pages() -> list[Path]:
    return [path for path in committed() if path.suffix == ".md"]


def dead_links(path: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    targets = [
        target for target in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")
    ]
    return [target for target in targets if not (path.parent / target).exists()]


def missing_files(text: str) -> list[str]:
    """Files named in backticks that the project does not have."""
    named = [name for name in NAMED.findall(text) if not PLACEHOLDER.search(name)]
    return [
        name
        for name in named
        if not any((ROOT / base / name).exists() for base in ("", "src", "src/zhike", "docs"))
    ]


def test_the_command_reference_is_current() -> None:
    assert cli_reference.TARGET.read_text(encoding="utf-8") == cli_reference.reference(), "run `make docs`"


def test_links_lead_somewhere() -> None:
    found = {
        path.name: dead for path in pages() if (dead := dead_links(path, path.read_text(encoding="utf-8")))
    }
    assert not found


def test_recipes_name_files_that_exist() -> None:
    recipes = [path for path in pages() if path.is_relative_to(ROOT / "docs/recipes")]
    found = {path.name: gone for path in recipes if (gone := missing_files(path.read_text(encoding="utf-8")))}
    assert recipes
    assert not found


def test_rules_name_checks_that_exist() -> None:
    named = re.findall(
        r"`((?:tests|tools)/[\w./-]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    )
    assert named
    assert not [name for name in named if "*" not in name and not (ROOT / name).exists()]


def test_the_readme_names_real_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    named |= set(re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    assert named
    assert named <= targets


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    assert not [path.name for path in (ROOT / "docs/adr").glob("0*.md") if f"({path.name})" not in index]


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("see `core/fields/nothing.py`", ["core/fields/nothing.py"]),
        ("see `kernel/clock.py` and `src/zhike/settings.py`", []),
        ("a new `<stage>/pages.py`", []),
    ],
)
def test_a_missing_file_is_caught(text: str, gone: list[str]) -> None:
    assert missing_files(text) == gone
