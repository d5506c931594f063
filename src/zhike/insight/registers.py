"""What the insight stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.engine.metrics import CATALOGUE
from zhike.insight import jobs as jobs
from zhike.insight import lists, panels, promises, queries
from zhike.insight.actions import merge_forecasts, merge_large_orders, merge_recommendations, merge_scores
from zhike.insight.cross_words import HABIT
from zhike.insight.dimensions import Facts
from zhike.insight.ledger import computing
from zhike.insight.ledger import promises as ledger_promises
from zhike.insight.models import Forecast, LargeOrder, Recommendation, Score
from zhike.insight.pages import likeness
from zhike.insight.queries import terms
from zhike.insight.queries.habits import bought_in, with_habit
from zhike.kernel import slots
from zhike.kernel.rights import Right

__all__ = ["computing"]

slots.nav(
    slots.Nav(
        key="insight",
        label=_("Customer assets"),
        icon="chart-histogram",
        url="insight:ledger",
        right=Right.INSIGHT_VIEW,
        order=30,
    )
)
for key, label, icon in (
    ("rfm", _("RFM"), "chart-treemap"),
    ("distributions", _("Distributions"), "chart-bar"),
    ("cohorts", _("Cohorts"), "calendar-stats"),
    ("cross", _("Cross analysis"), "arrows-cross"),
    ("portrait", _("Portrait"), "user-scan"),
    ("trends", _("Trends"), "trending-up"),
    ("value", _("Value to come"), "coin"),
    ("churn", _("Churn"), "user-minus"),
    ("opinions", _("Opinions"), "message-heart"),
    ("recommendations", _("Recommendations"), "shopping-cart-heart"),
    ("metrics", _("Metrics"), "ruler-measure"),
):
    slots.command(
        slots.Command(
            key=f"insight.{key}", label=label, icon=icon, url=f"insight:{key}", right=Right.INSIGHT_VIEW
        )
    )

slots.column(
    slots.Column(key="rfm", label=_("RFM class"), order=20, values=lists.classes_of, show=lists.class_name)
)
slots.column(
    slots.Column(
        key="spend",
        label=_("Spend"),
        order=30,
        values=lists.spend_of,
        annotate=lists.with_spend,
        sort_by="score_spend",
        show=lists.money,
        align_end=True,
    )
)
slots.column(
    slots.Column(
        key="orders",
        label=_("Orders"),
        order=40,
        values=lists.orders_of,
        annotate=lists.with_orders,
        sort_by="score_orders",
        show=lists.count,
        align_end=True,
    )
)
slots.column(
    slots.Column(
        key="last_purchase",
        label=_("Last purchase"),
        order=50,
        values=lists.last_purchase_of,
        annotate=lists.with_last_purchase,
        sort_by="score_last_purchase_on",
        show=lists.day,
    )
)
slots.column(
    slots.Column(
        key="value_12m",
        label=_("12-month value"),
        order=55,
        values=lists.value_of,
        annotate=lists.with_forecast,
        sort_by="forecast_value",
        show=lists.whole_money,
        align_end=True,
    )
)
slots.column(
    slots.Column(
        key="risk",
        label=_("Risk of churn"),
        order=56,
        values=lists.level_of,
        annotate=lists.with_forecast,
        sort_by="forecast_churn",
        show=lists.level_name,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="risk",
        label=_("Risk of churn"),
        order=25,
        choices=lists.level_choices,
        apply=queries.at_level,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="forecast",
        label=_("12-month value"),
        order=86,
        choices=lists.no_choices,
        apply=queries.worth_between,
        words=lists.worth_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="churn_reason",
        label=_("Reason for risk"),
        order=87,
        choices=lists.no_choices,
        apply=queries.for_reason,
        words=lists.reason_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="rfm", label=_("RFM class"), order=20, choices=lists.class_choices, apply=queries.in_class
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="metric",
        label=_("Metric"),
        order=80,
        choices=lists.no_choices,
        apply=queries.in_range,
        words=lists.band_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key=HABIT,
        label=_("Habit"),
        order=79,
        choices=lists.no_choices,
        apply=with_habit,
        words=lists.habit_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="bought_in",
        label=_("Bought in"),
        order=78,
        choices=lists.no_choices,
        apply=bought_in,
        words=lists.month_in_words,
    )
)
for order, facts in enumerate(Facts, start=81):
    slots.customer_filter(
        slots.CustomerFilter(
            key=facts.value,
            label=lists.FACTS[facts],
            order=order,
            choices=lists.no_choices,
            apply=lists.did(facts),
            words=lists.did_in_words,
        )
    )

slots.panel(
    slots.Panel(
        place="customer.value",
        key="value",
        label=_("12-month value"),
        right=Right.INSIGHT_VIEW,
        order=10,
        render=panels.value,
    )
)
slots.panel(
    slots.Panel(
        place="customer.tabs",
        key="portrait",
        label=_("Portrait"),
        right=Right.INSIGHT_VIEW,
        order=15,
        render=likeness.tab,
    )
)
slots.panel(
    slots.Panel(
        place="customer.worth",
        key="churn",
        label=_("Risk of churn"),
        right=Right.INSIGHT_VIEW,
        order=5,
        render=panels.churn,
    )
)

slots.panel(
    slots.Panel(
        place="customer.tabs",
        key="recommendations",
        label=_("Recommendations"),
        right=Right.INSIGHT_VIEW,
        order=50,
        render=panels.recommendations,
        count=queries.recommended_number,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="recommended",
        label=_("Recommended"),
        order=88,
        choices=lists.no_choices,
        apply=queries.recommended,
        words=lists.item_in_words,
    )
)

slots.customer_filter(
    slots.CustomerFilter(
        key="large_order",
        label=_("Large order in sight"),
        order=26,
        choices=lists.sign_choices,
        apply=queries.with_large_order,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="large_orders",
        label=_("Large orders in sight"),
        right=Right.INSIGHT_VIEW,
        order=25,
        render=panels.large_orders,
    )
)
slots.merger("insight.LargeOrder", merge_large_orders)
slots.eraser("insight.LargeOrder", slots.delete_rows(LargeOrder))
slots.feedback_marks(panels.opinions)
slots.panel(
    slots.Panel(
        place="customer.tabs",
        key="metrics",
        label=_("Metrics"),
        right=Right.INSIGHT_VIEW,
        order=60,
        render=panels.metrics,
    )
)
for key in CATALOGUE:
    slots.column(lists.metric_column(key))

slots.impact(queries.impact)
slots.impact(terms.impact)
slots.merger("insight.Score", merge_scores)
slots.eraser("insight.Score", slots.delete_rows(Score))
slots.merger("insight.Forecast", merge_forecasts)
slots.eraser("insight.Forecast", slots.delete_rows(Forecast))
slots.merger("insight.Recommendation", merge_recommendations)
slots.eraser("insight.Recommendation", slots.delete_rows(Recommendation))
slots.invariant(
    Text("预测的各级之和等于预测的客户数", "Levels of churn sum to the forecasts"), promises.levels_sum
)
slots.invariant(
    Text("客户资产负债表收支相符", "Balance sheets balance and agree with the orders"),
    ledger_promises.balance,
)
slots.invariant(Text("RFM 各类之和等于客户数", "RFM classes sum to the customers"), promises.classes_sum)
