"""Metrics of how a customer and the company deal with each other: contacts, care, ratings, visits, referrals."""

import ibis
import ibis.expr.types as ir

from zhike.core.text import Text
from zhike.engine.metrics.declaration import Group, Metric, Part, Unit
from zhike.engine.metrics.exact import days_since, divided, scaled
from zhike.engine.metrics.purchases import FIRST, NEVER, YEAR, ordered_in
from zhike.engine.metrics.windows import Window

VISIT = "visit"
REFERRAL = "referral"
REFERRAL_WON = "referral_won"

MONTH, QUARTER, HALF = (Window(days=days) for days in (30, 90, 180))

INBOUND = "in"
SUCCESS = "success"
WITHDRAWN = "withdrawn"
LOW = 2  # a rating of at most this is a complaint

INTERACTIONS = Part("interactions_n", "interactions", lambda t, _: t.count(), 0)
INBOUND_N = Part("inbound_n", "interactions", lambda t, _: t.count(where=t.direction == INBOUND), 0)
LAST_INTERACTION = Part("interaction_on", "interactions", lambda t, _: t.on_date.max())
LAST_INBOUND = Part("inbound_on", "interactions", lambda t, _: t.on_date.max(where=t.direction == INBOUND))
CONTACT_CHANNELS = Part("contact_channels_n", "interactions", lambda t, _: t.channel.nullif("").nunique(), 0)
CARE_12M = Part(
    "care_12m_n",
    "records",
    lambda t, when: t.count(where=(t.result != WITHDRAWN) & (t.on_date > when.before(YEAR))),
    0,
)
CARE = Part("care_n", "records", lambda t, _: t.count(where=t.result != WITHDRAWN), 0)
CARE_WON = Part("care_won_n", "records", lambda t, _: t.count(where=t.result == SUCCESS), 0)
LAST_CARE = Part("care_on", "records", lambda t, _: t.on_date.max(where=t.result != WITHDRAWN))
FEEDBACK = Part("feedback_n", "feedback", lambda t, _: t.count(), 0)
RATED = Part("rated_n", "feedback", lambda t, _: t.rating.count(), 0)
RATINGS = Part("ratings", "feedback", lambda t, _: scaled(t.rating.sum(), 2), 0)  # hundredths
LOWEST = Part("lowest", "feedback", lambda t, _: t.rating.min())
COMPLAINTS = Part("complaints_n", "feedback", lambda t, _: t.count(where=t.rating <= LOW), 0)
COMPLAINTS_12M = Part(
    "complaints_12m_n",
    "feedback",
    lambda t, when: t.count(where=(t.rating <= LOW) & (t.on_date > when.before(YEAR))),
    0,
)
LAST_FEEDBACK = Part("feedback_on", "feedback", lambda t, _: t.on_date.max())
LAST_RATING = Part("last_rating_q", "ratings_backwards", lambda t, _: t.rating.max(where=t.place == 0))
EVENTS = Part("events_n", "events", lambda t, _: t.count(), 0)
LAST_EVENT = Part("event_on", "events", lambda t, _: t.on_date.max())
LAST_VISIT = Part("visit_on", "events", lambda t, _: t.on_date.max(where=t.kind == VISIT))
REFERRED = Part("referred_n", "events", lambda t, _: t.count(where=t.kind == REFERRAL), 0)
REFERRALS_WON = Part("referrals_won_n", "events", lambda t, _: t.count(where=t.kind == REFERRAL_WON), 0)
KNOWN = Part("known_on", "customers", lambda t, _: t.created_on)


def _talked(window: Window) -> Part:
    key = f"interactions_{window.key}_n"
    return Part(key, "interactions", lambda t, when: t.count(where=t.on_date > when.before(window)), 0)


def _visited(window: Window) -> Part:
    key = f"visits_{window.key}_n"
    return Part(
        key,
        "events",
        lambda t, when: t.count(where=(t.kind == VISIT) & (t.on_date > when.before(window))),
        0,
    )


def _interactions(window: Window) -> Metric:
    talked = _talked(window)
    return Metric(
        key=f"interactions_{window.key}",
        label=Text(f"{window.words.zh}互动次数", f"Interactions in {window.words.en}"),
        unit=Unit.COUNT,
        group=Group.ENGAGEMENT,
        formula=Text(f"{window.words.zh}的互动记录数", f"Number of interactions in {window.words.en}"),
        null_means=NEVER,
        parts=(talked,),
        value=lambda t, _: t[talked.key],
    )


def _visits(window: Window) -> Metric:
    visited = _visited(window)
    return Metric(
        key=f"visits_{window.key}",
        label=Text(f"{window.words.zh}访问次数", f"Visits in {window.words.en}"),
        unit=Unit.COUNT,
        group=Group.ENGAGEMENT,
        formula=Text(f"{window.words.zh}网站与门店访问数", f"Visits to site and shop in {window.words.en}"),
        null_means=NEVER,
        parts=(visited,),
        value=lambda t, _: t[visited.key],
    )


