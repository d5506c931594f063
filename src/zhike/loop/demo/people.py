"""Who the households are: generated people and staff, seeded, so that every demonstration looks the same.

Nothing here is real: Faker draws names, phones, e-mail addresses and addresses; only age band, baskets and
campaigns belong to the real (anonymous) households of the sample.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from faker import Faker

from zhike.core import regions

SEED = 2017
MAIL = "demo.zhike.example"
# Where the invented households live, and how many in ten thousand: three sales regions.
CITIES = (
    ("310000", 1500), ("320500", 900), ("330100", 1000), ("320100", 700), ("340100", 400),
    ("440100", 1100), ("440300", 1000), ("350200", 400), ("450100", 300),
    ("110000", 1100), ("120000", 500), ("370200", 500), ("210100", 300), ("510100", 300),
)  # fmt: skip
EAST, SOUTH, NORTH = ("31", "32", "33", "34"), ("44", "35", "45"), ("11", "12", "37", "21", "51")
AGES = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 82),
}
CHANNELS = (("门店", 62), ("小程序", 20), ("网站", 10), ("社交媒体", 8))


@dataclass(frozen=True, slots=True)
class Colleague:
    """One generated member of staff."""

    name: str
    mail: str
    role: str
    scope: str
    department: str


DEPARTMENTS = ("客户运营部", "华东客户部", "华南客户部", "华北客户部", "客服中心")
STAFF = (
    Colleague("李运营", "li", "operations", "all", "客户运营部"),
    Colleague("周审计", "zhou", "auditor", "all", "客户运营部"),
    Colleague("何市场", "he", "marketing", "all", "客户运营部"),
    Colleague("王经理", "wang", "account_manager", "own", "华东客户部"),
    Colleague("张经理", "zhang", "account_manager", "own", "华东客户部"),
    Colleague("赵主管", "zhao", "account_manager", "department", "华东客户部"),
    Colleague("陈经理", "chen", "account_manager", "own", "华南客户部"),
    Colleague("林经理", "lin", "account_manager", "own", "华南客户部"),
    Colleague("刘经理", "liu", "account_manager", "own", "华北客户部"),
    Colleague("孙经理", "sun", "account_manager", "own", "华北客户部"),
    Colleague("吴客服", "wu", "service", "all", "客服中心"),
)


def households(
    codes: list[str], ages: Mapping[str, str], first_seen: Mapping[str, date]
) -> Iterator[dict[str, str]]:
    """One generated person per household, in the order of the codes.

    `ages` gives the age band of those whose demographics are known, `first_seen` the first day each appears.
    """
    fake, dice = Faker("zh_CN"), random.Random(SEED)  # noqa: S311 (invented people, no secret)
    fake.seed_instance(SEED)
    phones: set[str] = set()
    for code in codes:
        yield _person(code, fake, dice, ages.get(code), first_seen.get(code, date(2017, 1, 1)), phones)


def _person(
    code: str, fake: Faker, dice: random.Random, band: str | None, seen: date, phones: set[str]
) -> dict[str, str]:
    woman = dice.random() < 0.55
    city = dice.choices([c for c, _ in CITIES], [w for _, w in CITIES])[0]
    phone = fake.phone_number()
    while phone in phones:
        phone = fake.phone_number()
    phones.add(phone)
    return {
        "客户编号": code,
        "姓名": fake.name_female() if woman else fake.name_male(),
        "性别": "女" if woman else "男",
        "出生日期": _birth(dice, band).isoformat(),
        "手机": phone,
        "邮箱": f"h{code}@{MAIL}" if dice.random() < 0.7 else "",
        "地址": _address(fake, dice, city),
        "地区": city,
        "来源渠道": dice.choices([c for c, _ in CHANNELS], [w for _, w in CHANNELS])[0],
        "建档日期": seen.isoformat(),
        "接受短信": "是" if dice.random() < 0.8 else "否",
        "接受邮件": "是" if dice.random() < 0.5 else "否",
        "客户经理": f"{_manager(dice, city)}@{MAIL}",
    }


def _birth(dice: random.Random, band: str | None) -> date:
    low, high = AGES[band] if band in AGES else dice.choice(list(AGES.values()))
    return date(2017, 1, 1) - timedelta(days=dice.randint(low * 365 + 10, high * 365 + 300))


def _address(fake: Faker, dice: random.Random, city: str) -> str:
    place = "".join(region.name for region in regions.lineage(city))
    return f"{place}{fake.street_name()}{dice.randint(1, 299)}号{dice.randint(1, 30)}幢{dice.randint(101, 2602)}室"


def _manager(dice: random.Random, city: str) -> str:
    if city.startswith(EAST):
        return dice.choice(["wang", "zhang"])
    return dice.choice(["chen", "lin"] if city.startswith(SOUTH) else ["liu", "sun"])
