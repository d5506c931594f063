"""Short ways to declare the fixed fields of kinds, and those that several kinds share."""

import tomllib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import RowRule
from zhike.kernel import clock

_ALIASES: dict[str, dict[str, list[str]]] = tomllib.loads(
    files("zhike.intake.kinds").joinpath("aliases.toml").read_text(encoding="utf-8")
)


def field(
    of: str,
    key: str,
    kind: str,
    zh: str,
    en: str,
    *,
    required: bool = False,
    sensitivity: Sensitivity = Sensitivity.INTERNAL,
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
    help: Text | None = None,
    choices: tuple[Choice, ...] = (),
) -> FieldSpec:
    """A field of the kind `of`; the other names its column may bear stand in `aliases.toml`."""
    return FieldSpec(
        key=key,
        type=kind,
        label=Text(zh=zh, en=en),
        aliases=tuple(_ALIASES[of].get(key, ())),
        required=required,
        sensitivity=sensitivity,
        minimum=minimum,
        maximum=maximum,
        choices=choices,
        help=help or Text(zh="", en=""),
    )


def customer_code() -> FieldSpec:
    """Whose row it is."""
    return field("shared", "customer_code", "text", "客户编号", "Customer code", required=True)


def number(of: str, zh: str, en: str) -> FieldSpec:
    """The row's own number in the system it comes from."""
    return field(of, "number", "text", zh, en)


def has_happened(column: str) -> RowRule:
    """What is told has happened: its day may be today, not a later one."""
    return RowRule(
        column=column,
        broken=lambda table: _ahead(table, column),
        reason=Text(zh="日期在今天之后。", en="The day lies after today."),
        remedy=Text(
            zh="请改成实际发生的日期;还没有发生的不要导入。",
            en="Give the day it happened; leave out what has not happened yet.",
        ),
    )


def _ahead(table: pa.Table, column: str) -> pa.BooleanArray:
    if column not in table.column_names:
        return pa.array([False] * table.num_rows, pa.bool_())
    tomorrow = clock.calendar_day() + timedelta(days=1)
    moments = table[column]
    limit = tomorrow if pa.types.is_date(moments.type) else _midnight(tomorrow)
    ahead = pc.greater_equal(moments, pa.scalar(limit, moments.type))
    return pc.fill_null(ahead, fill_value=False).combine_chunks()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
