"""The shipped sample as files that a company would send: dates as dates, Chinese headers, one row for one row.

Times of the sample are seconds since 1970 of shops in the eastern United States; they are written as the shops' own
wall clock, so that every basket keeps its day of 2017.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from pathlib import Path

import polars as pl

from zhike.loop.demo import voices
from zhike.loop.demo.people import households

SHOP_CLOCK = "America/New_York"
YEAR_END = date(2017, 12, 31)

DEPARTMENTS = {
    "GROCERY": "食品杂货", "DRUG GM": "日化百货", "PRODUCE": "蔬菜水果", "COSMETICS": "美妆", "NUTRITION": "营养健康",
    "MEAT": "鲜肉", "MEAT-PCKGD": "包装肉制品", "DELI": "熟食", "PASTRY": "烘焙", "FLORAL": "花卉",
    "SEAFOOD-PCKGD": "包装水产", "SPIRITS": "酒类", "SEAFOOD": "水产", "GARDEN CENTER": "园艺", "RESTAURANT": "餐饮",
    "SALAD BAR": "沙拉", "COUPON": "优惠券", "TRAVEL & LEISURE": "旅行休闲", "FROZEN GROCERY": "冷冻食品", "FUEL": "燃油",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sendable:
    """One file ready to be imported: its kind, its source, and the name the source goes by."""

    kind: str
    source: str
    name: str
    path: Path


def write(folder: Path) -> list[Sendable]:
    """Write every file into `folder`, in the order in which they are to be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        ("customers", "loyalty", "会员系统(演示数据)", "households.csv", _households()),
        ("customers", "survey", "会员问卷", "demographics.csv", _demographics()),
        ("products", "shop", "门店收银", "products.csv", _products()),
        ("orders", "shop", "门店收银", "transactions_sample.csv", _orders()),
        ("interactions", "campaigns", "营销活动", "campaigns.csv", _campaigns()),
        ("events", "coupons", "优惠券系统", "coupon_redemptions.csv", _redemptions()),
        ("feedback", "reviews", "会员评价(演示数据)", "feedback.csv", _feedback()),
    ]
    for *_, file, table in made:
        table.write_csv(folder / file, include_bom=True)
    return [Sendable(kind, source, name, folder / file) for kind, source, name, file, _ in made]


def _shipped(name: str) -> pl.DataFrame:
    source = files("zhike.loop.demo").joinpath("data", f"{name}.csv.gz")
    return pl.read_csv(source.read_bytes(), infer_schema=False)


def _day(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64).cast(pl.Int32).cast(pl.Date)


def _moment() -> pl.Expr:
    seconds = pl.col("transaction_timestamp").cast(pl.Float64).cast(pl.Int64)
    there = pl.from_epoch(seconds, time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone(SHOP_CLOCK)
    return there.dt.replace_time_zone(None).dt.strftime("%Y-%m-%d %H:%M:%S")


def _households() -> pl.DataFrame:
    """Every household of the sample, with a generated person."""
    seen = _first_seen()
    demographics = _shipped("demographics")
    ages = dict(zip(demographics["household_id"], demographics["age"], strict=True))
    codes = sorted({*seen, *ages}, key=int)
    return pl.DataFrame(list(households(codes, ages, seen)))


def _first_seen() -> dict[str, date]:
    """The first day on which each household buys, is written to, or redeems a coupon; not before 2017."""
    bought = _shipped("transactions_sample").select(
        "household_id", day=_moment().str.slice(0, 10).str.to_date()
    )
    redeemed = _shipped("coupon_redemptions").select("household_id", day=_day("redemption_date"))
    written = _shipped("campaigns").select("household_id", day=_day("start_date"))
    days = pl.concat([bought, redeemed, written]).group_by("household_id").agg(pl.col("day").min())
    return {code: max(day, date(2017, 1, 1)) for code, day in days.iter_rows()}


def _demographics() -> pl.DataFrame:
    return _shipped("demographics").select(
        pl.col("household_id").alias("客户编号"),
        pl.col("age").alias("年龄段"),
        pl.col("income").alias("收入档"),
        pl.col("home_ownership").alias("住房"),
        pl.col("marital_status").alias("婚姻状况"),
        pl.col("household_size").alias("家庭人数"),
        pl.col("household_comp").alias("家庭类型"),
        pl.col("kids_count").alias("子女数"),
    )


def _products() -> pl.DataFrame:
    return _shipped("products").select(
        pl.col("product_id").alias("商品编号"),
        pl.coalesce("product_type", "product_category", "department").alias("商品名称"),
        pl.col("department").replace_strict(DEPARTMENTS, default="其他").alias("品类"),
        pl.col("brand").alias("品牌"),
        pl.col("package_size").alias("规格"),
    )


def _orders() -> pl.DataFrame:
    return _shipped("transactions_sample").select(
        pl.col("basket_id").alias("订单号"),
        pl.col("household_id").alias("客户编号"),
        _moment().alias("下单时间"),
        pl.concat_str(pl.lit("S"), "store_id").alias("门店"),
        pl.lit("门店").alias("渠道"),
        pl.col("product_id").alias("商品编号"),
        pl.col("quantity").alias("数量"),
        pl.col("sales_value").alias("金额"),
        pl.sum_horizontal(
            pl.col("retail_disc", "coupon_disc", "coupon_match_disc").cast(pl.Decimal(10, 2))
        ).alias("优惠"),
    )


def _campaigns() -> pl.DataFrame:
    return _shipped("campaigns").select(
        pl.col("household_id").alias("客户编号"),
        _day("start_date").alias("时间"),
        pl.lit("邮寄").alias("渠道"),
        pl.concat_str(pl.lit("营销活动 "), "campaign_id", pl.lit(" · "), "campaign_type").alias("内容"),
        pl.concat_str(pl.lit("C"), "campaign_id").alias("互动编号"),
    )


def _redemptions() -> pl.DataFrame:
    return _shipped("coupon_redemptions").select(
        pl.col("household_id").alias("客户编号"),
        _day("redemption_date").alias("时间"),
        pl.lit("核销优惠券").alias("事件"),
        pl.concat_str(pl.lit("优惠券 "), "coupon_upc", pl.lit(" · 活动 "), "campaign_id").alias("内容"),
    )


def _feedback() -> pl.DataFrame:
    """What the invented members say of some of their baskets."""
    baskets = (
        _shipped("transactions_sample")
        .select("basket_id", "household_id", at=_moment().str.to_datetime("%Y-%m-%d %H:%M:%S"))
        .unique("basket_id", keep="first", maintain_order=True)
    )
    known = [voices.Basket(number, customer, at) for number, customer, at in baskets.iter_rows()]
    return pl.DataFrame(list(voices.said(known, datetime.combine(YEAR_END, time(23, 59)))))
