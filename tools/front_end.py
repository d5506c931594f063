"""Copy the front-end files named in `desk/vendor.json` from node_modules into the ignored static folder."""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "src/zhike/desk/vendor.json"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/zhike/desk/static/vendor"


def copy(names: dict[str, list[str]], modules: Path, vendor: Path) -> int:
    """Copy each package's named files, with its licence, and drop what is no longer named."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for package, files in names.items():
        licences = [path.name for path in (modules / package).glob("LICENSE*")]
        for name in (*files, *licences):
            target = fresh / package / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(modules / package / name, target)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return sum(1 for path in vendor.rglob("*") if path.is_file())


def main() -> int:
    """Report a missing file by name: a package that moved its files must not leave a page without style."""
    try:
        count = copy(json.loads(LIST.read_text(encoding="utf-8")), MODULES, VENDOR)
    except FileNotFoundError as error:
        print(f"front end: {error.filename} is missing; mend {LIST.relative_to(ROOT)}", file=sys.stderr)
        return 1
    print(f"front end: {count} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
