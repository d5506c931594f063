"""Rebuilding a rule on the page: add, remove, copy, move and group its rows; anything unknown changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from zhike.tiers.building.drafts import Group, Row, next_id, nodes

Item = Row | Group


def change(top: Group, wish: str) -> int:
    """Do what a button says (`add:7`, `remove:3`, …); returns the id of the node to go on with."""
    verb, _colon, said = wish.partition(":")
    number = int(said) if said.isdecimal() and len(said) < 9 else 0
    if verb in _TO_GROUPS:
        group = next((one for one in nodes(top) if isinstance(one, Group) and one.id == number), None)
        return _TO_GROUPS[verb](top, group) if group else 0
    home = _home(top, number)
    return _TO_ITEMS[verb](top, home, number) if home and verb in _TO_ITEMS else number


def _home(top: Group, number: int) -> Group | None:
    groups = (one for one in nodes(top) if isinstance(one, Group))
    return next((one for one in groups if any(item.id == number for item in one.items)), None)


def _at(home: Group, number: int) -> int:
    return next(place for place, item in enumerate(home.items) if item.id == number)


def _add(top: Group, group: Group) -> int:
    fresh = Row(next_id(top))
    group.items.append(fresh)
    return fresh.id


def _group(top: Group, group: Group) -> int:
    number = next_id(top)
    group.items.append(Group(number, "any", [Row(number + 1)]))
    return number + 1


def _remove(top: Group, home: Group, number: int) -> int:
    place = _at(home, number)
    del home.items[place]
    if not home.items:
        above = _home(top, home.id)
        if above is not None:
            return _remove(top, above, home.id)
        return _add(top, top)
    return home.items[min(place, len(home.items) - 1)].id


def _copy(top: Group, home: Group, number: int) -> int:
    place = _at(home, number)
    twin = deepcopy(home.items[place])
    for given, one in enumerate(nodes(twin) if isinstance(twin, Group) else [twin], start=next_id(top)):
        one.id = given
    home.items.insert(place + 1, twin)
    return twin.id


def _inside(top: Group, home: Group, number: int) -> int:
    """Put an item into a group of its own, where others can join it."""
    place = _at(home, number)
    home.items[place] = Group(next_id(top), "any" if home.join == "all" else "all", [home.items[place]])
    return number


def _outside(top: Group, home: Group, number: int) -> int:
    """Take an item out of its group, to stand behind it."""
    above = _home(top, home.id)
    if above is None:
        return number
    item = home.items.pop(_at(home, number))
    place = _at(above, home.id)
    above.items.insert(place + 1, item)
    if not home.items:
        del above.items[place]
    return number


def _shift(by: int) -> Callable[[Group, Group, int], int]:
    def shift(top: Group, home: Group, number: int) -> int:
        place = _at(home, number)
        item = home.items.pop(place)
        home.items.insert(max(0, place + by), item)
        return number

    return shift


def _narrow(top: Group, home: Group, number: int) -> int:
    """One more place to say which of the things done count."""
    item = home.items[_at(home, number)]
    if isinstance(item, Row):
        item.said.setdefault("column", []).append("")
        item.said.setdefault("is", []).append("")
    return number


_TO_GROUPS: dict[str, Callable[[Group, Group], int]] = {"add": _add, "group": _group}
_TO_ITEMS: dict[str, Callable[[Group, Group, int], int]] = {
    "remove": _remove,
    "copy": _copy,
    "in": _inside,
    "out": _outside,
    "up": _shift(-1),
    "down": _shift(1),
    "narrow": _narrow,
}
