"""RFM against the bare group-by in the lake of a home, as JSON: `python -m bench.lake_ratio HOME`."""

import dataclasses
import json
import os
import sys
from pathlib import Path

from bench import rfm
from zhike.cli import here


def main(home: Path) -> None:
    """Measure in a process of its own, with the settings of the home."""
    os.environ["ZHIKE_HOME"] = str(home)
    with here.django(here.Here(home, as_json=True)):
        from zhike.kernel import lake

        with lake.session() as session:
            print(json.dumps([dataclasses.asdict(one) for one in rfm.measure(session)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
