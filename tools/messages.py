"""Find every translatable string, keep each stage's catalogue complete, compile it for the product."""

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/zhike"
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
HOME_OF_ROOT_FILES = "kernel"  # settings.py has no folder of its own

# Which arguments of each function hold (context, message, plural).
SHAPES: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
STRING = r"""u?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
IN_TEMPLATE = re.compile(
    rf"\b(_|gettext|pgettext|ngettext|npgettext)\(\s*({STRING})(?:\s*,\s*({STRING}))?(?:\s*,\s*({STRING}))?"
)

Key = tuple[str | None, str]


class Untranslatable(Exception):
    """A string that no catalogue can hold, such as an f-string given to gettext."""


@dataclass(slots=True)
class Message:
    """One translatable string and where it stands."""

    context: str | None
    id: str
    plural: str | None = None
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.context, self.id


# ── finding


def in_python(text: str, place: str) -> Iterator[Message]:
    """Messages of a Python file: calls of Django's gettext functions under any imported name."""
    tree = ast.parse(text)
    names = _aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            context, message, plural = SHAPES[names[node.func.id]]
            where = f"{place}:{node.lineno}"
            yield Message(
                None if context is None else _literal(node.args, context, where),
                _literal(node.args, message, where),
                None if plural is None else _literal(node.args, plural, where),
                [where],
            )


def _aliases(tree: ast.Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in SHAPES
    }


def _literal(arguments: list[ast.expr], index: int, where: str) -> str:
    argument = arguments[index] if index < len(arguments) else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise Untranslatable(f"{where}: gettext needs a plain string, not an expression")


def in_template(text: str, place: str) -> Iterator[Message]:
    """Messages of a template, as Django's own extractor sees them."""
    for number, line in enumerate(templatize(text, origin=place).split("\n"), 1):
        for found in IN_TEMPLATE.finditer(line):
            strings = [ast.literal_eval(part) for part in found.groups()[1:] if part]
            name = "gettext" if found[1] == "_" else found[1]
            context, message, plural = SHAPES[name]
            yield Message(
                None if context is None else strings[context],
                strings[message],
                None if plural is None else strings[plural],
                [f"{place}:{number}"],
            )


def of_stage(stage: Path) -> dict[Key, Message]:
    """All messages of a stage's files, keyed by context and text."""
    found: dict[Key, Message] = {}
    for path in _sources(stage):
        text, place = path.read_text(encoding="utf-8"), str(path.relative_to(stage.parent))
        for message in in_python(text, place) if path.suffix == ".py" else in_template(text, place):
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            if known is not message:
                known.places += message.places
    return found


def _sources(stage: Path) -> Iterable[Path]:
    files = [path for path in stage.rglob("*.py") if "migrations" not in path.parts]
    files += [path for path in stage.rglob("templates/**/*") if path.suffix in {".html", ".txt"}]
    if stage.name == HOME_OF_ROOT_FILES:
        files += stage.parent.glob("*.py")
    return sorted(files)


# ── checking


def faults_of(stage: Path) -> list[str]:
    """What is missing, unclear or left over in a stage's catalogue."""
    try:
        wanted = of_stage(stage)
    except Untranslatable as error:
        return [str(error)]
    entries = {(entry.msgctxt, entry.msgid): entry for entry in _catalogue(stage) if not entry.obsolete}
    faults = [
        f"{message.places[0]}: not in {stage.name}/{CATALOGUE}: {message.id!r}"
        for key, message in wanted.items()
        if key not in entries
    ]
    for key, entry in entries.items():
        if key not in wanted:
            faults.append(f"{stage.name}: no longer used: {entry.msgid!r}")
        else:
            faults += [
                f"{stage.name}: {fault}: {entry.msgid!r}" for fault in _faults_of_entry(entry, wanted[key])
            ]
    return faults


def _faults_of_entry(entry: polib.POEntry, message: Message) -> Iterator[str]:
    if entry.fuzzy:
        yield "fuzzy"
    if bool(entry.msgid_plural) != bool(message.plural):
        yield "plural differs from the source"
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not translations or not all(text.strip() for text in translations):
        yield "untranslated"
    names = set(re.findall(r"%\((\w+)\)", entry.msgid + (entry.msgid_plural or "")))
    for text in translations:
        if text and not set(re.findall(r"%\((\w+)\)", text)) <= names:
            yield "names a value the source does not have"


def contradictions(stages: Iterable[Path]) -> list[str]:
    """Strings that two stages translate differently; Django shows only one of them, everywhere."""
    said: dict[Key, dict[str, str]] = defaultdict(dict)
    for stage in stages:
        for entry in _catalogue(stage):
            if not entry.obsolete and entry.msgstr:
                said[(entry.msgctxt, entry.msgid)].setdefault(entry.msgstr, stage.name)
    return [
        f"{key[1]!r} is said in two ways: " + ", ".join(f"{text} ({stage})" for text, stage in ways.items())
        for key, ways in said.items()
        if len(ways) > 1
    ]


# ── catalogues


def _catalogue(stage: Path) -> polib.POFile:
    path = stage / CATALOGUE
    return polib.pofile(str(path)) if path.exists() else _empty()


def _empty() -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def update(stage: Path) -> int:
    """Add what the catalogue lacks, drop what is no longer used; returns how many wait for a translation."""
    wanted, catalogue = of_stage(stage), _catalogue(stage)
    if not wanted and not catalogue:
        return 0
    kept: dict[Key, polib.POEntry] = {
        (entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete
    }
    fresh = _empty()
    for key, message in sorted(wanted.items(), key=lambda item: (item[1].id, item[1].context or "")):
        entry = kept.get(key) or polib.POEntry(msgid=message.id, msgctxt=message.context)
        if message.plural and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr_plural, entry.msgstr = message.plural, {0: entry.msgstr}, ""
        entry.occurrences = []  # line numbers would change the file at every edit
        fresh.append(entry)
    path = stage / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))
    return len([entry for entry in fresh if not entry.translated()])


def compile_all(stages: Iterable[Path]) -> None:
    """Write the .mo files Django reads, only where the .po is newer."""
    for source in (stage / CATALOGUE for stage in stages):
        target = source.with_suffix(".mo")
        if source.exists() and not (target.exists() and target.stat().st_mtime > source.stat().st_mtime):
            polib.pofile(str(source)).save_as_mofile(str(target))


def stages_of(package: Path) -> list[Path]:
    """The folders that speak: every package below ours."""
    return sorted(path.parent for path in package.glob("*/__init__.py"))


def main(arguments: list[str] | None = None) -> int:
    """Run one of check, update, compile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["check", "update", "compile"])
    parser.add_argument("--package", type=Path, default=PACKAGE)
    given = parser.parse_args(arguments)
    if not settings.configured:
        settings.configure(USE_I18N=True)  # templatize reads nothing else
    stages = stages_of(given.package)
    if given.command == "compile":
        compile_all(stages)
        return 0
    if given.command == "update":
        waiting = {stage.name: update(stage) for stage in stages}
        print(
            "\n".join(f"{name}: {count} to translate" for name, count in waiting.items() if count)
            or "complete"
        )
        return 0
    faults = [fault for stage in stages for fault in faults_of(stage)] + contradictions(stages)
    print("\n".join(faults) or "messages: complete")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
