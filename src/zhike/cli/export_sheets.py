"""What can be exported: the columns and rows of customers, placements, forecasts, tasks and records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.kernel.models import User

SHEETS = ("customers", "placements", "forecasts", "tasks", "records")
CHUNK = 2000
REMEMBERED = 20_000
Row = list[Any]
Reader = Callable[[Any, Iterable[Any]], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code, its heading for people, and how people read its values when those are codes."""

    key: str
    label: Text
    told: Callable[[Any], Any] | None = None


Export = tuple[list[Column], Iterator[Row]]


def sheet(what: str, user: User, *, reveal: bool) -> Export:
    """Columns and rows of one export."""
    if what == "customers":
        return customers(user, reveal=reveal)
    if what == "records":
        return records(user, reveal=reveal)
    if what == "forecasts":
        return forecasts(user)
    return placements(user) if what == "placements" else tasks(user)


def customers(user: User, *, reveal: bool) -> Export:
    """One row per customer: who, worth, tier, and every field of the blueprint."""
    from zhike.customers import queries
    from zhike.insight import queries as insight
    from zhike.insight.facts import RFM_CLASSES
    from zhike.tiers import queries as tiers

    fields = [spec for key, spec in queries.fields().items() if key not in {"code", "name"}]
    kinds = {"person": Text("个人", "Person"), "company": Text("企业", "Company")}
    columns = [
        Column("code", Text("客户编号", "Customer code")),
        Column("kind", Text("客户类型", "Kind"), _words(kinds)),
        Column("name", Text("名称", "Name")),
        Column("manager", Text("客户经理", "Manager")),
        Column("tier", Text("层级", "Tier"), _words(_tiers())),
        Column(
            "rfm", Text("RFM 类别", "RFM class"), _words({k: one.label for k, one in RFM_CLASSES.items()})
        ),
        Column("spend", Text("累计消费", "Spend")),
        Column("orders", Text("订单数", "Orders")),
        Column("last_purchase_on", Text("最近购买", "Last purchase")),
        *(Column(spec.key, spec.label) for spec in fields),
    ]

    def rows() -> Iterator[Row]:
        readers = [_reader(spec, reveal=reveal) for spec in fields]
        everybody = queries.visible_to(user).select_related("manager").defer("search", "origins", "others")
        found = everybody.order_by("pk").iterator(CHUNK)
        while chunk := list(islice(found, CHUNK)):
            ids = [one.pk for one in chunk]
            scores, badges = insight.cards(ids), tiers.badges(ids)
            contacts = queries.contact_points(ids) if any(spec.contact for spec in fields) else {}
            for one in chunk:
                score, badge = scores.get(one.pk), badges.get(one.pk)
                known: Row = [
                    one.code,
                    one.kind,
                    queries.shown_name(user, one),
                    one.manager.name if one.manager else "",
                ]
                known += [badge.key if badge else ""]
                known += (
                    [score.rfm_class, score.spend, score.orders, score.last_purchase_on]
                    if score
                    else ["", 0, 0, None]
                )
                points = contacts.get(one.pk, [])
                yield [*known, *(read(one, points) for read in readers)]

    return columns, rows()


def _reader(spec: Any, *, reveal: bool) -> Reader:
    """The function that writes one field of a customer; what is sealed is masked unless revealed."""
    from zhike.customers import queries

    def masked(clear: str) -> str:
        return clear if reveal or not clear else str(spec.mask(clear))

    def contact(customer: Any, points: Iterable[Any]) -> str:
        point = next((one for one in points if one.field == key), None)
        return masked(queries.unseal_contact(point)) if point else ""

    def sealed(customer: Any, points: Iterable[Any]) -> str:
        token = customer.sealed.get(customer.digests.get(key, ""))
        return masked(queries.unseal_value(customer, token)) if token else ""

    key = spec.key
    if spec.contact:
        return contact
    return sealed if spec.sealed else _plain(spec, reveal=reveal)


def _plain(spec: Any, *, reveal: bool) -> Reader:
    """The function that writes a field that is not sealed; each distinct value is put into words once."""
    from zhike.core import masks

    key, hide = spec.key, spec.type == "long_text" and not reveal
    known: dict[str, str] = {}

    def plain(customer: Any, points: Iterable[Any]) -> str:
        raw = customer.values.get(key)
        if raw is None:
            return ""
        word = str(raw)
        if word not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            shown = str(spec.show(spec.from_json(raw)))
            known[word] = masks.numbers(shown) if hide else shown
        return known[word]

    return plain


