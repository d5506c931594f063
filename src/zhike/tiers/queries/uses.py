"""Where a segment is used: rules of other segments, and saved views of the customer list.

Nothing else can refer to a segment: the rules of a blueprint (tiers, tags, KPIs) may not name one, tasks made for its customers and
exported files stand on their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from zhike.core.text import Text
from zhike.customers import queries as customers
from zhike.kernel.models import User
from zhike.tiers.models import Segment
from zhike.tiers.queries.segments import users_of

RULE, VIEW = Text("分群规则", "Rule of a segment"), Text("客户列表视图", "View of the customer list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place that looks at a segment; `owner` where it is somebody's."""

    kind: Text
    name: Text
    url: str
    owner: str = ""

    @property
    def said(self) -> Text:
        """It in words."""
        owner = Text(f"({self.owner})", f" ({self.owner})") if self.owner else Text("", "")
        return Text(f"{self.kind.zh}“{self.name.zh}”{owner.zh}", f"{self.kind.en} “{self.name.en}”{owner.en}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Where a segment is used: places that somebody may see, and how many views others keep for themselves."""

    seen: tuple[Use, ...]
    private: int


def uses_of(segment: Segment, asker: User) -> Uses:
    """Where a segment is used. Others' own views are counted only: they would be in nobody's power to change."""
    rules = [
        Use(kind=RULE, name=one.title, url=reverse("tiers:segment", args=[one.key]))
        for one in users_of(segment)
    ]
    views = customers.views_by("segment", str(segment.key))
    mine = [one for one in views if one.shared or one.user_id == asker.pk]
    listed = reverse("customers:list")
    seen = [
        Use(
            kind=VIEW,
            name=Text.same(one.name),
            url=f"{listed}?{one.query}",
            owner=one.user.name if one.shared else "",
        )
        for one in mine
    ]
    return Uses(seen=(*rules, *seen), private=len(views) - len(mine))
