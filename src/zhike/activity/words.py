"""How channels, purposes and products are worded; the first two are offered when staff record an interaction."""

from dataclasses import dataclass

from zhike.core.text import Text


@dataclass(frozen=True, slots=True)
class Way:
    """A way to be in touch: its word as it is kept, and its icon."""

    label: Text
    icon: str

    @property
    def kept(self) -> str:
        """What stands in the record: the Chinese word, as imported files have it."""
        return self.label.zh


WAYS = (
    Way(Text("电话", "Phone call"), "phone"),
    Way(Text("微信", "WeChat"), "brand-wechat"),
    Way(Text("上门拜访", "Visit"), "walk"),
    Way(Text("到店", "In the shop"), "building-store"),
    Way(Text("邮件", "E-mail"), "mail"),
    Way(Text("短信", "SMS"), "message"),
)
PURPOSES = (
    Text("回访", "Follow-up"),
    Text("需求沟通", "Needs"),
    Text("售后", "After-sales"),
    Text("关怀", "Care"),
    Text("投诉处理", "Complaint"),
)
_ICONS = {way.kept: way.icon for way in WAYS}
_LABELS = {one.zh: one for one in (*(way.label for way in WAYS), *PURPOSES)}


def icon_of(channel: str) -> str:
    """The icon of a channel, or that of talk in general."""
    return _ICONS.get(channel, "messages")


def said(word: str) -> str:
    """A kept channel or purpose in the reader's language, where it is one of ours."""
    return str(_LABELS[word]) if word in _LABELS else word


def calm(name: str) -> str:
    """A product's name without the shouting of tills: MEAT: BEEF BULK is read as Meat: beef bulk, USB stays."""
    shouted = name.isascii() and name.isupper() and (" " in name or len(name) > 3)
    return name.capitalize() if shouted else name
