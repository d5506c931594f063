"""The sheet of all customers: their metrics, class, tier, value and risk."""

from pathlib import Path

from zhike.core.charts import GREY
from zhike.core.text import Text
from zhike.engine.churn.words import LEVELS
from zhike.engine.lake import Session
from zhike.engine.lake.session import quoted
from zhike.engine.metrics import metric
from zhike.insight.facts import RFM_CLASSES
from zhike.instant.computing import SHOWN, Findings, rows
from zhike.instant.report import Badge, Column, Table, Unit
from zhike.instant.sections.churn import COLORS, reasons_in_words
from zhike.instant.sections.people import People
from zhike.instant.sections.tiers import color

MOST = 60_000
_UNITS: dict[str, Unit] = {
    "money": "money", "count": "count", "days": "plain", "date": "date", "share": "share", "ratio": "plain", "flag": "count",
}  # fmt: skip


def copied(session: Session, target: Path, *, names: bool) -> None:
    """All customers as CSV, in codes that stay."""
    who = ("who", "name") if names else ("who",)
    listed = ", ".join(
        (*who, "tier", "rfm_class", *SHOWN, "value", "low", "high", "purchases", "churn", "level")
    )
    session.cursor.execute(
        f"COPY (SELECT {listed} FROM base ORDER BY coalesce(value, 0) DESC, spend DESC, customer_id) "
        f"TO {quoted(str(target))} (HEADER)"
    )


def table(session: Session, findings: Findings, people: People) -> Table:
    """One row per customer, the most valuable first, with what a file of customers tells of them; at most MOST of them."""
    beside = findings.loaded.beside.fields if findings.loaded.beside else ()
    told_of = "".join(f", beside.{one.key}" for one in beside)
    source = f"base{' LEFT JOIN beside USING (who)' if beside else ''}"
    order = "coalesce(value, 0) DESC, spend DESC, customer_id"
    found = rows(session, f"SELECT base.*{told_of} FROM {source} ORDER BY {order} LIMIT {MOST}")
    tiers = {tier.key: Badge(tier.label, color(tier)) for tier in findings.spec.tiers}
    shown = [metric(key) for key in SHOWN]
    columns = (
        *people.columns(),
        *(Column(one.label) for one in beside),
        Column(Text("层级", "Tier")),
        Column(Text("RFM 类别", "RFM class")),
        *(Column(one.label, _UNITS.get(one.unit.value, "plain")) for one in shown),
        Column(Text("未来 12 个月价值", "Value in 12 months"), "money_whole"),
        Column(Text("价值下限", "Value, low"), "money_whole"),
        Column(Text("价值上限", "Value, high"), "money_whole"),
        Column(Text("预计购买次数", "Expected purchases"), "plain"),
        Column(Text("不再购买的概率", "Chance of no purchase"), "share_whole"),
        Column(Text("风险级别", "Risk level")),
        Column(Text("风险原因", "Reasons"), wide=True),
    )
    horizon = findings.rhythm.horizon

    def line(row: dict[str, object]) -> tuple[object, ...]:
        level = str(row["level"] or "")
        told = (row["value"], row["low"], row["high"], row["purchases"], row["churn"])
        risk = (
            Badge(LEVELS[level], COLORS[level]) if level else None,
            reasons_in_words(row, horizon) if level not in {"", "none"} or row["reasons"] != "[]" else "",
        )
        rfm = RFM_CLASSES[str(row["rfm_class"])]
        classes = (
            tiers.get(str(row["tier"]), Badge(Text.same(str(row["tier"])), GREY)),
            Badge(rfm.label, rfm.color),
        )
        besides = (row[one.key] for one in beside)
        return (*people.cells(row), *besides, *classes, *(row[key] for key in SHOWN), *told, *risk)

    return Table(
        title=Text("客户", "Customers"),
        columns=columns,
        rows=[line(row) for row in found],
        sheet=Text("客户", "Customers"),
        shown=0,
    )
