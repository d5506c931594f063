"""The time the business goes by: real time, or the pinned date of a demonstration."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from zhike.kernel import queries


def now() -> datetime:
    """The moment, aware; in a demonstration the pinned date at the real time of day."""
    real = timezone.now()
    pinned = queries.installation().business_date
    if pinned is None:
        return real
    local = timezone.localtime(real)
    return local.replace(year=pinned.year, month=pinned.month, day=pinned.day)


def today() -> date:
    """The business date in the installation's time zone."""
    return queries.installation().business_date or timezone.localdate()


def calendar_day() -> date:
    """The day of the calendar, whatever a demonstration is pinned to: nothing that has happened lies after it."""
    return timezone.localdate()


def days_ago(days: int) -> date:
    """The business date so many days back."""
    return today() - timedelta(days=days)
