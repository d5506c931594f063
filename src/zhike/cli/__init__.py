"""The command `zhike`: one module per command, nothing heavy loaded before it is needed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import click

# name → "module:function"; the order is the order of `zhike --help`.
COMMANDS: Final = {
    "up": "server:up",
    "web": "server:web",
    "worker": "server:worker",
    "demo": "demo:demo",
    "analyse": "analyse:analyse",
    "import": "importing:import_file",
    "loop": "loops:loop",
    "spark": "spark:spark",
    "export": "exporting:export",
    "backup": "backups:backup",
    "restore": "backups:restore",
    "doctor": "doctor:doctor",
    "keys": "keys:keys",
    "config": "settings:config",
    "user": "users:user",
}


class Commands(click.Group):
    """Loads a command's module only when that command (or the help) is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command by name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(importlib.import_module(f"zhike.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its whole sentence in both languages; click would cut it short."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help or "") for name, command in found if command])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zhike")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="同各命令的 --home。As each command's --home.",
)
@click.option("--json", "as_json", is_flag=True, help="同各命令的 --json。As each command's --json.")
@click.pass_context
def main(ctx: click.Context, home: Path | None, as_json: bool) -> None:
    """知客:自托管的客户资产管理系统。Zhike: a self-hosted customer asset management system."""
    ctx.obj = {"home": home, "as_json": as_json}
