"""Fail when a lock file names a registry's host or leaves a package without a hash."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^[A-Za-z0-9_.\-\[\]]+==")
FORBIDDEN = re.compile(r"https?://|--(extra-)?index|--find-links|^-f |^-i |file:", re.MULTILINE)


def python_faults(text: str) -> list[str]:
    """What is wrong with a hash-locked requirements file."""
    faults = [f"names a host or an index: {found.group(0).strip()}" for found in FORBIDDEN.finditer(text)]
    for block in re.split(r"\n(?=\S)", text.strip()):
        if block.startswith("#") or not block:
            continue
        if not PINNED.match(block):
            faults.append(f"not pinned: {block.splitlines()[0]}")
        elif "--hash=sha256:" not in block:
            faults.append(f"without a hash: {block.splitlines()[0]}")
    return faults


def npm_faults(text: str) -> list[str]:
    """What is wrong with package-lock.json."""
    packages: dict[str, dict[str, object]] = json.loads(text)["packages"]
    faults = [
        f"{name}: names where it was fetched" for name, entry in packages.items() if "resolved" in entry
    ]
    return faults + [
        f"{name}: without a hash" for name, entry in packages.items() if name and "integrity" not in entry
    ]


def main() -> int:
    """Check every lock file of the project."""
    faults = []
    for path in sorted(ROOT.glob("requirements*.lock")):
        faults += [f"{path.name}: {fault}" for fault in python_faults(path.read_text(encoding="utf-8"))]
    lock = ROOT / "package-lock.json"
    faults += [f"{lock.name}: {fault}" for fault in npm_faults(lock.read_text(encoding="utf-8"))]
    print("\n".join(faults) or "locks: pinned, hashed, no host")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
