"""Make, edit, put away and bring back segments."""

from __future__ import annotations

from django.db import transaction

from zhike.core.rules import Rule, text, to_json
from zhike.core.text import Text
from zhike.kernel import audit, clock
from zhike.kernel.models import User
from zhike.tiers import queries
from zhike.tiers.actions.refreshing import refresh_soon
from zhike.tiers.facts import TierRefusal
from zhike.tiers.models import Segment
from zhike.tiers.shipped import both, example

LONGEST = 80
NAMED = 5  # places told of in a refusal


@transaction.atomic
def make_segment(*, name: str, rule: Rule, by: User | None, note: str = "", start: bool = True) -> Segment:
    """A new segment; with `start` its members are found at once, by a job."""
    called = _called(name)
    now = clock.now()
    made = Segment.objects.create(
        name=called,
        note=note.strip(),
        rule=to_json(rule),
        created_at=now,
        created_by=by,
        updated_at=now,
        updated_by=by,
    )
    audit.record("tiers.segment_made", made, by=by, changes={"name": called, "rule": _said(rule)})
    if start:
        refresh_soon(segment=made, by=by)
    return made


def make_example(*, key: str, by: User | None) -> Segment:
    """A segment as one of the examples has it; its members are found by the next refresh."""
    begun = example(key)
    if begun is None:
        raise KeyError(key)
    rule = queries.readable(begun.rule)
    return make_segment(name=str(begun.name), note=str(begun.hint), rule=rule, by=by, start=False)


@transaction.atomic
def edit_segment(*, segment: Segment, name: str, rule: Rule, note: str, revision: int, by: User) -> Segment:
    """Change name, note or rule; refused when somebody else did so since `revision`."""
    held = Segment.objects.select_for_update().get(pk=segment.pk)
    if held.revision != revision or held.archived_at:
        raise TierRefusal(
            Text(
                "这个分群刚被别人改过,您的修改还没有保存。",
                "Somebody else has just changed this segment; yours is not saved.",
            ),
            Text("请在新标签页打开它对照后再保存。", "Open it in a new tab, compare, and save again."),
        )
    called = _called(name, held)
    changes: dict[str, object] = {}
    if called != held.name:
        changes["name"] = {"from": held.name, "to": called}
    fresh = to_json(rule)
    if queries.circle(str(held.key), fresh):
        raise TierRefusal(
            Text("规则绕回到了这个分群自己。", "The rule leads back to this segment itself."),
            Text("请去掉引用了它的分群。", "Leave out the segments whose rules look at it."),
        )
    if fresh != held.rule:
        changes["rule"] = {"from": queries.in_words([held])[held.pk].as_json(), "to": _said(rule)}
    held.name, held.note, held.rule = called, note.strip(), fresh
    held.revision += 1
    held.updated_at, held.updated_by = clock.now(), by
    if "rule" in changes:
        held.snapshot = None  # the members were found by another rule: everybody is asked anew
    held.save(update_fields=["name", "note", "rule", "revision", "updated_at", "updated_by", "snapshot"])
    audit.record("tiers.segment_edited", held, by=by, changes=changes)
    if "rule" in changes:
        refresh_soon(segment=held, by=by)
    return held


@transaction.atomic
def archive_segment(*, segment: Segment, by: User) -> None:
    """Put a segment away: it leaves lists and filters and is refreshed no more; members and history stay.

    Refused while another segment's rule or a view that the asker sees looks at it, with where.
    """
    used = queries.uses_of(segment, by).seen
    if used:
        where = [one.said for one in used[:NAMED]]
        more = len(used) - len(where)
        zh, en = ("、".join(one.zh for one in where), ", ".join(one.en for one in where))
        raise TierRefusal(
            Text(
                f"它正被使用:{zh}{f'等 {len(used)} 处' if more else ''}。",
                f"It is in use: {en}{f' and {more} more' if more else ''}.",
            ),
            Text(
                "请先修改这些规则,删除或改存这些视图。",
                "Change these rules first, and remove these views or save them anew.",
            ),
        )
    Segment.objects.filter(pk=segment.pk, archived_at=None).update(archived_at=clock.now())
    audit.record("tiers.segment_archived", segment, by=by, changes={"name": segment.name})


@transaction.atomic
def restore_segment(*, segment: Segment, by: User) -> None:
    """Bring a segment back that was put away; it is refreshed at once."""
    _called(segment.name, segment)
    Segment.objects.filter(pk=segment.pk).update(archived_at=None)
    audit.record("tiers.segment_restored", segment, by=by, changes={"name": segment.name})
    refresh_soon(segment=segment, by=by)


def incomplete(waiting: int) -> TierRefusal:
    """A rule that is not whole yet: blank, or with conditions still to be filled in."""
    if not waiting:
        return TierRefusal(
            Text("还没有条件。", "There is no condition yet."),
            Text("请至少选择一个条件。", "Choose at least one condition."),
        )
    return TierRefusal(
        Text(f"有 {waiting} 个条件没有填完整。", f"{waiting} of the conditions are not filled in."),
        Text("请填完,或删除不需要的条件。", "Fill them in, or remove those that are not needed."),
    )


def _called(name: str, own: Segment | None = None) -> str:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST:
        raise TierRefusal(
            Text("分群名称为空或过长。", "The segment's name is empty or too long."),
            Text(f"请填写 1 到 {LONGEST} 个字。", f"Use 1 to {LONGEST} characters."),
            place=Text("名称", "Name"),
        )
    others = Segment.objects.exclude(pk=own.pk) if own else Segment.objects.all()
    told = both(called)
    if others.filter(name__in={called, told.zh, told.en}, archived_at=None).exists():
        raise TierRefusal(
            Text(f"已有名为“{called}”的分群。", f"There is a segment called “{called}” already."),
            Text("请换一个名称。", "Choose another name."),
            place=Text("名称", "Name"),
        )
    return called


def _said(rule: Rule) -> object:
    return text(rule, queries.labels()).as_json()
