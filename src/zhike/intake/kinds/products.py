"""Products: what is sold, by its code."""

from decimal import Decimal

from zhike.core.fields import FieldSpec
from zhike.core.text import Text
from zhike.intake.facts import Kind
from zhike.intake.kinds.fields import field
from zhike.intake.kinds.registry import register


def _fields() -> tuple[FieldSpec, ...]:
    return (
        field("products", "code", "text", "商品编号", "Product code", required=True),
        field("products", "name", "text", "商品名称", "Product name"),
        field("products", "category", "text", "商品类别", "Category"),
        field("products", "brand", "text", "品牌", "Brand"),
        field("products", "price", "money", "单价", "Price", minimum=Decimal(0)),
    )


PRODUCTS = register(
    Kind(
        key="products",
        label=Text(zh="商品", en="Products"),
        hint=Text(zh="一行一件商品,按商品编号识别。", en="One product per row, known by its code."),
        icon="package",
        order=20,
        fields=_fields,
        records="activity:products",
        known_by=(("code",),),
        examples=(
            {"code": "P100", "name": "有机牛奶 1L", "category": "乳品", "brand": "青草地", "price": "12.80"},
        ),
    )
)
