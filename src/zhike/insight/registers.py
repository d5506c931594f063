"""What the insight stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.insight import lists, promises, queries
from zhike.insight.actions import merge_scores
from zhike.insight.dimensions import Facts
from zhike.insight.models import Score
from zhike.kernel import slots
from zhike.kernel.rights import Right

slots.nav(
    slots.Nav(
        key="insight",
        label=_("Customer assets"),
        icon="chart-histogram",
        url="insight:rfm",
        right=Right.INSIGHT_VIEW,
        order=30,
    )
)
slots.command(
    slots.Command(
        key="insight.distributions",
        label=_("Distributions"),
        icon="chart-bar",
        url="insight:distributions",
        right=Right.INSIGHT_VIEW,
    )
)
slots.command(
    slots.Command(
        key="insight.cohorts",
        label=_("Cohorts"),
        icon="calendar-stats",
        url="insight:cohorts",
        right=Right.INSIGHT_VIEW,
    )
)
slots.command(
    slots.Command(
        key="insight.metrics",
        label=_("Metrics"),
        icon="ruler-measure",
        url="insight:metrics",
        right=Right.INSIGHT_VIEW,
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

slots.impact(queries.impact)
slots.merger("insight.Score", merge_scores)
slots.eraser("insight.Score", slots.delete_rows(Score))
slots.invariant(Text("RFM 各类之和等于客户数", "RFM classes sum to the customers"), promises.classes_sum)
