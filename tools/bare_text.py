"""Find words in templates that stand there untranslated: a page must speak both languages in full."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src/zhike"

# Names that are the same in both languages.
NAMES = set(
    """知客 Zhike RFM CSV XLSX XLS Excel YAML JSON API OpenAPI PNG UTF-8 GB18030 Ctrl Esc Enter Shift Alt Home End
    English 中文 ID TOTP E.164 zh en GB/T PostgreSQL DuckDB Tabler ECharts Bearer Authorization HTTP GET POST
    v1""".split()  # noqa: SIM905 — a page of words reads better than a page of quotes
)
SPOKEN = {
    "title",
    "placeholder",
    "aria-label",
    "alt",
    "label",
    "hint",
    "hx-confirm",
    "submit",
    "empty",
    "text",
}
SILENT = {"script", "style", "code", "pre", "kbd", "svg", "math"}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9./-]+|[\u4e00-\u9fff]+")
TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%-?\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


class _Reader(HTMLParser):
    """Collects (line, words) of visible text and of attributes that are read or shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        for name, value in attrs:
            if name in SPOKEN and value:
                self._note(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        words = [word for word in WORD.findall(text) if word not in NAMES and not word.startswith("zk-")]
        if words:
            self.found.append((self.getpos()[0], " ".join(words)))


def bare(text: str) -> list[tuple[int, str]]:
    """Lines and words of a template that no translation reaches."""
    for pattern in (COMMENT, TRANSLATED, TAG):
        text = pattern.sub(_blank, text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def _blank(found: re.Match[str]) -> str:
    """Nothing to see, same number of lines."""
    return " " + "\n" * found[0].count("\n")


def faults(package: Path) -> Iterator[str]:
    """Every bare word of every HTML template."""
    for path in sorted(package.rglob("templates/**/*.html")):
        for line, words in bare(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(package)}:{line}: not translated: {words}"


def main() -> int:
    """Print the faults; none may be left."""
    found = list(faults(PACKAGE))
    print("\n".join(found) or "templates: no untranslated text")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