def placements(user: User) -> Export:
    """Where every customer stands now, since when and why; the columns are fixed, other programs read them."""
    from zhike.tiers import queries

    keys = {str(name.label): key for key, name in queries.names().items()}
    rows = queries.placements_for_export(user)
    columns = [Column(key, Text.same(key)) for key in ("code", "tier", "since", "reasons")]
    return columns, ([code, keys[tier], since, why] for code, tier, since, why in rows)


def forecasts(user: User) -> Export:
    """What every customer who has bought is expected to bring, and how likely they are to stay away, with reasons."""
    from zhike.insight import queries

    seen = queries.forecasts(user)
    columns = [
        Column("code", Text("客户编号", "Customer code")),
        Column("as_of", Text("统计日", "As of")),
        Column("value", Text("12 个月价值", "12-month value")),
        Column("low", Text("80% 区间下限", "80% interval from")),
        Column("high", Text("80% 区间上限", "80% interval to")),
        Column("purchases", Text("预计购买次数", "Purchases expected")),
        Column("churn", Text("流失概率", "Chance of churn")),
        Column("days", Text("流失的天数", "Days that count as churn")),
        Column(
            "level",
            Text("流失风险级别", "Churn risk level"),
            lambda level: str(seen.model.Level(level).label),
        ),
        Column("reasons", Text("原因", "Reasons")),
    ]

    def rows() -> Iterator[Row]:
        found = seen.select_related("customer").order_by("pk").iterator(CHUNK)
        while chunk := list(islice(found, CHUNK)):
            cards = queries.forecast_cards(chunk)
            for one in chunk:
                card = cards[one.pk]
                yield [
                    one.customer.code, card.as_of, card.value, card.low, card.high, card.purchases, card.churn,
                    card.horizon, card.level, "; ".join(str(reason) for reason in card.reasons),
                ]  # fmt: skip

    return columns, rows()


def tasks(user: User) -> Export:
    """Every task, what became of it included."""
    from zhike.execution import queries
    from zhike.kernel import prose
    from zhike.strategies.facts import cycle_text

    seen = queries.visible_to(user)
    columns = [
        Column("key", Text("任务标识", "Task key")),
        Column("code", Text("客户编号", "Customer code")),
        Column("title", Text("任务", "Task")),
        Column("tier", Text("层级", "Tier"), _words(_tiers())),
        Column("cycle", Text("周期", "Cycle"), cycle_text),
        Column("assignee", Text("负责人", "Owner")),
        Column("due_on", Text("期限", "Due")),
        Column("postponed_to", Text("推迟到", "Postponed to")),
        Column("state", Text("状态", "State"), lambda state: str(seen.model.State(state).label)),
        Column("closed_on", Text("关闭日期", "Closed on")),
        Column("closing", Text("关闭方式", "How it ended"), lambda one: str(seen.model.Closing(one).label)),
        Column("reason", Text("原因", "Reason")),
    ]
    found = seen.order_by("pk").iterator(CHUNK)
    return columns, (
        [
            str(one.key), one.customer.code, prose.said(user, str(one.name), leaves=True), one.tier, one.cycle,
            one.assignee.name if one.assignee else "", one.due_on, one.postponed_to, one.state, one.closed_on,
            one.closing, prose.said(user, one.reason, leaves=True),
        ]
        for one in found
    )  # fmt: skip


def records(user: User, *, reveal: bool) -> Export:
    """Every execution record that was not withdrawn."""
    from zhike.execution import queries
    from zhike.kernel import prose

    seen = queries.records_visible_to(user)
    columns = [
        Column("key", Text("记录标识", "Record key")),
        Column("date", Text("日期", "Date")),
        Column("code", Text("客户编号", "Customer code")),
        Column("executor", Text("执行人", "Executor")),
        Column("action", Text("行动", "Action")),
        Column("feedback", Text("客户反馈", "Feedback")),
        Column("result", Text("结果", "Outcome"), lambda one: str(seen.model.Result(one).label)),
        Column("next_step", Text("下一步", "Next step")),
        Column("next_on", Text("下一步期限", "Next step by")),
    ]
    found = seen.order_by("on_date", "pk").iterator(CHUNK)
    return columns, (
        [
            str(one.key), one.on_date, one.customer.code, one.executor.name,
            *(prose.said(user, text, leaves=not reveal) for text in (one.action, one.feedback)), one.result,
            prose.said(user, one.next_step, leaves=not reveal), one.next_on,
        ]
        for one in found
    )  # fmt: skip


def _tiers() -> dict[str, Text]:
    from zhike.tiers import queries

    return {key: name.label for key, name in queries.names().items()}


def _words(labels: Mapping[str, Text]) -> Callable[[Any], Any]:
    return lambda code: str(labels[code]) if code in labels else code
