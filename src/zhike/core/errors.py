"""The base of every error a user may see: it says where, what happened and what to do, in both languages."""

from __future__ import annotations

from zhike.core.text import Text


class Refusal(Exception):
    """Something was asked that cannot be done; the reason and the remedy are meant for the user."""

    def __init__(self, reason: Text, remedy: Text, *, place: Text | None = None) -> None:
        super().__init__(reason, remedy, place)
        self.reason = reason
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        return str(self.text)

    @property
    def text(self) -> Text:
        """Tell place, reason and remedy as one phrase."""
        said = Text(
            f"{self.reason.zh} {self.remedy.zh}".strip(), f"{self.reason.en} {self.remedy.en}".strip()
        )
        if self.place is None:
            return said
        return Text(f"{self.place.zh}:{said.zh}", f"{self.place.en}: {said.en}")

    def as_json(self) -> dict[str, dict[str, str] | None]:
        """Give the form that problem rows and the API keep."""
        return {
            "place": self.place.as_json() if self.place else None,
            "reason": self.reason.as_json(),
            "remedy": self.remedy.as_json(),
        }


class BadValue(Refusal):
    """A single value does not fit what its field promises."""
