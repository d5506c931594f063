"""What the tiers stage adds to the whole."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.insight import queries as insight
from zhike.kernel import lake, slots
from zhike.kernel.rights import Right
from zhike.tiers import lake as tables
from zhike.tiers import links, lists, panels, promises, queries
from zhike.tiers.actions.merging import merge_memberships, merge_picks, merge_placements, merge_taggings
from zhike.tiers.models import HandPick, Membership, Placement, Tagging

slots.nav(
    slots.Nav(
        key="tiers",
        label=_("Tiers and segments"),
        icon="stack-2",
        url="tiers:board",
        right=Right.TIERS_VIEW,
        order=40,
    )
)
slots.command(
    slots.Command(
        key="tiers.moves",
        label=_("Moves between tiers"),
        icon="arrows-exchange",
        url="tiers:moves",
        right=Right.TIERS_VIEW,
    )
)
slots.command(
    slots.Command(key="tiers.tags", label=_("Tags"), icon="tags", url="tiers:tags", right=Right.TIERS_VIEW)
)

slots.panel(
    slots.Panel(
        place="customer.header",
        key="tier",
        label=_("Tier"),
        right=Right.TIERS_VIEW,
        order=10,
        render=panels.header,
    )
)
slots.panel(
    slots.Panel(
        place="customer.worth",
        key="tier",
        label=_("Tier"),
        right=Right.TIERS_VIEW,
        order=10,
        render=panels.worth,
    )
)
slots.panel(
    slots.Panel(
        place="customer.left",
        key="tags",
        label=_("Tags"),
        right=Right.TIERS_VIEW,
        order=80,
        render=panels.tags,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="risk",
        label=_("Customers in a tier at risk"),
        right=Right.TIERS_VIEW,
        order=20,
        render=panels.at_risk,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="moves",
        label=_("Moves between tiers"),
        right=Right.TIERS_VIEW,
        order=40,
        render=panels.latest_moves,
    )
)
slots.timeline(panels.moments)

slots.column(
    slots.Column(
        key="tier",
        label=_("Tier"),
        order=10,
        values=lists.tiers_of,
        annotate=lists.with_tier_order,
        sort_by="tier_order",
        show=lists.badge,
    )
)
slots.column(slots.Column(key="tags", label=_("Tags"), order=60, values=lists.tags_of, show=lists.joined))
slots.customer_filter(
    slots.CustomerFilter(
        key="tier",
        label=_("Tier"),
        order=10,
        choices=lists.tier_choices,
        apply=lists.in_tier,
        words=lists.tier_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="tag",
        label=_("Tag"),
        order=30,
        choices=lists.tag_choices,
        apply=lists.with_tag,
        words=lists.tag_in_words,
    )
)
slots.column(
    slots.Column(key="segments", label=_("Segments"), order=65, values=lists.segments_of, show=lists.named)
)
slots.customer_filter(
    slots.CustomerFilter(
        key="segment",
        label=_("Segment"),
        order=20,
        choices=lists.segment_choices,
        apply=lists.in_segment,
        words=lists.segment_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="moved",
        label=_("Moved between tiers"),
        order=90,
        choices=lists.no_choices,
        apply=queries.moved,
        words=lists.move_in_words,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="would",
        label=_("Would move"),
        order=91,
        choices=lists.no_choices,
        apply=queries.would_move,
        words=lists.would_move_in_words,
    )
)
slots.bulk_action(
    slots.BulkAction(
        key="tag", label=_("Tag"), icon="tag", url="tiers:give", right=Right.CUSTOMERS_EDIT, order=30
    )
)
slots.bulk_action(
    slots.BulkAction(
        key="segment",
        label=_("Put into a segment"),
        icon="users-plus",
        url="tiers:join",
        right=Right.SEGMENTS_EDIT,
        order=35,
    )
)
slots.rule_action(
    slots.RuleAction(
        key="segment",
        label=_("Make a segment"),
        icon="users-group",
        right=Right.SEGMENTS_EDIT,
        order=10,
        url=links.segment_of,
    )
)
slots.command(
    slots.Command(
        key="tiers.segments",
        label=_("Segments"),
        icon="users-group",
        url="tiers:segments",
        right=Right.TIERS_VIEW,
    )
)

insight.tell_reasons(queries.reasons_on)
slots.merger("tiers.Placement", merge_placements)
slots.merger("tiers.Tagging", merge_taggings)
slots.merger("tiers.Membership", merge_memberships)
slots.merger("tiers.HandPick", merge_picks)
slots.eraser("tiers.Membership", slots.delete_rows(Membership))
slots.eraser("tiers.HandPick", slots.delete_rows(HandPick))
slots.eraser("tiers.Placement", slots.delete_rows(Placement))
slots.eraser("tiers.Tagging", slots.delete_rows(Tagging))
slots.impact(queries.impact)
slots.invariant(Text("每位客户只在一个层级", "One open placement each"), promises.one_open_placement)
slots.invariant(Text("各层级之和等于客户数", "Tiers sum to the customers"), promises.tiers_sum)

lake.table(tables.PLACEMENTS)
lake.table(tables.TAGGINGS)
lake.table(tables.MEMBERSHIPS)
