"""From a file to its report: understand, read, compute, say."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from zhike.core import figures
from zhike.core.text import Language, Text, speaking
from zhike.engine.lake import Session
from zhike.instant import (
    cells,
    columns,
    computing,
    crossing,
    currencies,
    files,
    loading,
    meanings,
    page,
    workbook,
)
from zhike.instant.cells import Receipt, Tell
from zhike.instant.columns import Understanding
from zhike.instant.computing import Findings
from zhike.instant.files import Source
from zhike.instant.forms import Order
from zhike.instant.report import FEWEST, Figure, Report, Section, money_short
from zhike.instant.sections import churn, cross, customers, overview, quality, retention, rfm, tiers, value
from zhike.instant.sections.people import People

_LOOKING = Text("查看文件", "Looking at the file")
_READING = Text("读取与清洗", "Reading and cleaning")
_LOADING = Text("整理订单", "Putting orders together")
_WRITING = Text("写出报告", "Writing the report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for; `mapping` is column → meaning as --map says it."""

    path: Path
    mapping: Mapping[str, str]
    lang: Language
    today: date
    as_of: date | None = None
    order: Order | None = None
    names: bool = False
    currency: str = ""
    customers: Path | None = None


def write(wanted: Wanted, out: Path, tell: Tell) -> dict[str, object]:
    """Make the report and write it as a page and a workbook into a folder; where they are, and the key counts."""
    began = time.monotonic()
    with speaking(wanted.lang):
        out.mkdir(parents=True, exist_ok=True)
        stem = _stem(wanted.path)
        report = make(wanted, tell, every=out / f"{stem}-zhike-customers.csv")
        html, excel = out / f"{stem}-zhike.html", out / f"{stem}-zhike.xlsx"
        tell(0, 1, _WRITING)
        with figures.paying_in(report.currency):
            html.write_text(page.render(report), encoding="utf-8")
            workbook.write(report, excel)
    more = {"csv": str(report.every)} if report.every else {}
    return {
        "html": str(html), "excel": str(excel), **more, "as_of": report.as_of.isoformat(), "customers": report.everybody,
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def _stem(path: Path) -> str:
    """The file's name without what says how it is packed."""
    name = path.name
    while (ending := Path(name).suffix.lower()) in {".gz", ".zip", ".csv", ".txt", ".tsv", ".xlsx", ".xls"}:
        name = name[: -len(ending)]
    return name or "orders"


def make(wanted: Wanted, tell: Tell, *, every: Path | None = None) -> Report:
    """The report on a file; `every`: where all customers go when the workbook cannot take them. Raises `Refusal`."""
    with TemporaryDirectory(prefix="zhike-analyse-") as place, speaking(wanted.lang):
        folder = Path(place)
        tell(0, 1, _LOOKING)
        source = files.opened(wanted.path, folder, meanings.knows)
        found = columns.recognise(source.header, source.sample(), wanted.mapping)
        tell(0, 1, _READING)
        records = folder / "records.parquet"
        receipt = cells.read(source, found, records, tell, today=wanted.today, order=wanted.order)
        tell(0, 1, _LOADING)
        with loading.session(folder) as session:
            listed = cells.columns_of(found)
            loaded = loading.load(
                session, records, listed, found.identity, as_of=wanted.as_of, customers=wanted.customers
            )
            fields = crossing.attributes(listed)
            fields += loaded.beside.fields if loaded.beside else ()
            findings = computing.compute(session, loaded, fields, folder, tell)
            currency = wanted.currency or currencies.told(source, found)
            with figures.paying_in(currency):
                report = _report(wanted, session, source, found, receipt, findings, currency)
            open_code = wanted.names or found.identity == "customer_code"
            if every and open_code and loaded.customers > customers.MOST:
                customers.copied(session, every, names=wanted.names)
                report = replace(report, every=every)
            return report


def _report(
    wanted: Wanted, session: Session, source: Source, found: Understanding, receipt: Receipt, findings: Findings, currency: str,
) -> Report:  # fmt: skip
    loaded = findings.loaded
    named = found.of("customer_name") is not None or (loaded.beside is not None and loaded.beside.named)
    people = People(identity=found.identity, named=named, names=wanted.names)
    sections = _sections(session, source, found, receipt, findings, people)
    warnings = filter(None, [currencies.mixed(source, found), quality.left_out(receipt, loaded)])
    return Report(
        file=source.name, as_of=loaded.as_of, made_on=wanted.today, period=(loaded.first_on, loaded.last_on), currency=currency,
        names=wanted.names, everybody=loaded.customers, headline=_headline(session, findings, sections, warnings),
        cards=_cards(session, findings), sections=sections,
        customers=customers.table(session, findings, people),
    )  # fmt: skip


def _sections(
    session: Session,
    source: Source,
    found: Understanding,
    receipt: Receipt,
    findings: Findings,
    people: People,
) -> list[Section]:
    return [
        overview.section(session, findings),
        rfm.section(session, findings),
        tiers.section(session, findings),
        value.section(session, findings, people),
        churn.section(session, findings, people),
        retention.section(findings),
        cross.section(findings),
        tiers.next_steps(session, findings),
        quality.section(source, found, receipt, findings.loaded, names=people.names),
    ]


def _cards(session: Session, findings: Findings) -> list[Figure]:
    found = overview.cards(session, findings)
    if findings.learnt is not None:
        days, warned = findings.rhythm.horizon, churn.warned(session)
        found.append(
            Figure(
                label=Text("未来 12 个月价值", "Value, next 12 months"),
                value=money_short(value.total(session)),
                hint=str(value.trust(findings.learnt)),
            )
        )
        found.append(
            Figure(
                label=Text("可能流失的客户", "Likely to stay away"),
                value=figures.count(warned),
                hint=str(Text(f"{days} 天内不再购买 ≥ 50%", f"no purchase within {days} days ≥ 50 %")),
                tone="risk" if warned else "",
            )
        )
    return found


def _headline(
    session: Session, findings: Findings, sections: list[Section], warnings: Iterable[Text]
) -> list[Text]:
    """The most important sentence of each part; before all, what makes the figures doubtful."""
    leads = {one.key: one.lead for one in sections}
    told = (leads[key] for key in ("rfm", "tiers", "value", "churn", "cohorts"))
    first = [overview.concentration(session, findings)] if findings.loaded.customers >= FEWEST else []
    return list(dict.fromkeys([*warnings, *first, *told]))
