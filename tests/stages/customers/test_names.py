"""Two names under one phone: the same customer, or two."""

import pytest

from zhike.customers.names import compatible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("ＪＯＨＮ", "john"),
        ("张三", ""),
        ("张先生", "张三"),
        ("华晟精密制造集团", "华晟精密制造有限公司"),
        ("苏州华晟精密制造有限公司", "华晟精密制造"),
    ],
)
def test_same(one: str, other: str) -> None:
    assert compatible(one, other) and compatible(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("张三", "李四"), ("张三", "张三丰"), ("王先生", "张三"), ("华晟", "华晟精密")]
)
def test_different(one: str, other: str) -> None:
    assert not compatible(one, other) and not compatible(other, one)
