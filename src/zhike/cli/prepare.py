"""Run by `zhike up` before anything is served: migrate, recover interrupted jobs, make the first set-up link."""

from __future__ import annotations

import json
import sys

from zhike.cli import here


def prepare() -> dict[str, object]:
    """Do it, in a process of its own so that the supervisor stays small."""
    here.start_django()
    migrated = here.migrate()

    from zhike.kernel import actions

    try:
        return {"migrated": migrated, "setup": actions.setup_link()}
    finally:
        here.let_go()


if __name__ == "__main__":
    json.dump(prepare(), sys.stdout)
