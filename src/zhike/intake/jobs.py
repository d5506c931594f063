"""The background work of intake itself; collecting is the loop's."""

from zhike.intake import actions, queries
from zhike.kernel import jobs


@jobs.job("intake.look", queue="default")
def look(run: jobs.Run, *, batch: int) -> dict[str, object]:
    """Open a large workbook and find its table."""
    actions.look(queries.batch(batch))
    return {}
