"""A seeded shop: customers with phones, and orders with a heavy tail, as CSV files a person could have exported."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

SEED = 20170101
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华文辉力玲鑫波斌宇浩凯健俊帆雪梅婷慧建国红春琴云飞"
PREFIXES = [
    "130",
    "131",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "157",
    "158",
    "159",
    "177",
    "186",
    "188",
]
REGIONS = [
    "上海",
    "北京",
    "江苏 苏州",
    "江苏 南京",
    "浙江 杭州",
    "广东 深圳",
    "广东 广州",
    "四川 成都",
    "湖北 武汉",
]
GENDERS = ["男", "女"]
CHANNELS = ["门店", "小程序", "官网", "天猫"]
PAYMENTS = ["微信支付", "支付宝", "现金", "银行卡"]
FIRST_DAY = np.datetime64("2015-01-01")
DAYS = 1096  # to the end of 2017
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Files:
    """The generated files."""

    customers: Path
    orders: Path


def generate(folder: Path, *, customers: int, orders: int, seed: int = SEED) -> Files:
    """Write both files; the same seed and sizes give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder / "customers.csv", folder / "orders.csv")
    random = np.random.Generator(np.random.PCG64(seed))
    csv.write_csv(_customers(random, customers), files.customers)
    csv.write_csv(_orders(random, customers, orders), files.orders)
    return files


def _customers(random: np.random.Generator, size: int) -> pa.Table:
    born = np.datetime64("1950-01-01") + random.integers(0, 365 * 55, size)
    joined = FIRST_DAY + random.integers(0, DAYS // 2, size)
    return pa.table(
        {
            "客户编号": _numbered("C", np.arange(size)),
            "姓名": _names(random, size),
            "性别": _picked(random, GENDERS, size),
            "出生日期": pa.array(born),
            "手机": _phones(random, size),
            "地区": _picked(random, REGIONS, size),
            "入会日期": pa.array(joined),
        }
    )


def _orders(random: np.random.Generator, customers: int, size: int) -> pa.Table:
    """Customers buy at very different rates (gamma), amounts are log-normal: most of both is small."""
    rate = random.gamma(0.7, 1.0, customers)
    buyers = random.choice(customers, size, p=rate / rate.sum())
    seconds = np.sort(random.integers(0, DAYS * SECONDS_A_DAY, size))
    cents = np.maximum(100, (random.lognormal(4.3, 1.0, size) * 100).astype(np.int64))
    saved = np.where(random.random(size) < 0.3, cents // 10, 0)
    return pa.table(
        {
            "订单编号": _numbered("SO", np.arange(size)),
            "客户编号": _numbered("C", buyers),
            "下单时间": pa.array(FIRST_DAY.astype("datetime64[s]") + seconds),
            "金额": _money(cents),
            "优惠金额": _money(saved),
            "渠道": _picked(random, CHANNELS, size),
            "门店": pc.binary_join_element_wise(
                "门店", pa.array(random.integers(1, 60, size)).cast(pa.string()), ""
            ),
            "支付方式": _picked(random, PAYMENTS, size),
        }
    )


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=8, padding="0")
    return pc.binary_join_element_wise(prefix, padded, "")


def _names(random: np.random.Generator, size: int) -> pa.Array:
    second = pc.if_else(pa.array(random.random(size) < 0.7), _picked(random, list(GIVEN), size), "")
    parts = (_picked(random, list(SURNAMES), size), _picked(random, list(GIVEN), size), second)
    return pc.binary_join_element_wise(*parts, "")


def _phones(random: np.random.Generator, size: int) -> pa.Array:
    """Eleven digits each, all different: a permutation within each prefix."""
    tails = random.permutation(100_000_000 // 97)[:size] * 97
    tail = pc.utf8_lpad(pa.array(tails).cast(pa.string()), width=8, padding="0")
    return pc.binary_join_element_wise(_picked(random, PREFIXES, size), tail, "")


def _picked(random: np.random.Generator, options: list[str], size: int) -> pa.Array:
    return pa.array(options).take(pa.array(random.integers(0, len(options), size)))


def _money(cents: np.ndarray) -> pa.Array:
    whole, rest = np.divmod(cents, 100)
    decimals = pc.utf8_lpad(pa.array(rest).cast(pa.string()), width=2, padding="0")
    return pc.binary_join_element_wise(pa.array(whole).cast(pa.string()), decimals, ".")
