"""YAML text turned into plain data with the line of every value, refusing what could hurt: size, depth, aliases, tags."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zhike.core.blueprints.problems import BadBlueprint, Problem
from zhike.core.text import Text

MAX_CHARACTERS, MAX_DEPTH, MAX_EVENTS = 400_000, 40, 60_000
Path = tuple[str | int, ...]
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,18}\.\d*|\.\d+)")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without any guessing of types: every scalar stays text, quoted or not."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def written(path: Path) -> str:
    """Write a path as people read it: tiers[0].rule."""
    said = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return said.lstrip(".") or "YAML"


def load(text: str) -> tuple[object, dict[Path, int]]:
    """Read YAML into dicts, lists, text, ints, Decimals and booleans, with the line each value stands on.

    Raises `BadBlueprint`.
    """
    if len(text) > MAX_CHARACTERS:
        raise _refused(
            None,
            f"文本超过 {MAX_CHARACTERS} 个字符。",
            f"The text is longer than {MAX_CHARACTERS} characters.",
        )
    root = _composed(text)
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    data = _built(root, (), lines, problems) if root is not None else None
    if problems:
        raise BadBlueprint(tuple(problems))
    return data, lines


def _refused(line: int | None, zh: str, en: str) -> BadBlueprint:
    remedy = Text("请核对缩进、冒号和引号。", "Check indents, colons and quotes.")
    return BadBlueprint((Problem("YAML", line, Text(zh, en), remedy),))


def _composed(text: str) -> Node | None:
    try:
        _check_events(text)
        node: Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _refused(
            line, f"不是有效的 YAML:{error.problem}。", f"This is not valid YAML: {error.problem}."
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _refused(None, "不是有效的 YAML。", "This is not valid YAML.") from None
    return node


def _check_events(text: str) -> None:
    """Look through the stream before building anything, so that no text can make us build much."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(line, "不能用锚点和引用(& *)。", "Anchors and aliases (& *) are not allowed.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or count > MAX_EVENTS:
            raise _refused(line, "嵌套太深或内容太多。", "It is nested too deep or holds too much.")


def _built(node: Node, path: Path, lines: dict[Path, int], problems: list[Problem]) -> object:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(node, path, lines, problems)
    if isinstance(node, SequenceNode):
        return [_built(item, (*path, n), lines, problems) for n, item in enumerate(node.value)]
    if isinstance(node, ScalarNode):
        return node.value if node.style else _plain(node.value)
    return None


def _mapping(
    node: MappingNode, path: Path, lines: dict[Path, int], problems: list[Problem]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value if isinstance(key_node, ScalarNode) else None
        if key is None or key in found:
            what = written((*path, key)) if key is not None else written(path)
            reason = Text(f"“{key}”写了两次。", f"“{key}” is written twice.")
            remedy = Text("请只留一处。", "Keep one of them.")
            problems.append(Problem(what, line, reason, remedy))
            continue
        lines[(*path, key)] = line
        found[key] = _built(value_node, (*path, key), lines, problems)
    return found


def _plain(text: str) -> object:
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text) and not re.match(r"[+-]?0\d", text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text