def _ago(key: str, label: Text, fact: Text, never: Text, part: Part) -> Metric:
    """Days since the latest fact of a kind."""
    return Metric(
        key=key,
        label=label,
        unit=Unit.DAYS,
        ageing=True,
        group=Group.ENGAGEMENT,
        formula=Text(f"统计日 − {fact.zh}", f"Reporting day − {fact.en}"),
        null_means=never,
        parts=(part,),
        value=lambda t, when: days_since(t[part.key], when.as_of),
    )


def _counted(key: str, label: Text, formula: Text, part: Part) -> Metric:
    """A plain count."""
    return Metric(
        key=key,
        label=label,
        unit=Unit.COUNT,
        group=Group.ENGAGEMENT,
        formula=formula,
        null_means=NEVER,
        parts=(part,),
        value=lambda t, _: t[part.key],
    )


def _portion(key: str, label: Text, formula: Text, none: Text, above: Part, below: Part) -> Metric:
    """One count over another."""
    return Metric(
        key=key,
        label=label,
        unit=Unit.SHARE,
        group=Group.ENGAGEMENT,
        formula=formula,
        null_means=none,
        parts=(above, below),
        value=lambda t, _: divided(t[above.key], t[below.key], places=4),
    )


def _visit_trend(t: ir.Table) -> ir.Value:
    return divided(t.visits_90d_n, t.visits_180d_n - t.visits_90d_n, places=4)


def _begun(t: ir.Table) -> ir.Value:
    return ibis.least(t.known_on, t.first_on.coalesce(t.known_on))


