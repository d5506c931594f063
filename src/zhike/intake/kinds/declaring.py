"""Short ways to declare the fields of a file's columns, and the names those bear; needs no settings."""

import tomllib
from decimal import Decimal
from importlib.resources import files

from zhike.core.fields import Choice, FieldSpec, Sensitivity
from zhike.core.text import Text

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
