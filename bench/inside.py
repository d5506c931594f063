"""What only the product's own code can tell about a home, as one JSON line: `python -m bench.inside HOME QUESTION …`."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench import rfm
from zhike.cli import here


def ask(home: Path, question: str, *details: str) -> Any:
    """Ask in a process of its own, so that Django and the lake take no memory here."""
    command = [sys.executable, "-m", "bench.inside", str(home), question, *details]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def cookie() -> str:
    """Sign an operations manager in, made if need be."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from zhike.kernel.models import User

    person, _ = User.objects.get_or_create(
        email="bench@example.com", defaults={"name": "Bench", "role": "operations", "scope": "all"}
    )
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def last_job_seconds() -> float:
    """How long the latest job worked, start of Python left out."""
    from zhike.kernel.models import Job

    job = Job.objects.exclude(finished_at=None).latest("finished_at")
    return (job.finished_at - job.started_at).total_seconds()


def daily_loop(day: str) -> dict[str, float]:
    """One turn of the daily loop: seconds of sync, RFM, tiers and their write-back; of all of it; and what it did."""
    from zhike.loop import daily

    started = time.perf_counter()
    receipt = daily.run(as_of=date.fromisoformat(day))
    return {
        "judged": receipt.synced.seconds + receipt.insight.seconds + receipt.tiers.seconds,
        "all": time.perf_counter() - started,
        "customers": receipt.insight.customers,
        "tasks": receipt.tasks.made,
    }


def rfm_in_the_lake() -> list[dict[str, Any]]:
    """RFM against the bare group-by over this home's lake."""
    from zhike.kernel import lake

    with lake.session() as session:
        return [dataclasses.asdict(one) for one in rfm.measure(session)]


QUESTIONS: dict[str, Callable[..., Any]] = {
    question.__name__: question for question in (cookie, last_job_seconds, daily_loop, rfm_in_the_lake)
}


def main(home: Path, question: str, *details: str) -> None:
    """Answer one question."""
    os.environ["ZHIKE_HOME"] = str(home)
    with here.django(here.Here(home, as_json=True)):
        print(json.dumps(QUESTIONS[question](*details)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
