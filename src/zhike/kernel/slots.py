"""Where downstream stages register what upstream must show or touch, so that upstream never imports them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from zhike.core.text import Text
from zhike.kernel.facts import Finding, Hit, Impact, Moment
from zhike.kernel.models import User
from zhike.kernel.rights import Right

Label = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """An entry of the left navigation, also offered by the command palette."""

    key: str
    label: Label
    icon: str
    url: str
    right: Right
    order: int
    section: str = "main"
    badge: Callable[[User], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something the command palette can start besides going to a page."""

    key: str
    label: Label
    icon: str
    url: str
    right: Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A piece of another stage's page: `place` names where, `render` returns its HTML ("" shows nothing)."""

    place: str
    key: str
    label: Label
    right: Right
    order: int
    render: Callable[[HttpRequest, Any], str]
    count: Callable[[Any], int] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside something, in a colour of the badges."""

    label: str
    color: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An extra column of the customer list; `values` answers for a whole page of customers at once.

    What is not `usual` is shown to those who choose it, and left out of exports.
    """

    key: str
    label: Label
    order: int
    values: Callable[[list[int]], Mapping[int, Any]]
    sort_by: str | None = None
    annotate: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None
    show: Callable[[Any], str] = str
    align_end: bool = False
    usual: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """A way to narrow the customer list, `?<key>=<value>`; used by every number that can be clicked.

    `words` says what a value means when it is none of the choices, and nothing of one that means nothing.
    """

    key: str
    label: Label
    order: int
    choices: Callable[[], list[tuple[str, str]]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]]
    words: Callable[[str], str] | None = None

    def said(self, value: str) -> str:
        """A value in words; "" for one that means nothing, which must not be applied: it may even break the database."""
        if "\x00" in value:
            return ""
        return str(dict(self.choices()).get(value) or (self.words(value) if self.words else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """Something to do with the customers ticked in the list; posts `keys` to `url`."""

    key: str
    label: Label
    icon: str
    url: str
    right: Right
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """Something to begin with the customers whom a rule describes.

    `url` answers where, for the rule as JSON, a name and a note: a page to look at first, nothing is done by going there.
    """

    key: str
    label: Label
    icon: str
    right: Right
    order: int
    url: Callable[[Mapping[str, Any], str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A provider of the global search."""

    key: str
    label: Label
    right: Right
    order: int
    find: Callable[[User, str], list[Hit]]


_navs: dict[str, Nav] = {}
_commands: dict[str, Command] = {}
_panels: dict[tuple[str, str], Panel] = {}
_columns: dict[str, Column] = {}
_filters: dict[str, CustomerFilter] = {}
_bulk: dict[str, BulkAction] = {}
_rule_actions: dict[str, RuleAction] = {}
_searches: dict[str, Search] = {}
_timelines: list[Callable[[User, Any, datetime], Iterable[Moment]]] = []
_feedback_marks: list[Callable[[list[int]], Mapping[int, list["Mark"]]]] = []
_mergers: dict[str, Callable[[int, int], None]] = {}
_erasers: dict[str, Callable[[int], None]] = {}
_invariants: dict[Text, Callable[[], list[Finding]]] = {}
_impacts: list[Callable[[Any, Any, User], list[Impact]]] = []

Thing = TypeVar("Thing", Nav, Command, Column, CustomerFilter, BulkAction, RuleAction, Search)


def _put(shelf: dict[str, Thing], thing: Thing) -> Thing:
    shelf[thing.key] = thing
    return thing


def nav(entry: Nav) -> Nav:
    """Register a navigation entry."""
    return _put(_navs, entry)


def command(entry: Command) -> Command:
    """Register a command of the palette."""
    return _put(_commands, entry)


def column(entry: Column) -> Column:
    """Register a column of the customer list."""
    return _put(_columns, entry)


def customer_filter(entry: CustomerFilter) -> CustomerFilter:
    """Register a filter of the customer list."""
    return _put(_filters, entry)


def bulk_action(entry: BulkAction) -> BulkAction:
    """Register an action on ticked customers."""
    return _put(_bulk, entry)


def rule_action(entry: RuleAction) -> RuleAction:
    """Register something to begin with the customers whom a rule describes."""
    return _put(_rule_actions, entry)


def search(entry: Search) -> Search:
    """Register a provider of the global search."""
    return _put(_searches, entry)


def panel(entry: Panel) -> Panel:
    """Register a piece of another stage's page."""
    _panels[entry.place, entry.key] = entry
    return entry


def timeline(source: Callable[[User, Any, datetime], Iterable[Moment]]) -> None:
    """Register a source of moments; called with the asker, the customer, and the moment before which they happened.

    A source gives at least its 40 newest.
    """
    _timelines.append(source)


def feedback_marks(source: Callable[[list[int]], Mapping[int, list[Mark]]]) -> None:
    """Register what downstream says about pieces of feedback, by their ids."""
    _feedback_marks.append(source)


def marks_of(feedback: list[int]) -> dict[int, list[Mark]]:
    """What downstream says about each of these pieces of feedback."""
    found: dict[int, list[Mark]] = {}
    for source in _feedback_marks:
        for key, marks in source(feedback).items():
            found.setdefault(key, []).extend(marks)
    return found


def merger(model: str, merge: Callable[[int, int], None]) -> None:
    """Register how rows of `model` ("stage.Model") move when customer `gone` becomes customer `kept` (kept, gone)."""
    _mergers[model] = merge


def eraser(model: str, erase: Callable[[int], None]) -> None:
    """Register how rows of `model` ("stage.Model") vanish when a customer (by id) is erased."""
    _erasers[model] = erase


def invariant(name: Text, check: Callable[[], list[Finding]]) -> None:
    """Register a promise that `zhike doctor` checks."""
    _invariants[name] = check


def impact(tell: Callable[[Any, Any, User], list[Impact]]) -> None:
    """Register what a blueprint change would touch; called with the old spec (or None), the new one, and the asker."""
    _impacts.append(tell)


def navs(user: User) -> list[Nav]:
    """The navigation of one user, in order."""
    return sorted((n for n in _navs.values() if user.has(n.right)), key=lambda n: n.order)


def commands(user: User) -> list[Command]:
    """The palette's commands of one user."""
    return [c for c in _commands.values() if user.has(c.right)]


def panels(place: str, user: User) -> list[Panel]:
    """What belongs in a place and may be seen by the user, in order."""
    here = (p for p in _panels.values() if p.place == place and user.has(p.right))
    return sorted(here, key=lambda p: p.order)


def columns() -> list[Column]:
    """Extra columns of the customer list, in order."""
    return sorted(_columns.values(), key=lambda c: c.order)


def customer_filters() -> list[CustomerFilter]:
    """Extra filters of the customer list, in order."""
    return sorted(_filters.values(), key=lambda f: f.order)


def bulk_actions(user: User) -> list[BulkAction]:
    """What the user may do with ticked customers, in order."""
    return sorted((b for b in _bulk.values() if user.has(b.right)), key=lambda b: b.order)


def rule_actions(user: User) -> list[RuleAction]:
    """What the user may begin with the customers whom a rule describes, in order."""
    return sorted((a for a in _rule_actions.values() if user.has(a.right)), key=lambda a: a.order)


def searches(user: User) -> list[Search]:
    """The search providers the user may ask, in order."""
    return sorted((s for s in _searches.values() if user.has(s.right)), key=lambda s: s.order)


def moments(user: User, customer: Any, before: datetime) -> list[Moment]:
    """What happened to a customer before a moment, newest first; at least the 40 newest."""
    told = (moment for source in _timelines for moment in source(user, customer, before))
    return sorted(told, key=lambda moment: moment.at, reverse=True)


def merge_customer(kept: int, gone: int) -> None:
    """Move everything of customer `gone` to customer `kept`; call inside a transaction."""
    for merge in _mergers.values():
        merge(kept, gone)


def erase_customer(customer: int) -> None:
    """Erase everything that hangs on a customer, downstream first; call inside a transaction."""
    for erase in reversed(_erasers.values()):
        erase(customer)


def mergers() -> frozenset[str]:
    """Models that know how to merge."""
    return frozenset(_mergers)


def erasers() -> frozenset[str]:
    """Models that know how to be erased."""
    return frozenset(_erasers)


def check_invariants() -> dict[Text, list[Finding]]:
    """Every registered promise with what breaks it (nothing: it holds)."""
    return {name: check() for name, check in _invariants.items()}


def impacts(old: Any, new: Any, asker: User) -> list[Impact]:
    """What changing the blueprint from `old` to `new` would touch, as far as the asker may know."""
    return [one for tell in _impacts for one in tell(old, new, asker)]


def delete_rows(model: type[Model]) -> Callable[[int], None]:
    """The usual eraser: delete the customer's rows."""

    def erase(customer: int) -> None:
        model._default_manager.filter(customer_id=customer).delete()

    return erase


def move_rows(model: type[Model]) -> Callable[[int, int], None]:
    """The usual merger: the rows now belong to the kept customer."""

    def move(kept: int, gone: int) -> None:
        model._default_manager.filter(customer_id=gone).update(customer_id=kept)

    return move
