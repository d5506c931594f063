"""Customers: the fields of the blueprint in force, the code by which a source knows them, and their manager."""

import pyarrow as pa
import pyarrow.compute as pc

from zhike.blueprint import queries as blueprints
from zhike.core.fields import FieldSpec, Sensitivity
from zhike.core.text import Text
from zhike.intake.facts import Kind, RowRule
from zhike.intake.kinds.fields import field
from zhike.intake.kinds.registry import register

_CODE = field("customers", "code", "text", "客户编号", "Customer code")
_NAME = field("customers", "name", "name", "名称", "Name", sensitivity=Sensitivity.PERSONAL)
_MANAGER = field("customers", "manager", "text", "客户经理", "Manager")

# What a row must say at least one of, so that it is somebody.
_SOMEBODY = ("code", "name")


def _fields() -> tuple[FieldSpec, ...]:
    spec = blueprints.current()
    own = tuple(one for one in (_CODE, _NAME) if one.key not in spec.fields)
    manager = () if "manager" in spec.fields else (_MANAGER,)
    return (*own, *spec.fields.values(), *manager)


def _nobody(table: pa.Table) -> pa.BooleanArray:
    spec = blueprints.current()
    keys = {
        *_SOMEBODY,
        *(one.key for one in spec.fields.values() if one.contact or one.type == "credit_code"),
    }
    nobody = pa.array([True] * table.num_rows, pa.bool_())
    for key in keys & set(table.column_names):
        nobody = pc.and_(nobody, pc.is_null(table[key]).combine_chunks())
    return nobody


CUSTOMERS = register(
    Kind(
        key="customers",
        label=Text(zh="客户", en="Customers"),
        hint=Text(
            zh="一行一位客户;列由当前模板决定。",
            en="One customer per row; the blueprint in force decides the columns.",
        ),
        icon="users",
        order=10,
        fields=_fields,
        rules=(
            RowRule(
                column="name",
                broken=_nobody,
                reason=Text(
                    zh="没有编号、名称和联系方式,无法知道是哪位客户。",
                    en="Without a code, a name or a contact point nobody can tell which customer this is.",
                ),
                remedy=Text(zh="请至少填写其中一项。", en="Fill in at least one of them."),
            ),
        ),
        records="customers:list",
        known_by=(("code",), ("phone",), ("email",), ("credit_code",)),
    )
)
