"""Whole columns that are already written the standard way are converted by Arrow at once, without asking each cell."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from zhike.core.fields import FieldSpec
from zhike.intake.facts import arrow_type

Cast = Callable[[pa.Array], pa.Array | None]

_PLAIN = {
    "money": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$",
    "number": r"^-?[0-9]{1,11}(\.[0-9]{1,6})?$",
    "integer": r"^-?[0-9]{1,12}$",
    "date": r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$",
    "datetime": r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
}


def for_field(field: FieldSpec) -> Cast | None:
    """The conversion of a field's column, or None when its cells must be cleaned one by one."""
    pattern = _PLAIN.get(field.type)
    if pattern is None or field.past or field.minimum is not None or field.maximum is not None:
        return None
    kind = arrow_type(field.type)

    def cast(cells: pa.Array) -> pa.Array | None:
        """The converted column; None when a cell is blank, written otherwise, or impossible."""
        if not pc.all(pc.match_substring_regex(cells, pattern)).as_py():
            return None
        try:
            if field.type == "datetime":
                local = cells.cast(pa.timestamp("us"))
                return pc.assume_timezone(local, "Asia/Shanghai", ambiguous="earliest").cast(kind)
            return cells.cast(kind)
        except pa.ArrowInvalid:
            return None

    return cast
