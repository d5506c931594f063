"""Work that customers leave to the worker."""

from zhike.engine.lake import erase
from zhike.kernel import jobs, lake


@jobs.job("customers.forget", queue="urgent")
def forget(run: jobs.Run, *, customer: int) -> dict[str, object]:
    """Delete an erased customer from every table, snapshot and file of the lake."""
    with lake.session() as session:
        rows = erase(session, [customer])
    run.progress(1, 1)
    return {"rows": rows}
