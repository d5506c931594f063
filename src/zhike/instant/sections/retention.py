"""Cohorts: of the customers who first bought in a month, how many came back in the months after."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from zhike.core.text import Text
from zhike.engine.cohorts import Cohort, complete
from zhike.instant.computing import Findings
from zhike.instant.report import Block, Column, Heat, Section, Table

MOST_COHORTS = 24
MOST_AGES = 13
FEWEST = 5  # customers; the share of fewer jumps with each of them
TITLE = Text("同期群留存", "Cohort retention")


def section(findings: Findings) -> Section:
    """The section on cohorts: by month, or by quarter where there are more than two years of them."""
    cohorts = [one for one in findings.cohorts if one.customers]
    large = [one for one in cohorts if one.customers >= FEWEST] or cohorts
    shown = large[-MOST_COHORTS:]
    ages = min(max((len(one.active) for one in shown), default=1), MOST_AGES)
    heat = Heat(
        title=Text("首购后各月仍下单的比例", "Share placing an order in the months after the first purchase"),
        first=Text("首购月份", "First bought"),
        columns=[str(age) for age in range(1, ages)],
        rows=[_row(one, ages) for one in shown],
        note=_begins(cohorts) + _note(findings.as_of, shown=len(shown), every=len(cohorts)),
    )
    blocks: list[Block] = [heat, _retention(cohorts), _spend(cohorts)]
    return Section(key="cohorts", title=TITLE, lead=_lead(cohorts), blocks=blocks)


def _row(one: Cohort, ages: int) -> tuple[str, str, Sequence[float | None]]:
    shares = [float(share) for share in one.retention[1:ages]]
    return f"{one.month:%Y-%m}", f"{one.customers:,}", [*shares, *[None] * (ages - 1 - len(shares))]


def _begins(cohorts: Sequence[Cohort]) -> Text:
    """In the first month of the file everybody looks new."""
    if not cohorts:
        return Text("", "")
    first = min(one.month for one in cohorts)
    return Text(
        f"文件自 {first:%Y-%m} 开始:更早的老客户若在该月购买,也算作该月的新客户。",
        f"The file begins in {first:%Y-%m}: earlier customers who bought then look new in that month. ",
    )


def _note(as_of: date, *, shown: int, every: int) -> Text:
    said = Text("", "")
    if not complete(as_of):
        said += Text(f"{as_of:%Y-%m} 还没有结束。", f"{as_of:%Y-%m} is not over yet. ")
    if every > shown:
        said += Text(
            f"画出最近 {shown} 个至少 {FEWEST} 位客户的月份,全部 {every} 个见 Excel。",
            f"Drawn are the latest {shown} months with {FEWEST} customers or more; all {every} are in the workbook.",
        )
    return said


def _lead(cohorts: Sequence[Cohort]) -> Text:
    """Of all customers old enough: the share active in the third month."""
    old = [one for one in cohorts if len(one.active) > 4]
    customers = sum(one.customers for one in old)
    if not customers:
        return Text("历史还太短,看不出谁会回来。", "The history is too short to tell who comes back.")
    first, third = (sum(one.active[age] for one in old) / customers for age in (1, 3))
    return Text(
        f"首购后第 1 个月有 {first:.1%} 的客户再次下单,第 3 个月 {third:.1%}。",
        f"{first:.1%} place an order again in the first month after, {third:.1%} in the third.",
    )


def _retention(cohorts: Sequence[Cohort]) -> Table:
    ages = max((len(one.active) for one in cohorts), default=1)
    return Table(
        title=Text("留存", "Retention"),
        columns=(
            Column(Text("首购月份", "First bought")),
            Column(Text("客户", "Customers"), "count"),
            *(Column(Text(f"第 {age} 月", f"Month {age}"), "share") for age in range(1, ages)),
        ),
        rows=[(f"{one.month:%Y-%m}", one.customers, *one.retention[1:]) for one in cohorts],
        sheet=Text("同期群留存", "Cohort retention"),
        shown=0,
    )


def _spend(cohorts: Sequence[Cohort]) -> Table:
    ages = max((len(one.active) for one in cohorts), default=1)
    return Table(
        title=Text("人均累计消费", "Spend per customer so far"),
        columns=(
            Column(Text("首购月份", "First bought")),
            Column(Text("客户", "Customers"), "count"),
            *(Column(Text(f"第 {age} 月", f"Month {age}"), "money") for age in range(ages)),
        ),
        rows=[(f"{one.month:%Y-%m}", one.customers, *_values(one)) for one in cohorts],
        sheet=Text("同期群消费", "Cohort spend"),
        shown=0,
    )


def _values(one: Cohort) -> Sequence[Decimal]:
    return one.value
