"""Questions that only the shell asks: what the palette offers, what a search finds, what the audit log holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhike.core import pinyin
from zhike.kernel import queries, slots
from zhike.kernel.facts import Hit
from zhike.kernel.models import AuditEntry, Department, Invitation, User

PALETTE_EACH = 6
AUDIT_PAGE = 50
AUDIT_EXPORT_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one provider under its heading."""

    key: str
    label: str
    hits: list[Hit]


def search(user: User, text: str) -> list[Found]:
    """Ask every provider the user may ask; an empty question finds nothing."""
    wanted = text.strip()
    if not wanted:
        return []
    asked = ((one, one.find(user, wanted)) for one in slots.searches(user))
    return [Found(one.key, str(one.label), hits) for one, hits in asked if hits]


def called(label: str, wanted: str) -> bool:
    """Whether a label is meant: its words, its pinyin or its initials."""
    wanted = wanted.lower()
    return wanted in label.lower() or any(term.startswith(wanted) for term in pinyin.terms(label))


def pick(hits: Iterable[Hit], wanted: str) -> list[Hit]:
    """All hits while nothing is asked, so that none is out of reach; else the first few that are meant."""
    return (
        list(islice((hit for hit in hits if called(hit.title, wanted)), PALETTE_EACH * 2))
        if wanted
        else list(hits)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries of the audit log are asked for; lives in the address."""

    who: str = ""
    what: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


def audit_log(asker: User, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The entries the asker may read, newest first."""
    found = queries.audit_entries(asker)
    if wanted.who:
        found = found.filter(by=None) if wanted.who == "system" else found.filter(by__key=wanted.who)
    if wanted.what:
        found = found.filter(what__startswith=wanted.what)
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found.filter(id__lt=wanted.before) if wanted.before else found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def staff_found(asker: User, *, text: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Members of staff by name or e-mail, role and whether they may sign in."""
    found = queries.staff(asker)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role:
        found = found.filter(role=role)
    return found.filter(is_active=state != "inactive") if state in {"active", "inactive"} else found


def invitations_open() -> QuerySet[Invitation]:
    """Invitations that can still be used, oldest first."""
    waiting = Invitation.objects.open(at=timezone.now()).exclude(invited_by=None)
    return waiting.select_related("department", "invited_by").order_by("created_at")


def with_second_factor(people: Iterable[User]) -> set[int]:
    """The ids of those who sign in with an authenticator app."""
    kinds = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return set(kinds.filter(user__in=[one.pk for one in people]).values_list("user_id", flat=True))


@dataclass(frozen=True, slots=True)
class Branch:
    """A department as the tree shows it."""

    department: Department
    depth: int
    people: int


def tree() -> list[Branch]:
    """All departments, parents before children, with the number of active staff in each."""
    counts: dict[int | None, int] = {}
    for where in User.objects.filter(is_active=True).values_list("department_id", flat=True):
        counts[where] = counts.get(where, 0) + 1
    every = list(queries.departments())
    children: dict[int | None, list[Department]] = {}
    for one in every:
        children.setdefault(one.parent_id, []).append(one)
    return list(_walk(children, counts, None, 0))


def _walk(
    children: dict[int | None, list[Department]],
    counts: dict[int | None, int],
    parent: int | None,
    depth: int,
) -> Iterable[Branch]:
    for one in sorted(children.get(parent, []), key=lambda each: each.name):
        yield Branch(one, depth, counts.get(one.pk, 0))
        yield from _walk(children, counts, one.pk, depth + 1)
