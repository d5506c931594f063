"""What a spreadsheet would run rather than show: found on the way in, made inert on the way out."""

from __future__ import annotations

import re

_PLAIN_NUMBER = re.compile(r"[+-]\d[\d,]*(\.\d+)?")
_RISKY = frozenset("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")
_FORMULA = re.compile(
    r"""\s*(?:=\s*[A-Za-z0-9_("'$@+\-{\[#]|@\s*[A-Za-z_.]+\s*\(|[+-]\s*[A-Za-z_@][^\s]*\s*[(|!])"""
)
_ERRORS = frozenset({"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})


def inert(text: str) -> str:
    """Make a text safe to write into a CSV or Excel cell: one that a spreadsheet could run gets a leading apostrophe."""
    if not text or text[0] not in _RISKY or _PLAIN_NUMBER.fullmatch(text):
        return text
    return "'" + text


def restored(text: str) -> str:
    """Take off the apostrophe that `inert` put on, so that a corrected file reads as it was."""
    if len(text) > 1 and text[0] == "'" and text[1] in _RISKY:
        return text[1:]
    return text


def is_formula(text: str) -> bool:
    """Tell whether a text looks like a spreadsheet formula, such as =SUM(A1:A9)."""
    return text[:1] in {"=", "@", "+", "-", " ", "\t"} and _FORMULA.match(text) is not None


def is_error(text: str) -> bool:
    """Tell whether a text is the error a spreadsheet shows for a formula that failed."""
    return text[:1] == "#" and text in _ERRORS
