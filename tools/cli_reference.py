"""Write docs/guide/cli.md from the commands themselves, so that it cannot be out of date."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from zhike.cli import main as root

TARGET = Path(__file__).resolve().parents[1] / "docs/guide/cli.md"
HEAD = """# 命令 Commands

由 `make docs` 生成。Made by `make docs` from the commands themselves.

每个命令都接受 `--home DIR`(数据目录)与 `--json`(最后一行为一个 JSON 对象,其余输出走 stderr)。
退出码:0 成功,1 被拒绝(附原因与办法),2 用法错误。
Every command takes `--home DIR` and `--json` (the last line is one JSON object; everything else goes to stderr). Exit
codes: 0 done, 1 refused (with the reason and the remedy), 2 wrong usage.
"""
SHARED = {"home", "as_json", "help"}


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, depth first."""
    context = click.Context(group, info_name=" ".join(path))
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        elif found is not None:
            yield " ".join((*path, name)), found


def described(name: str, command: click.Command) -> str:
    """One command as Markdown."""
    own = [parameter for parameter in command.params if parameter.name not in SHARED]
    words = [_word(parameter) for parameter in own]
    lines = [f"\n## {name}\n", (command.help or "").strip(), f"\n```\n{' '.join([name, *words])}\n```\n"]
    options = [parameter for parameter in own if isinstance(parameter, click.Option)]
    lines += [f"- `{'`, `'.join(option.opts)}` — {(option.help or '').strip()}" for option in options]
    return "\n".join(lines).rstrip() + "\n"


def _word(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(click.Context(click.Command("x")))
    name = max(parameter.opts, key=len)
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return f"[{name}]"
    metavar = parameter.make_metavar(click.Context(click.Command("x")))
    return f"{name} {metavar}" if parameter.required else f"[{name} {metavar}]"


def reference() -> str:
    """The whole page."""
    return HEAD + "".join(described(name, command) for name, command in commands(root, ("zhike",)))


def main() -> int:
    """Write it."""
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"{TARGET.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
