"""The types a field may have, each with its way of cleaning, showing and masking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhike.core import dates, figures, industries, masks, money, phones, regions
from zhike.core.errors import Refusal
from zhike.core.fields import cleaning, days, showing
from zhike.core.text import Language, Text

if TYPE_CHECKING:
    from zhike.core.fields.specs import FieldSpec
    from zhike.core.fields.values import Value

Cleaner = Callable[[object], "Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """One type: `cleaner` builds the cleaning function of a field once, so that cleaning a cell is one call."""

    name: str
    label: Text
    cleaner: Callable[[FieldSpec], Cleaner]
    show: Callable[[Any, FieldSpec, Language], str] = showing.plain
    mask: Callable[[Any, FieldSpec], str] = showing.mask_any
    sealed: bool = False
    contact: bool = False
    takes_choices: bool = False
    takes_limits: bool = False
    takes_past: bool = False


def _simple(clean: Callable[[object], Value]) -> Callable[[FieldSpec], Cleaner]:
    """A type whose cleaning needs nothing of the field."""
    return lambda spec: clean


def _masked(mask: Callable[[str], str]) -> Callable[[Any, FieldSpec], str]:
    return lambda value, spec: mask(value)


_TYPES = (
    FieldType(
        name="text",
        label=Text("文本", "Text"),
        cleaner=cleaning.text,
        mask=showing.mask_text,
        takes_limits=True,
    ),
    FieldType(
        name="long_text",
        label=Text("长文本", "Long text"),
        cleaner=cleaning.long_text,
        mask=showing.mask_text,
        takes_limits=True,
    ),
    FieldType(name="name", label=Text("名称", "Name"), cleaner=cleaning.name, mask=_masked(masks.name)),
    FieldType(
        name="phone",
        label=Text("电话", "Phone"),
        cleaner=_simple(phones.clean_phone),
        show=lambda value, spec, lang: phones.show_phone(value),
        mask=_masked(masks.phone),
        sealed=True,
        contact=True,
    ),
    FieldType(
        name="email",
        label=Text("邮箱", "E-mail"),
        cleaner=_simple(cleaning.email),
        mask=_masked(masks.email),
        sealed=True,
        contact=True,
    ),
    FieldType(
        name="address",
        label=Text("地址", "Address"),
        cleaner=cleaning.address,
        mask=_masked(masks.address),
        sealed=True,
        contact=True,
    ),
    FieldType(
        name="wechat",
        label=Text("微信", "WeChat"),
        cleaner=_simple(cleaning.wechat),
        mask=_masked(masks.wechat),
        sealed=True,
        contact=True,
    ),
    FieldType(
        name="id_number",
        label=Text("身份证号", "ID number"),
        cleaner=_simple(cleaning.id_number),
        mask=_masked(masks.id_number),
        sealed=True,
    ),
    FieldType(
        name="credit_code",
        label=Text("统一社会信用代码", "Credit code"),
        cleaner=_simple(cleaning.credit_code),
        mask=_masked(masks.code),
    ),
    FieldType(
        name="date",
        label=Text("日期", "Date"),
        cleaner=days.not_to_come(dates.clean_date),
        show=showing.day,
        mask=lambda value, spec: masks.birthday(value),
        takes_past=True,
    ),
    FieldType(
        name="datetime",
        label=Text("日期时间", "Date and time"),
        cleaner=days.not_to_come(dates.clean_moment),
        show=showing.moment,
        takes_past=True,
    ),
    FieldType(
        name="number",
        label=Text("数字", "Number"),
        cleaner=cleaning.limited(money.clean_number),
        show=showing.number,
        takes_limits=True,
    ),
    FieldType(
        name="integer",
        label=Text("整数", "Whole number"),
        cleaner=cleaning.limited(cleaning.integer),
        show=showing.number,
        takes_limits=True,
    ),
    FieldType(
        name="money",
        label=Text("金额", "Money"),
        cleaner=cleaning.limited(money.clean_money),
        show=lambda value, spec, lang: figures.money(value),
        takes_limits=True,
    ),
    FieldType(
        name="choice",
        label=Text("单选", "Choice"),
        cleaner=cleaning.choice,
        show=showing.choice,
        takes_choices=True,
    ),
    FieldType(
        name="multi_choice",
        label=Text("多选", "Several choices"),
        cleaner=cleaning.multi_choice,
        show=showing.multi_choice,
        takes_choices=True,
    ),
    FieldType(
        name="boolean",
        label=Text("是/否", "Yes or no"),
        cleaner=_simple(cleaning.boolean),
        show=showing.boolean,
    ),
    FieldType(
        name="region",
        label=Text("地区", "Region"),
        cleaner=_simple(regions.clean_region),
        show=lambda value, spec, lang: regions.show_region(value, lang),
    ),
    FieldType(
        name="industry",
        label=Text("行业", "Industry"),
        cleaner=_simple(industries.clean_industry),
        show=lambda value, spec, lang: industries.show_industry(value),
    ),
    FieldType(name="url", label=Text("网址", "Web address"), cleaner=_simple(cleaning.url)),
)

FIELD_TYPES: dict[str, FieldType] = {one.name: one for one in _TYPES}


class UnknownFieldType(Refusal):
    """A blueprint names a type that does not exist."""


def field_type(name: str) -> FieldType:
    """Find a type by name; raises `UnknownFieldType`."""
    found = FIELD_TYPES.get(name)
    if found is None:
        known = ", ".join(FIELD_TYPES)
        raise UnknownFieldType(
            Text(f"没有“{name}”这种字段类型。", f"There is no field type “{name}”."),
            Text(f"可用的类型:{known}。", f"Use one of: {known}."),
        )
    return found
