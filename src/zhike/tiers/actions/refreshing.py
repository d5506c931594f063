"""Find the members of segments anew; one that fails keeps its last good result, says why, and stops nobody else."""

from __future__ import annotations

import logging
import time
from datetime import date

from django.db import InterfaceError, OperationalError, transaction

from zhike.core.errors import Refusal
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.engine.segments import Seen, follow, snapshot
from zhike.kernel import audit, clock, jobs, lake
from zhike.kernel.models import Job, User
from zhike.tiers import queries, segmenting
from zhike.tiers.facts import SegmentReceipt, SegmentsReceipt
from zhike.tiers.models import Segment
from zhike.tiers.queries.segments import REFRESH, REFRESH_ALL

logger = logging.getLogger("zhike.segments")


def refresh_segment(*, segment: Segment, as_of: date, by: User | None = None) -> SegmentReceipt:
    """Find who is in a segment on a day and write only the difference; a day before the last refresh changes nothing."""
    began = time.monotonic()
    try:
        return _refresh(segment, as_of, by)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the job starts again by itself
    except Refusal as refusal:
        return _failed(segment, as_of, refusal, began)
    except Exception as error:
        logger.exception("segment %s failed", segment.key)
        return _failed(segment, as_of, _unexpected(error), began)


def refresh_segments(*, as_of: date, by: User | None = None, run: jobs.Run | None = None) -> SegmentsReceipt:
    """Refresh every segment in use, one after the other."""
    began = time.monotonic()
    found = list(queries.segments().order_by("pk"))
    receipts: list[SegmentReceipt] = []
    for number, ready in enumerate(queries.in_order(found)):
        if number:
            lake.sync()  # who came into the segments that these look at
        for one in ready:
            if run:
                run.progress(len(receipts), len(found), one.title)
            receipts.append(refresh_segment(segment=one, as_of=as_of, by=by))
    return SegmentsReceipt(as_of=as_of, segments=tuple(receipts), seconds=time.monotonic() - began)


def refresh_soon(*, segment: Segment, by: User | None) -> Job:
    """Refresh one segment by a job, in the transaction of the moment."""
    title = Text(f"更新分群“{segment.title.zh}”", f"Refresh the segment “{segment.title.en}”")
    return jobs.defer(REFRESH, by=by, title=title, segment=segment.pk)


def refresh_all_soon(*, by: User | None) -> Job:
    """Refresh every segment by a job."""
    return jobs.defer(REFRESH_ALL, by=by, title=Text("更新全部分群", "Refresh all segments"))


def keep_up() -> Job | None:
    """After new facts came in: refresh every segment by a job, unless there is none or a job waits already."""
    if not queries.segments().exists() or queries.refreshing_all():
        return None
    return refresh_all_soon(by=None)


@jobs.job(REFRESH)
def refresh_one_job(run: jobs.Run, *, segment: int) -> dict[str, object]:
    """One segment, on the facts of now; its own refusal fails the job, so that whoever waits reads why."""
    found = Segment.objects.filter(pk=segment).first()
    if found is None:
        return {}
    run.progress(0, 2, Text("同步数据", "Taking in what is new"))
    lake.sync()
    run.progress(1, 2, Text("计算成员", "Finding the members"))
    receipt = refresh_segment(segment=found, as_of=clock.today(), by=run.job.by)
    run.progress(2, 2)
    if receipt.error is not None:
        raise receipt.error
    for other in queries.users_of(found) if receipt.added or receipt.removed else ():
        refresh_soon(segment=other, by=run.job.by)
    return {"members": receipt.members, "added": receipt.added, "removed": receipt.removed}


@jobs.job(REFRESH_ALL)
def refresh_all_job(run: jobs.Run) -> dict[str, object]:
    """Every segment, on the facts of now."""
    lake.sync()
    receipt = refresh_segments(as_of=clock.today(), by=run.job.by, run=run)
    run.progress(len(receipt.segments), len(receipt.segments))
    return receipt.told()


def _refresh(segment: Segment, as_of: date, by: User | None) -> SegmentReceipt:
    began = time.monotonic()
    with transaction.atomic(), lake.session() as session:
        held = Segment.objects.select_for_update().get(pk=segment.pk)
        if held.as_of and held.as_of > as_of and held.error is None:
            return SegmentReceipt(segment=held.key, name=held.name, as_of=held.as_of, members=held.members)
        written, state = _written(session, held, as_of)
        held.refreshed_at, held.as_of = clock.now(), max(as_of, held.as_of or as_of)
        held.members, held.added, held.removed = written.members, written.added, written.removed
        held.seconds, held.error, held.failed_at = round(time.monotonic() - began, 3), None, None
        held.snapshot = state if held.as_of == as_of else None
        held.save(update_fields=_RESULT)
        if written.added or written.removed:
            changes = {"added": written.added, "removed": written.removed, "members": written.members}
            audit.record("tiers.segment_refreshed", held, by=by, changes=changes)
    return SegmentReceipt(
        segment=held.key,
        name=held.name,
        as_of=as_of,
        members=written.members,
        added=written.added,
        removed=written.removed,
        seconds=held.seconds,
    )


def _written(session: Session, held: Segment, as_of: date) -> tuple[segmenting.Difference, int | None]:
    """Write who came and went, and tell the state of the lake that this was found in.

    On the day of the last refresh only those to whom something has happened since are asked again, where the rule allows it.
    """
    rule = queries.readable(held.rule)
    if held.as_of == as_of and held.snapshot is not None and held.error is None:
        followed = follow(session, rule, Seen(as_of, held.snapshot))
        if followed is not None:
            written = segmenting.write_followed(session, followed, held.pk, as_of)
            return written, followed.seen.snapshot
    state = snapshot(session)
    return segmenting.write_members(segmenting.found(session, rule, as_of), held.pk, as_of), state


_RESULT = [
    "refreshed_at",
    "as_of",
    "members",
    "added",
    "removed",
    "seconds",
    "error",
    "failed_at",
    "snapshot",
]


def _failed(segment: Segment, as_of: date, refusal: Refusal, began: float) -> SegmentReceipt:
    """Keep what went wrong beside the last good result."""
    Segment.objects.filter(pk=segment.pk).update(error=refusal.as_json(), failed_at=clock.now())
    return SegmentReceipt(
        segment=segment.key,
        name=segment.name,
        as_of=as_of,
        members=segment.members,
        seconds=time.monotonic() - began,
        error=refusal,
    )


def _unexpected(error: Exception) -> Refusal:
    kind = type(error).__name__
    return Refusal(
        Text(
            f"计算时出错({kind}),成员保持上次的结果。",
            f"The computation failed ({kind}); the members stay as they were.",
        ),
        Text(
            "请稍后再更新;仍然出错时请查看服务日志。",
            "Refresh again later; if it fails again, look at the service's log.",
        ),
    )
