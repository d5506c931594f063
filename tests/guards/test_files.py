"""Sizes, names and words of the files we commit."""

import ast
import re
from pathlib import Path

import pytest
from tools import locks

from tests.guards.tree import ROOT, committed, sources

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools_common"}
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
LINES_OF_A_TEMPLATE = 150
LINES_OF_SCRIPT = 2500
RECEIVERS = 0
OWN_SAVES = 0

# Spelled backwards, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(word[::-1] for word in ["gro.ipyp", "detsohnohtyp", "sjmpn.yrtsiger", "gro.naibed.bed"])
)
MACHINE_PATHS = re.compile(
    "|".join(word[::-1] for word in ["/niam/krow/", "derahs/krow/", "sleehw/tpo/", "eborp/pmt/"])
)
UNFINISHED = re.compile("|".join(rf"\b{word[::-1]}\b" for word in ["ODOT", "EMXIF", "KCAH"]))
TEXT = {
    ".py",
    ".md",
    ".html",
    ".js",
    ".css",
    ".toml",
    ".lock",
    ".json",
    ".yaml",
    ".yml",
    ".po",
    ".csv",
    ".txt",
    "",
    ".svg",
}


def functions_in(text: str) -> list[tuple[str, int, int]]:
    """Name, first line and length of every function."""
    return [
        (node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def imports_in_functions(text: str) -> list[int]:
    """Lines of imports that stand inside a function: a cycle that hides."""
    return [
        inner.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def length(path: Path) -> int:
    return len(read(path).splitlines())


def own_python() -> list[Path]:
    return [path for path in sources(".py") if "migrations" not in path.parts]


def test_no_junk_drawer() -> None:
    assert not [
        name(path) for path in committed() if path.stem in BANNED_NAMES or BANNED_NAMES & set(path.parts)
    ]


def test_files_stay_short() -> None:
    everything = own_python() + sources(".py", under="tests") + sources(".py", under="tools")
    assert not {name(path): length(path) for path in everything if length(path) > LINES_OF_A_FILE}


def test_functions_stay_short() -> None:
    long = {
        f"{name(path)}:{line} {function}": lines
        for path in own_python()
        for function, line, lines in functions_in(read(path))
        if lines > LINES_OF_A_FUNCTION
    }
    assert not long


def test_templates_stay_short() -> None:
    assert not {name(path): length(path) for path in sources(".html") if length(path) > LINES_OF_A_TEMPLATE}


def test_scripts_stay_few() -> None:
    assert sum(length(path) for path in sources(".js")) <= LINES_OF_SCRIPT


def test_nobody_waits_for_signals() -> None:
    text = {path: read(path) for path in own_python()}
    assert not [
        name(path) for path, source in text.items() if re.search(r"\b(pre|post)_(save|delete)\b", source)
    ]
    assert sum(len(re.findall(r"^\s*@receiver", source, re.M)) for source in text.values()) <= RECEIVERS
    in_models = [
        source for path, source in text.items() if path.stem == "models" or path.parent.name == "models"
    ]
    assert sum(len(re.findall(r"^\s+def save\(", source, re.M)) for source in in_models) <= OWN_SAVES


def test_imports_stand_at_the_top() -> None:
    found = {
        name(path): lines
        for path in own_python()
        if "cli" not in path.parts and (lines := imports_in_functions(read(path)))
    }
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in own_python()
        if read(path).strip() and not ast.get_docstring(ast.parse(read(path)))
    ]
    assert not silent


def test_no_user_dictionary_becomes_a_filter() -> None:
    pattern = re.compile(r"\.(filter|exclude|update|create)\(\*\*(request|data|params|query|payload)\b")
    assert not [name(path) for path in own_python() if pattern.search(read(path))]


@pytest.mark.parametrize(
    "pattern", [REGISTRY_HOSTS, MACHINE_PATHS, UNFINISHED], ids=["hosts", "paths", "unfinished"]
)
def test_committed_text_is_clean(pattern: re.Pattern[str]) -> None:
    found = {}
    for path in committed():
        if path.suffix in TEXT and path.stat().st_size < 2_000_000:
            lines = [number for number, line in enumerate(read(path).splitlines(), 1) if pattern.search(line)]
            if lines:
                found[name(path)] = lines[:5]
    assert not found


def test_nothing_made_or_third_party_is_committed() -> None:
    bad = [
        name(path)
        for path in committed()
        if path.suffix in {".mo", ".pyc", ".woff2", ".ttf"} or ".min." in path.name
    ]
    assert not bad


def test_locks_are_hashed_and_name_no_host() -> None:
    assert locks.main() == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a==1 \\\n    --hash=sha256:00\n", None),
        ("a==1\n", "without a hash"),
        ("a>=1 \\\n    --hash=sha256:00\n", "not pinned"),
        ("--extra-index-url x\na==1 \\\n    --hash=sha256:00\n", "names a host"),
        ("a @ https://x/y.whl \\\n    --hash=sha256:00\n", "names a host"),
    ],
)
def test_a_careless_lock_is_caught(text: str, fault: str | None) -> None:
    faults = locks.python_faults(text)
    assert (not faults) if fault is None else any(fault in one for one in faults)


def test_a_hidden_import_is_caught() -> None:
    assert imports_in_functions("def f():\n    import os\n") == [2]


def test_a_long_function_is_seen() -> None:
    assert functions_in("def f():\n" + "    x = 1\n" * 60)[0][2] == 61


def bound_in_the_lake(text: str) -> list[int]:
    """Lines that hand parameters to a cursor of the lake."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "execute"
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "cursor"
        and len(node.args) > 1
    ]


def test_nothing_is_bound_to_a_statement_of_the_lake() -> None:
    """A bound parameter makes DuckDB import pandas: a third of a second and 60 MB in the first page of every process."""
    assert bound_in_the_lake("session.cursor.execute('SELECT ?', [1])") == [1]
    for path in sources(".py"):
        assert bound_in_the_lake(path.read_text(encoding="utf-8")) == [], path
