"""Recommendation in words: methods, what counts as one item, and the reason behind each; loads no computing library."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from zhike.core.text import Text

Grain = Literal["product", "name", "category"]
Purpose = Literal["again", "new"]
Why = Literal["rhythm", "bought", "with", "popular"]

GRAINS: Mapping[Grain, Text] = MappingProxyType(
    {
        "product": Text("单个商品(商品编号)", "single products (by code)"),
        "name": Text("商品种类(同名商品合为一种)", "kinds of products (products of one name together)"),
        "category": Text("品类", "categories"),
    }
)
METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "popular": Text("热门商品", "Popularity"),
        "own": Text("自身购买史 + 热门(须超过的底线)", "Own history + popularity (the floor to beat)"),
        "bm25": Text("商品关联 BM25", "Items bought together, BM25"),
        "ease": Text("商品关联 EASE", "Items bought together, EASE"),
        "bm25+own": Text("BM25 + 自身购买史 + 热门", "BM25 + own history + popularity"),
        "ease+own": Text("EASE + 自身购买史 + 热门", "EASE + own history + popularity"),
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is recommended: `days` and `times` of the customer's own purchases, `item` they bought, `share` of all."""

    why: Why
    times: int = 0
    gap: int = 0
    elapsed: int = 0
    item: str = ""
    share: float = 0.0

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        if self.why == "rhythm":
            return Text(
                f"平均每 {self.gap} 天买一次(共 {self.times} 次),已过 {self.elapsed} 天",
                f"Bought every {self.gap} days on average ({self.times} times), the last {self.elapsed} days ago",
            )
        if self.why == "bought":
            times = f"{self.times} times" if self.times > 1 else "once"
            return Text(
                f"买过 {self.times} 次,最近一次在 {self.elapsed} 天前",
                f"Bought {times}, the last {self.elapsed} days ago",
            )
        if self.why == "with":
            return Text(f"买过“{self.item}”的客户也常买", f"Customers who bought “{self.item}” often buy it")
        return Text(f"{self.share:.0%} 的客户买过", f"{self.share:.0%} of the customers bought it")
