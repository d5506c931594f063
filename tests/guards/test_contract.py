"""Imports look upstream only: the contract holds, and it catches what it was written to catch."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guards.tree import PACKAGE, ROOT, sources

STAGES = {
    "blueprint",
    "intake",
    "customers",
    "activity",
    "insight",
    "tiers",
    "strategies",
    "execution",
    "effect",
}
FRONT_DOORS = {"actions", "queries", "facts"}


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a source tree with the project's contract."""
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=where, env={**os.environ, "PYTHONPATH": str(where)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_contract_is_kept() -> None:
    done = lint(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


def appended(name: str, line: str) -> Callable[[Path], None]:
    def plant(package: Path) -> None:
        target = package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        held = target.read_text(encoding="utf-8") if target.exists() else ""
        target.write_text(f"{held}\n{line}\n", encoding="utf-8")

    return plant


PLANTS = {
    "a stage imports downstream": appended("customers/queries.py", "import zhike.tiers.models"),
    "core knows Django": appended("core/masks.py", "import django.db"),
    "engine knows kernel": appended("engine/__init__.py", "import zhike.kernel.clock"),
    "queries import actions": appended("tiers/queries.py", "import zhike.tiers.actions"),
    "models import pages": appended("tiers/models.py", "import zhike.tiers.pages"),
    "kernel imports a stage": appended("kernel/clock.py", "import zhike.blueprint.models"),
    "a package without a place": appended("sales/__init__.py", '"""New."""'),
}


@pytest.fixture(scope="module")
def copy_of_the_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("contract") / "src"
    keep = shutil.ignore_patterns(
        "static", "templates", "locale", "collected", "__pycache__", "*.gz", "*.csv"
    )
    shutil.copytree(PACKAGE, target / "zhike", ignore=keep)
    return target


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_a_planted_violation_is_caught(
    plant: Callable[[Path], None], copy_of_the_source: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "src"
    shutil.copytree(copy_of_the_source, tree)
    plant(tree / "zhike")
    done = lint(tree)
    assert done.returncode != 0, done.stdout


# ── front doors: from another stage only actions, queries, facts


def side_doors(path: Path, text: str) -> list[str]:
    """Imports that enter another stage by anything but its front doors."""
    place = path.relative_to(PACKAGE)
    own, tree = place.parts[0], ast.parse(text)
    only_types = {id(inner) for node in ast.walk(tree) if _type_checking(node) for inner in ast.walk(node)}
    found = []
    for node in (node for node in ast.walk(tree) if id(node) not in only_types):
        for name in _imported(node):
            parts = name.split(".")
            if (
                parts[0] == "zhike"
                and len(parts) > 2
                and parts[1] in STAGES - {own}
                and parts[2] not in FRONT_DOORS
            ):
                found.append(f"{place}:{getattr(node, 'lineno', 0)}: {name}")
    return found


def _type_checking(node: ast.AST) -> bool:
    """`if TYPE_CHECKING:` — names for annotations only, as the contract allows them."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_stages_are_entered_by_their_front_doors() -> None:
    found = []
    for path in sources(".py", under="src/zhike"):
        if path.relative_to(PACKAGE).parts[0] in STAGES | {"loop", "desk", "cli"}:
            found += side_doors(path, path.read_text(encoding="utf-8"))
    assert not found


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("from zhike.customers.models import Customer", True),
        ("from zhike.customers import models", True),
        ("import zhike.customers.pages", True),
        ("from zhike.customers import queries", False),
        ("if TYPE_CHECKING:\n    from zhike.customers.models import Customer", False),
        ("from zhike.customers.facts import Outcome", False),
        ("from zhike.tiers.models import Tier", False),
        ("from zhike.kernel.models import User", False),
    ],
)
def test_a_side_door_is_caught(line: str, caught: bool) -> None:
    assert bool(side_doors(PACKAGE / "tiers/actions.py", line)) is caught


def test_the_contract_names_every_stage() -> None:
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf'"{stage}"', contract) for stage in STAGES)
