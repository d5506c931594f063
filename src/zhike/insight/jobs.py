"""What the insight stage does in the background when somebody asks for it."""

from zhike.insight import actions
from zhike.kernel import clock, jobs, lake


@jobs.job("insight.cross", queue="bulk")
def cross(run: jobs.Run) -> dict[str, object]:
    """Cross all customers anew, as of today."""
    lake.sync()
    found = actions.cross(as_of=clock.today(), by=run.job.by, now=True)
    return {"told": len(found.params["told"]) if found else 0, "customers": found.customers if found else 0}
