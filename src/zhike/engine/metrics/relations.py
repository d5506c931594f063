"""Metrics from order lines, interactions, feedback, events and the customer record itself."""

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Metric, Part, Unit
from zhike.engine.metrics.exact import days_since, divided, scaled
from zhike.engine.metrics.purchases import FIRST, NEVER
from zhike.engine.metrics.windows import Window

VISIT = "visit"
REFERRAL = "referral"
REFERRAL_WON = "referral_won"

QUARTER = Window(days=90)

UNITS = Part("units_q", "order_lines", lambda t, _: t.quantity.sum(), 0)
CATEGORIES = Part("categories_n", "order_lines", lambda t, _: t.category.nullif("").nunique(), 0)
INTERACTIONS = Part("interactions_n", "interactions", lambda t, _: t.count(), 0)
INTERACTIONS_90D = Part(
    "interactions_90d_n", "interactions", lambda t, when: t.count(where=t.on_date > when.before(QUARTER)), 0
)
LAST_INTERACTION = Part("interaction_on", "interactions", lambda t, _: t.on_date.max())
FEEDBACK = Part("feedback_n", "feedback", lambda t, _: t.count(), 0)
RATED = Part("rated_n", "feedback", lambda t, _: t.rating.count(), 0)
RATINGS = Part("ratings", "feedback", lambda t, _: t.rating.sum(), 0)
VISITS_90D = Part(
    "visits_90d_n",
    "events",
    lambda t, when: t.count(where=(t.kind == VISIT) & (t.on_date > when.before(QUARTER))),
    0,
)
REFERRED = Part("referred_n", "events", lambda t, _: t.count(where=t.kind == REFERRAL), 0)
REFERRALS_WON = Part("referrals_won_n", "events", lambda t, _: t.count(where=t.kind == REFERRAL_WON), 0)
KNOWN = Part("known_on", "customers", lambda t, _: t.created_on)


def _begun(t: ir.Table) -> ir.Value:
    return ibis.least(t.known_on, t.first_on.coalesce(t.known_on))


RELATIONS: tuple[Metric, ...] = (
    Metric(
        key="units",
        label=Text("购买件数", "Units"),
        unit=Unit.COUNT,
        formula=Text("订单明细数量合计", "Quantities of all order lines"),
        null_means=NEVER,
        parts=(UNITS,),
        value=lambda t, _: t.units_q.cast("decimal(18, 3)"),
    ),
    Metric(
        key="categories",
        label=Text("购买品类数", "Categories"),
        unit=Unit.COUNT,
        formula=Text("买过的不同商品类别数", "Number of different product categories bought"),
        null_means=NEVER,
        parts=(CATEGORIES,),
        value=lambda t, _: t.categories_n,
    ),
    Metric(
        key="interactions",
        label=Text("互动次数", "Interactions"),
        unit=Unit.COUNT,
        formula=Text("全部互动记录数", "Number of all interactions"),
        null_means=NEVER,
        parts=(INTERACTIONS,),
        value=lambda t, _: t.interactions_n,
    ),
    Metric(
        key="interactions_90d",
        label=Text("近90天互动次数", "Interactions in the last 90 days"),
        unit=Unit.COUNT,
        formula=Text("近90天的互动记录数", "Number of interactions in the last 90 days"),
        null_means=NEVER,
        parts=(INTERACTIONS_90D,),
        value=lambda t, _: t.interactions_90d_n,
    ),
    Metric(
        key="last_interaction_days",
        label=Text("距上次互动天数", "Days since last interaction"),
        unit=Unit.DAYS,
        formula=Text("统计日 − 最近互动日期", "Reporting day − last interaction"),
        null_means=Text("从未互动", "never in touch"),
        parts=(LAST_INTERACTION,),
        value=lambda t, when: days_since(t.interaction_on, when.as_of),
    ),
    Metric(
        key="feedback_count",
        label=Text("评价次数", "Feedback"),
        unit=Unit.COUNT,
        formula=Text("客户评价数", "Number of pieces of feedback"),
        null_means=NEVER,
        parts=(FEEDBACK,),
        value=lambda t, _: t.feedback_n,
    ),
    Metric(
        key="average_rating",
        label=Text("平均评分", "Average rating"),
        unit=Unit.RATING,
        formula=Text("评分合计 ÷ 有评分的评价数", "Sum of ratings ÷ feedback with a rating"),
        null_means=Text("没有评分", "no rating"),
        parts=(RATINGS, RATED),
        value=lambda t, _: divided(scaled(t.ratings, 2), t.rated_n * 100, places=2),
    ),
    Metric(
        key="visits_90d",
        label=Text("近90天访问次数", "Visits in the last 90 days"),
        unit=Unit.COUNT,
        formula=Text("近90天网站与门店访问数", "Visits to site and shop in the last 90 days"),
        null_means=NEVER,
        parts=(VISITS_90D,),
        value=lambda t, _: t.visits_90d_n,
    ),
    Metric(
        key="referrals",
        label=Text("推荐次数", "Referrals"),
        unit=Unit.COUNT,
        formula=Text("推荐他人的次数", "Number of people recommended"),
        null_means=NEVER,
        parts=(REFERRED,),
        value=lambda t, _: t.referred_n,
    ),
    Metric(
        key="referral_rate",
        label=Text("推荐成交率", "Referral rate"),
        unit=Unit.SHARE,
        formula=Text("推荐后成交的次数 ÷ 推荐次数", "Referrals that led to a purchase ÷ referrals"),
        null_means=Text("没有推荐过他人", "never recommended anyone"),
        parts=(REFERRALS_WON, REFERRED),
        value=lambda t, _: divided(t.referrals_won_n, t.referred_n, places=4),
    ),
    Metric(
        key="tenure_days",
        label=Text("成为客户天数", "Days as a customer"),
        unit=Unit.DAYS,
        formula=Text(
            "统计日 − 建档日期与首次购买日期中较早者",
            "Reporting day − the earlier of first record and first purchase",
        ),
        null_means=NEVER,
        parts=(KNOWN, FIRST),
        value=lambda t, when: days_since(_begun(t), when.as_of),
    ),
)
