"""How much harm a value could do in the wrong hands; declared per field, it drives sealing, masking and erasure."""

from __future__ import annotations

from enum import StrEnum

from zhike.core.text import Text


class Sensitivity(StrEnum):
    """公开, 内部, 个人, 敏感."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"

    @property
    def label(self) -> Text:
        """The word shown to users."""
        return _LABELS[self]

    @property
    def is_about_a_person(self) -> bool:
        """Whether the personal information law cares."""
        return self in {Sensitivity.PERSONAL, Sensitivity.SENSITIVE}


_LABELS = {
    Sensitivity.PUBLIC: Text("公开", "Public"),
    Sensitivity.INTERNAL: Text("内部", "Internal"),
    Sensitivity.PERSONAL: Text("个人", "Personal"),
    Sensitivity.SENSITIVE: Text("敏感", "Sensitive"),
}
