"""What is wrong with a blueprint: every problem with its place, line, reason and remedy."""

from __future__ import annotations

from dataclasses import dataclass

from zhike.core.errors import Refusal
from zhike.core.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend."""

    path: str
    line: int | None
    reason: Text
    remedy: Text

    @property
    def text(self) -> Text:
        """Tell line, place, reason and remedy as one phrase."""
        where = Text("", "") if self.line is None else Text(f"第 {self.line} 行 ", f"line {self.line} ")
        said = Text(f"{self.reason.zh} {self.remedy.zh}", f"{self.reason.en} {self.remedy.en}")
        return where + Text(f"{self.path}:{said.zh}", f"{self.path}: {said.en}")

    def as_json(self) -> dict[str, object]:
        """Give the form the API and the command line print."""
        return {
            "path": self.path,
            "line": self.line,
            "reason": self.reason.as_json(),
            "remedy": self.remedy.as_json(),
        }


class BadBlueprint(Refusal):
    """A blueprint that cannot be read; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(
            Text(
                f"模板有 {len(problems)} 处问题,第一处:{first.text.zh}",
                f"The blueprint has {len(problems)} problems, the first: {first.text.en}",
            ),
            Text("请逐条改正后再保存。", "Mend them and save again."),
        )
        self.problems = problems