RELATIONS: tuple[Metric, ...] = (
    _counted(
        "interactions",
        Text("互动次数", "Interactions"),
        Text("全部互动记录数", "Number of all interactions"),
        INTERACTIONS,
    ),
    *(_interactions(window) for window in (MONTH, QUARTER, YEAR)),
    _ago(
        "last_interaction_days",
        Text("距上次互动天数", "Days since last interaction"),
        Text("最近互动日期", "last interaction"),
        Text("从未互动", "never in touch"),
        LAST_INTERACTION,
    ),
    _counted(
        "inbound",
        Text("客户主动联系次数", "Contacts from the customer"),
        Text("由客户发起的互动记录数", "Number of interactions the customer began"),
        INBOUND_N,
    ),
    _portion(
        "inbound_share",
        Text("主动联系占比", "Inbound share"),
        Text("由客户发起的互动 ÷ 全部互动", "Interactions the customer began ÷ all interactions"),
        Text("从未互动", "never in touch"),
        INBOUND_N,
        INTERACTIONS,
    ),
    _ago(
        "last_inbound_days",
        Text("距客户上次主动联系天数", "Days since the customer last made contact"),
        Text("客户最近一次主动联系日期", "last contact from the customer"),
        Text("客户从未主动联系", "the customer never made contact"),
        LAST_INBOUND,
    ),
    _counted(
        "contact_channels",
        Text("沟通渠道数", "Channels of contact"),
        Text("互动用过的不同渠道数", "Number of different channels of interactions"),
        CONTACT_CHANNELS,
    ),
    _counted(
        "care",
        Text("执行记录数", "Care given"),
        Text("任务与维护的执行记录数(不含撤回)", "Number of execution records, those withdrawn left out"),
        CARE,
    ),
    _counted(
        "care_12m",
        Text("近12个月执行记录数", "Care given in the last 12 months"),
        Text(
            "近12个月的执行记录数(不含撤回)",
            "Execution records in the last 12 months, those withdrawn left out",
        ),
        CARE_12M,
    ),
    _portion(
        "care_success",
        Text("执行成功率", "Care that succeeded"),
        Text("结果为成功的执行记录 ÷ 执行记录数", "Execution records with success ÷ execution records"),
        Text("没有执行记录", "no execution record"),
        CARE_WON,
        CARE,
    ),
    _ago(
        "last_care_days",
        Text("距上次维护天数", "Days since last care"),
        Text("最近执行记录日期", "last execution record"),
        Text("没有执行记录", "no execution record"),
        LAST_CARE,
    ),
    _counted(
        "feedback_count",
        Text("评价次数", "Feedback"),
        Text("客户评价数", "Number of pieces of feedback"),
        FEEDBACK,
    ),
    Metric(
        key="average_rating",
        label=Text("平均评分", "Average rating"),
        unit=Unit.RATING,
        group=Group.ENGAGEMENT,
        formula=Text("评分合计 ÷ 有评分的评价数", "Sum of ratings ÷ feedback with a rating"),
        null_means=Text("没有评分", "no rating"),
        parts=(RATINGS, RATED),
        value=lambda t, _: divided(t.ratings, t.rated_n * 100, places=2),
    ),
    Metric(
        key="last_rating",
        label=Text("最近评分", "Last rating"),
        unit=Unit.RATING,
        group=Group.ENGAGEMENT,
        formula=Text(
            "最近一次有评分的评价(同一时刻取编号最大者)",
            "Rating of the latest feedback that has one (highest number among equals)",
        ),
        null_means=Text("没有评分", "no rating"),
        parts=(LAST_RATING,),
        value=lambda t, _: t.last_rating_q.cast("decimal(18, 2)"),
    ),
    Metric(
        key="lowest_rating",
        label=Text("最低评分", "Lowest rating"),
        unit=Unit.RATING,
        group=Group.ENGAGEMENT,
        formula=Text("评分的最小值", "Lowest of all ratings"),
        null_means=Text("没有评分", "no rating"),
        parts=(LOWEST,),
        value=lambda t, _: t.lowest.cast("decimal(18, 2)"),
    ),
    _counted(
        "complaints",
        Text("差评次数", "Complaints"),
        Text("评分 ≤ 2 的评价数", "Number of ratings of 2 or less"),
        COMPLAINTS,
    ),
    _counted(
        "complaints_12m",
        Text("近12个月差评次数", "Complaints in the last 12 months"),
        Text("近12个月评分 ≤ 2 的评价数", "Number of ratings of 2 or less in the last 12 months"),
        COMPLAINTS_12M,
    ),
    _ago(
        "last_feedback_days",
        Text("距上次评价天数", "Days since last feedback"),
        Text("最近评价日期", "last feedback"),
        Text("从未评价", "never gave feedback"),
        LAST_FEEDBACK,
    ),
    _counted(
        "events",
        Text("行为次数", "Behaviour events"),
        Text("全部行为记录数", "Number of all behaviour events"),
        EVENTS,
    ),
    _ago(
        "last_event_days",
        Text("距上次行为天数", "Days since last event"),
        Text("最近行为日期", "last behaviour event"),
        Text("没有行为记录", "no behaviour event"),
        LAST_EVENT,
    ),
    *(_visits(window) for window in (MONTH, QUARTER, YEAR)),
    _ago(
        "last_visit_days",
        Text("距上次访问天数", "Days since last visit"),
        Text("最近访问日期", "last visit"),
        Text("从未访问", "never visited"),
        LAST_VISIT,
    ),
    Metric(
        key="visit_trend",
        label=Text("访问趋势", "Visit trend"),
        unit=Unit.RATIO,
        group=Group.GROWTH,
        formula=Text(
            "近90天访问次数 ÷ 此前90天访问次数", "Visits in the last 90 days ÷ visits in the 90 days before"
        ),
        null_means=Text("此前90天没有访问", "no visit in the 90 days before"),
        parts=(_visited(QUARTER), _visited(HALF)),
        value=lambda t, _: _visit_trend(t),
    ),
    Metric(
        key="orders_per_visit_90d",
        label=Text("近90天访购比", "Orders per visit in the last 90 days"),
        unit=Unit.RATIO,
        group=Group.ENGAGEMENT,
        formula=Text("近90天订单数 ÷ 近90天访问次数", "Orders ÷ visits, both in the last 90 days"),
        null_means=Text("近90天没有访问", "no visit in the last 90 days"),
        parts=(ordered_in(QUARTER), _visited(QUARTER)),
        value=lambda t, _: divided(t.orders_90d_n, t.visits_90d_n, places=2),
    ),
    _counted(
        "referrals",
        Text("推荐次数", "Referrals"),
        Text("推荐他人的次数", "Number of people recommended"),
        REFERRED,
    ),
    _counted(
        "referrals_won",
        Text("推荐成交次数", "Referrals won"),
        Text("推荐后成交的次数", "Number of referrals that led to a purchase"),
        REFERRALS_WON,
    ),
    _portion(
        "referral_rate",
        Text("推荐成交率", "Referral rate"),
        Text("推荐后成交的次数 ÷ 推荐次数", "Referrals that led to a purchase ÷ referrals"),
        Text("没有推荐过他人", "never recommended anyone"),
        REFERRALS_WON,
        REFERRED,
    ),
    Metric(
        key="tenure_days",
        label=Text("成为客户天数", "Days as a customer"),
        unit=Unit.DAYS,
        ageing=True,
        group=Group.ENGAGEMENT,
        formula=Text(
            "统计日 − 建档日期与首次购买日期中较早者",
            "Reporting day − the earlier of first record and first purchase",
        ),
        null_means=NEVER,
        parts=(KNOWN, FIRST),
        value=lambda t, when: days_since(_begun(t), when.as_of),
    ),
)
