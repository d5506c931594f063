"""What it costs to ask a rule, told before it is asked: which tables, and how many rows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from zhike.core.rules import Rule, dids, metrics_used
from zhike.core.text import Text
from zhike.engine.lake import Session
from zhike.engine.metrics import metric
from zhike.engine.segments.sources import reads_fields, stands_alone, tables_of

NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "customers": Text("客户", "customers"),
        "orders": Text("订单", "orders"),
        "order_lines": Text("订单明细", "order lines"),
        "returns": Text("退货", "returns"),
        "interactions": Text("互动", "interactions"),
        "feedback": Text("反馈", "feedback"),
        "events": Text("事件", "events"),
        "records": Text("执行记录", "execution records"),
        "placements": Text("分层记录", "placements"),
        "taggings": Text("标签", "tags"),
        "memberships": Text("分群成员", "memberships"),
        "classes": Text("分类", "classes"),
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one table that are read."""

    table: str
    rows: int

    @property
    def text(self) -> Text:
        """The rows in words."""
        name = NAMES.get(self.table, Text.same(self.table))
        return Text(f"{name.zh} {self.rows:,} 行", f"{self.rows:,} {name.en}")


@dataclass(frozen=True, slots=True)
class Cost:
    """What is read, and whether the rule has to look at everybody after every event."""

    readings: tuple[Reading, ...]
    fields: bool
    alone: bool

    @property
    def rows(self) -> int:
        """Rows read in all tables."""
        return sum(one.rows for one in self.readings)

    @property
    def text(self) -> Text:
        """The cost in words."""
        zh = "读取 " + "、".join(one.text.zh for one in self.readings)
        en = "Reads " + ", ".join(one.text.en for one in self.readings)
        after = (
            Text(
                "新数据到达后只重算有变动的客户",
                "after new facts only the customers they are about are asked again",
            )
            if self.alone
            else Text(
                "与其他客户比较,新数据到达后需全部重算",
                "compares customers with others, so new facts mean asking everybody again",
            )
        )
        return Text(f"{zh};{after.zh}。", f"{en}; {after.en}.")


def cost(session: Session, rule: Rule, as_of: date) -> Cost:
    """Count what asking the rule would read: of things done only the days that count, of what metrics need all rows."""
    whole = {source for key in metrics_used(rule) for source in ("orders", *metric(key).sources)}
    firsts = {} if not dids(rule) else _windows(rule, as_of)
    readings = [
        Reading(name, _rows(session, name, None if name in whole else firsts.get(name)))
        for name in tables_of(rule)
    ]
    return Cost(tuple(readings), reads_fields(rule), stands_alone(rule))


def _windows(rule: Rule, as_of: date) -> dict[str, tuple[str, date, date]]:
    """The days that count in each table of facts: the column, the first and the last of them."""
    found: dict[str, tuple[str, date, date]] = {}
    for test in dids(rule):
        first, last = test.within.bounds(as_of)
        dated, early, late = found.get(test.doing.table, (test.doing.dated, date.max, date.min))
        found[test.doing.table] = (dated, min(early, first or date.min), max(late, last))
    if "orders" in found:
        found.setdefault("order_lines", ("placed_on", *found["orders"][1:]))
    return found


def _rows(session: Session, name: str, window: tuple[str, date, date] | None) -> int:
    table = session.table(name)
    if window is None:
        return session.number(f"SELECT count(*) FROM ({session.sql(table)})")
    column, first, last = window
    counted = f"\"{column}\"::DATE BETWEEN DATE '{first:%Y-%m-%d}' AND DATE '{last:%Y-%m-%d}'"
    if first == date.min:
        counted = f"\"{column}\"::DATE <= DATE '{last}'"
    return session.number(f"SELECT count(*) FROM ({session.sql(table)}) WHERE {counted}")
