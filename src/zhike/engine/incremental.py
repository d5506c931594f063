"""The metrics of a new day out of what an earlier day kept: only customers are looked at again about whom something changed.

Kept is what is settled about each customer: most metrics, and of those that move with the day, such as days since something
happened, the parts they are reckoned from. It changes only when a fact of the customer came, went or was corrected, when
a fact dated later than the earlier day is seen at last, or when one falls out of a window. Those customers' facts are read again,
whole, so that the figures are those of a full computation to the last digit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir

from zhike.engine.lake import Session
from zhike.engine.metrics.computing import DATED, Stage, asked, folds, planned, run, tables_read
from zhike.engine.metrics.windows import Window
from zhike.engine.segments.narrowing import Narrowed

Stretch = tuple[date, date]  # after the first day, up to and including the second


@dataclass(frozen=True, slots=True)
class Advance:
    """A new day: `moved` (customer_id) were read again into `fresh`; about all others what was kept still holds."""

    moved: ir.Table
    fresh: ir.Table
    customers: int


def begin(session: Session, as_of: date, keys: Iterable[str] | None = None) -> ir.Table:
    """What is settled about every customer, computed from all facts: what `advance` starts from."""
    wanted = asked(keys)
    return run(session, Stage.SETTLED, as_of, wanted, tables_read(session, wanted))


def advance(
    session: Session,
    changed: ir.Table,
    *,
    since: date,
    as_of: date,
    keys: Iterable[str] | None = None,
) -> Advance | None:
    """What is settled on `as_of` and was not so on `since`; `changed` (customer_id) are those with a fact or record that changed.

    None when the day is an earlier one or of another month (metrics by calendar month move for everybody then): begin anew.
    """
    if as_of < since or (as_of.year, as_of.month) != (since.year, since.month):
        return None
    wanted = asked(keys)
    tables = tables_read(session, wanted)
    windows = planned(Stage.SETTLED, wanted, tables).when.windows
    moved = session.keep_sql(_moved(session, tables, windows, changed, since, as_of), "moved")
    fresh = _read_again(session, moved, as_of, wanted)
    return Advance(moved, fresh, session.number(f"SELECT count(*) FROM ({session.sql(moved)})"))


def _read_again(session: Session, moved: ir.Table, as_of: date, wanted: tuple[str, ...]) -> ir.Table:
    """What is settled about some customers, from all their facts."""
    if folds(wanted):
        return run(session, Stage.SETTLED, as_of, wanted, tables_read(session, wanted), among=moved)
    narrowed = Narrowed(session, moved, once=True)
    return run(narrowed, Stage.SETTLED, as_of, wanted, tables_read(narrowed, wanted))


def _moved(
    session: Session,
    tables: Mapping[str, ir.Table],
    windows: Mapping[str, Window],
    changed: ir.Table,
    since: date,
    as_of: date,
) -> str:
    """Whose facts changed, came into sight, or left a window: short stretches of days, found by the files' statistics."""
    stretches = list(_stretches(windows.values(), since, as_of))
    found = [f"SELECT customer_id FROM ({session.sql(changed)}) AS c"]
    for source in tables:
        if source in DATED and stretches:
            within = " OR ".join(f"({_within(source, one)})" for one in stretches)
            found.append(
                f"SELECT customer_id FROM ({session.sql(session.table(source))}) AS t WHERE {within}"
            )
    return f"SELECT DISTINCT customer_id FROM ({' UNION ALL '.join(found)}) WHERE customer_id IS NOT NULL"


def _stretches(windows: Iterable[Window], since: date, as_of: date) -> Iterator[Stretch]:
    if since < as_of:
        yield since, as_of
    for first, last in {(one.before(since), one.before(as_of)) for one in windows}:
        if first < last:
            yield first, last


def _within(source: str, stretch: Stretch) -> str:
    first, last = stretch
    if source == "events":  # a moment, not a day
        return f"\"at\" >= DATE '{first + timedelta(days=1)}' AND \"at\" < DATE '{last + timedelta(days=1)}'"
    return f"{DATED[source]} > DATE '{first}' AND {DATED[source]} <= DATE '{last}'"
