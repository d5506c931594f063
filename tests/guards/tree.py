"""The project's files as git knows them, for guards that read source."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/zhike"


@cache
def committed() -> tuple[Path, ...]:
    """Every file that is, or is about to be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def sources(*suffixes: str, under: str = "src") -> list[Path]:
    """Committed files of a kind below a folder."""
    return [path for path in committed() if path.suffix in suffixes and path.is_relative_to(ROOT / under)]
