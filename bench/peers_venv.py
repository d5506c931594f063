"""An interpreter with the peers that we measure ourselves against, made once and kept beside the base."""

import subprocess
import sys
from pathlib import Path

PACKAGES = ("lifetimes", "scikit-learn", "pandas", "polars", "pyarrow")


def python(folder: Path, given: str = "") -> str:
    """The interpreter; empty, and said so, when the peers cannot be had."""
    if given:
        return given
    found = folder / "bin" / "python"
    if (folder / "complete").exists():
        return str(found)
    print(f"… installing {', '.join(PACKAGES)} aside", file=sys.stderr, flush=True)
    install = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    for step in ([sys.executable, "-m", "venv", str(folder)], install):
        if subprocess.run(step, check=False).returncode:
            print("… left out: they cannot be installed", file=sys.stderr)
            return ""
    (folder / "complete").touch()
    return str(found)
