"""The lake's nightly upkeep: small files merged, old snapshots dropped."""

from zhike.core.text import Text
from zhike.kernel import jobs, lake

TITLE = Text("数据湖维护", "Upkeep of the lake")


@jobs.job("loop.upkeep", queue="bulk")
def upkeep(run: jobs.Run) -> dict[str, object]:
    """Keep the lake small."""
    done = lake.tidy()
    run.progress(1, 1)
    return {"snapshots": done.snapshots_expired, "files": done.files_removed}
