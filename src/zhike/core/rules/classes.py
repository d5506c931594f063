"""The classes a rule may ask for: what the latest analyses made of each customer, and what a customer does most."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from zhike.core.text import Text, inside

RFM, RISK = "rfm", "risk"
CHANNEL, STORE, PAYMENT, CATEGORY = "channel", "store", "payment", "category"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to sort customers: its name, and how to say that somebody is, or is not, in a class ({} stands for it)."""

    label: Text
    is_: Text
    is_not: Text


def _kind(zh: str, en: str) -> Kind:
    small = inside(en)
    return Kind(
        Text(zh, en), Text(f"{zh}为 {{}}", f"{small} is {{}}"), Text(f"{zh}不为 {{}}", f"{small} is not {{}}")
    )


CLASSES: Mapping[str, Kind] = MappingProxyType(
    {
        RFM: _kind("RFM 类别", "RFM class"),
        RISK: _kind("流失风险级别", "Churn risk level"),
        CHANNEL: _kind("常用渠道", "Usual channel"),
        STORE: _kind("常去门店", "Usual store"),
        PAYMENT: _kind("常用付款方式", "Usual payment"),
        CATEGORY: _kind("主要品类", "Main category"),
    }
)
