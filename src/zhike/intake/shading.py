"""What somebody may read of a file's cells: personal values are masked for those without the right to names and contacts."""

import re

from zhike.core import masks
from zhike.core.errors import BadValue
from zhike.core.fields import FieldSpec
from zhike.core.fields.values import is_empty
from zhike.core.text import Text
from zhike.kernel.models import User
from zhike.kernel.rights import Right

_QUOTED = re.compile(r"“[^”]*”")


class Shade:
    """How one user sees cells."""

    def __init__(self, user: User) -> None:
        self.sees_all = user.has(Right.NAMES_VIEW) and user.has(Right.PERSONAL_REVEAL)

    def hides(self, field: FieldSpec | None) -> bool:
        """Whether a column is masked; one that no field claims counts as personal until somebody says otherwise."""
        return not self.sees_all and (field is None or field.sealed or field.sensitivity.is_about_a_person)

    def cell(self, field: FieldSpec | None, raw: str) -> str:
        """A cell as the user may read it."""
        if is_empty(raw) or not self.hides(field):
            return raw
        if field is None:
            return masks.hidden(raw)
        try:
            return field.mask(field.clean(raw))
        except BadValue:
            return masks.hidden(raw)

    def words(self, text: Text, field: FieldSpec | None, *, about_cell: bool) -> str:
        """A reason or remedy; the value it quotes is left out when its column is masked."""
        said = str(text)
        return _QUOTED.sub("“…”", said) if about_cell and self.hides(field) else said
