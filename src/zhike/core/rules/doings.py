"""What a customer can have done: the facts that a rule may count, by what they may be told apart, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from zhike.core.text import Text


class ColumnKind(StrEnum):
    """What a column of a fact holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by which facts are told apart; `of_line` when it stands on the lines of an order, `name` in the lake."""

    label: Text
    kind: ColumnKind = ColumnKind.TEXT
    name: str = ""
    of_line: bool = False
    words: Mapping[str, Text] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether it is compared as a number and can be added up."""
        return self.kind is not ColumnKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One kind of fact: its table in the lake, the column of its day, and how a sentence speaks of it.

    `counted` has a place `{}` for the comparison, `once` says it was done, `never` that it was not. Facts whose column has
    the value named in `leaves_out` never count.
    """

    key: str
    label: Text
    counted: Text
    once: Text
    never: Text
    table: str
    dated: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    leaves_out: Mapping[str, str] = field(default_factory=dict)


_CHANNEL = Column(Text("渠道", "channel"))
_AMOUNT = Column(Text("金额", "amount"), ColumnKind.MONEY)
_DISCOUNT = Column(Text("优惠金额", "discount"), ColumnKind.MONEY)
_DIRECTIONS = {
    "out": Text("我们联系客户", "we to the customer"),
    "in": Text("客户联系我们", "the customer to us"),
}
_RESULTS = {"success": Text("成功", "success"), "follow_up": Text("待跟进", "to follow up")}

_ALL = (
    Doing(
        key="orders",
        label=Text("下单", "Orders"),
        counted=Text("下单 {} 次", "placed {} orders"),
        once=Text("下过单", "placed an order"),
        never=Text("没有下单", "placed no order"),
        table="orders",
        dated="placed_on",
        columns={
            "amount": _AMOUNT,
            "discount": _DISCOUNT,
            "channel": _CHANNEL,
            "store": Column(Text("门店", "store")),
            "payment": Column(Text("支付方式", "payment")),
            "category": Column(Text("品类", "category"), of_line=True),
            "product": Column(Text("商品", "product"), name="product_code", of_line=True),
        },
    ),
    Doing(
        key="products",
        label=Text("购买商品", "Products bought"),
        counted=Text("购买商品 {} 次", "bought products {} times"),
        once=Text("买过商品", "bought a product"),
        never=Text("没有买过商品", "bought no product"),
        table="order_lines",
        dated="placed_on",
        columns={
            "category": Column(Text("品类", "category")),
            "product": Column(Text("商品", "product"), name="product_code"),
            "quantity": Column(Text("数量", "quantity"), ColumnKind.NUMBER),
            "amount": _AMOUNT,
            "discount": _DISCOUNT,
        },
    ),
    Doing(
        key="returns",
        label=Text("退货", "Returns"),
        counted=Text("退货 {} 次", "made {} returns"),
        once=Text("退过货", "returned goods"),
        never=Text("没有退货", "returned nothing"),
        table="returns",
        dated="returned_on",
        columns={"amount": _AMOUNT},
    ),
    Doing(
        key="interactions",
        label=Text("互动", "Interactions"),
        counted=Text("互动 {} 次", "had {} interactions"),
        once=Text("有过互动", "had an interaction"),
        never=Text("没有互动", "had no interaction"),
        table="interactions",
        dated="on_date",
        columns={
            "channel": _CHANNEL,
            "purpose": Column(Text("目的", "purpose")),
            "direction": Column(Text("方向", "direction"), words=_DIRECTIONS),
        },
    ),
    Doing(
        key="feedback",
        label=Text("反馈", "Feedback"),
        counted=Text("反馈 {} 次", "gave feedback {} times"),
        once=Text("给过反馈", "gave feedback"),
        never=Text("没有反馈", "gave no feedback"),
        table="feedback",
        dated="on_date",
        columns={"rating": Column(Text("评分", "rating"), ColumnKind.NUMBER), "channel": _CHANNEL},
    ),
    Doing(
        key="events",
        label=Text("事件", "Events"),
        counted=Text("发生事件 {} 次", "had {} events"),
        once=Text("发生过事件", "had an event"),
        never=Text("没有发生事件", "had no event"),
        table="events",
        dated="at",
        columns={"kind": Column(Text("类型", "kind"))},
    ),
    Doing(
        key="records",
        label=Text("被跟进", "Care received"),
        counted=Text("被跟进 {} 次", "was cared for {} times"),
        once=Text("被跟进过", "was cared for"),
        never=Text("没有被跟进", "was not cared for"),
        table="records",
        dated="on_date",
        columns={"result": Column(Text("结果", "result"), words=_RESULTS)},
        leaves_out={"result": "withdrawn"},
    ),
)

DOINGS: Mapping[str, Doing] = MappingProxyType({one.key: one for one in _ALL})
