"""What the insight stage does in the background when somebody asks for it."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from zhike.insight import actions, answering
from zhike.insight.queries import groups, portraits
from zhike.kernel import clock, jobs, lake
from zhike.kernel.models import User


@jobs.job("insight.cross", queue="bulk")
def cross(run: jobs.Run) -> dict[str, object]:
    """Cross all customers anew, as of today."""
    lake.sync()
    found = actions.cross(as_of=clock.today(), by=run.job.by, now=True)
    return {"told": len(found.params["told"]) if found else 0, "customers": found.customers if found else 0}


@jobs.job(f"insight.{answering.PORTRAIT}")
def portrait(run: jobs.Run, *, mark: str, about: Mapping[str, Any]) -> dict[str, object]:
    """The portrait of a group of a large base, as of the latest run and within the scope of whoever asked."""
    asker = User.objects.get(pk=about["asker"])
    found = portraits.portrait(
        asker,
        groups.group(asker, about["chosen"]),
        about["chosen"],
        tell=lambda step: run.progress(step, portraits.STEPS),
    )
    if found is not None:
        answering.keep(answering.PORTRAIT, mark, portraits.to_json(found))
    return {"customers": found.customers if found else 0}


@jobs.job(f"insight.{answering.FORETELL}")
def foretell(run: jobs.Run, *, mark: str, about: Mapping[str, Any]) -> dict[str, object]:
    """What the monthly series of a group foretell; the series came with the question, no customer is looked at."""
    trending = import_module(f"zhike.insight.{actions.STATSMODELS}")
    told = trending.foretold(about["months"], about["of"], tell=run.progress)
    answering.keep(answering.FORETELL, mark, told)
    return {"months": len(about["months"])}
