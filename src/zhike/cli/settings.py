"""`zhike config`: the settings in force and where they come from."""

from __future__ import annotations

import click

from zhike.cli import here as cli
from zhike.cli.here import Here


@click.command(help="显示生效的设置(密钥隐藏)。Show the settings in force, secrets hidden.")
@cli.options
def config(here: Here) -> None:
    """Print every setting."""
    shown = here.config.shown()
    here.answer(shown)
    if not here.as_json:
        width = max(map(len, shown))
        for name, value in shown.items():
            click.echo(f"{name:<{width}}  {value}")
        here.say(
            f"修改:{here.home}/zhike.toml 或环境变量 ZHIKE_<NAME>。",
            f"Change them in {here.home}/zhike.toml or by ZHIKE_<NAME> in the environment.",
        )
