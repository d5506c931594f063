"""What several kinds share: rules about days, beside the ways to declare fields."""

from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from zhike.core.text import Text
from zhike.intake.facts import RowRule
from zhike.intake.kinds.declaring import customer_code as customer_code
from zhike.intake.kinds.declaring import field as field
from zhike.intake.kinds.declaring import number as number
from zhike.kernel import clock


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
