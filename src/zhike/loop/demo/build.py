"""Building the demonstration, told in order; what is built stays built, so a second run changes nothing."""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db import transaction

from zhike.blueprint import queries as blueprint
from zhike.core.text import Text
from zhike.kernel import actions, audit, jobs
from zhike.kernel.models import AuditEntry, Department, Installation, Scope, User
from zhike.kernel.roles import Admin
from zhike.loop import daily
from zhike.loop.demo import figures, files, policy, work
from zhike.loop.demo.people import DEPARTMENTS, MAIL, STAFF
from zhike.tiers import actions as tiers

Tell = Callable[[int, int, Text | None], None]

COMPANY = "知客演示超市"
MONTHS = [
    date(2017, month, day) for month, day in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
]
SEGMENTS = ("valuable_silent", "rising", "once_only", "birthdays", "neglected")
RANKS = {"loyalty": 80, "survey": 60, "shop": 70, "campaigns": 50, "coupons": 50, "reviews": 50}


def build(tell: Tell | None = None) -> dict[str, object]:
    """Fill this home with the sample and a year of the loop; returns the figures that `zhike demo --json` prints."""
    say = tell or (lambda done, total, step: None)
    by = _people()
    sent = [] if _is_done("demo.imported") else files.write(settings.CONFIG.home / "demo")
    steps = len(sent) + len(MONTHS)
    policy.begin(by=by)
    for done, one in enumerate(sent):
        say(done, steps, Text(f"导入 {one.path.name}", f"Importing {one.path.name}"))
        _send(one, by=by)
    if sent:
        audit.record("demo.imported", None, by=by)
    _segments(by=by)
    for done, end in enumerate(MONTHS, len(sent)):
        say(done, steps, Text(f"闭环 {end:%Y-%m}", f"The loop of {end:%Y-%m}"))
        _month(end, by=by)
    say(steps, steps, None)
    return figures.figures()


def _is_done(step: str, note: str = "") -> bool:
    return AuditEntry.objects.filter(what=step, note=note).exists()


@transaction.atomic
def _people() -> User:
    """The invented staff (nobody can sign in as them), and the sign that this home is a demonstration."""
    held = User.objects.filter(email=f"system@{MAIL}").first()
    if held is not None:
        return held
    _refuse_a_real_home()
    actions.describe_installation(company=COMPANY, is_demo=True, business_date=MONTHS[0], by=None)
    places = {name: actions.add_department(name=name, parent=None, by=None) for name in DEPARTMENTS}
    for one in STAFF:
        actions.add_staff(
            email=f"{one.mail}@{MAIL}", name=one.name, role=one.role, scope=one.scope,
            department=places[one.department], by=None,
        )  # fmt: skip
    return actions.add_staff(
        email=f"system@{MAIL}", name="演示系统", role=Admin.key, scope=Scope.ALL, department=None, by=None
    )


def _refuse_a_real_home() -> None:
    """A demonstration never mixes with a company's own data."""
    in_use = User.objects.exists() or Department.objects.exists() or blueprint.current_or_none() is not None
    if in_use and not Installation.objects.filter(is_demo=True).exists():
        raise policy.DemoRefusal(
            reason=Text("这个目录里已有真实数据。", "This home already holds real data."),
            remedy=Text(
                "请用 --home 指定一个空目录来生成演示数据。",
                "Name an empty folder with --home for the demonstration.",
            ),
        )


def _send(one: files.Sendable, *, by: User) -> None:
    """Import one file as a person would, unless it is in already."""
    if _is_done("demo.sent", one.path.name):
        return
    batch = policy.receive(one, rank=RANKS[one.source], by=by)
    job = jobs.perform(
        "loop.collect", by=by, title=Text("导入演示数据", "Importing the demonstration"), batch=batch.pk
    )
    if job.error is not None:
        raise policy.DemoRefusal(Text.from_json(job.error["reason"]), Text.from_json(job.error["remedy"]))
    audit.record("demo.sent", batch, by=by, note=one.path.name)
    one.path.unlink(missing_ok=True)


def _segments(*, by: User) -> None:
    """What a marketing team would keep an eye on, from the first month on."""
    if _is_done("demo.segments"):
        return
    with transaction.atomic():
        for key in SEGMENTS:
            tiers.make_example(key=key, by=by)
        audit.record("demo.segments", None, by=by)


def _month(end: date, *, by: User) -> None:
    """Go to the end of a month: staff do what was due, then the loop goes round."""
    if _is_done("demo.month", end.isoformat()):
        return
    actions.describe_installation(is_demo=True, business_date=end, by=None)
    policy.enact(end, by=by)
    with transaction.atomic():
        work.do(end, by=by)
    daily.run(as_of=end, by=by)
    audit.record("demo.month", None, by=by, note=end.isoformat())
