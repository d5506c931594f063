"""What the customers stage adds to the whole: navigation, search, its lake table, mergers, erasers, promises."""

from django.utils.translation import gettext_lazy as _

from zhike.core.text import Text
from zhike.customers import birthdays, doctor, impact, jobs, moving, panels, searching
from zhike.customers.models import ContactPoint, CustomerVersion, Identity, Objection
from zhike.engine.lake import SHAPES, LakeTable
from zhike.kernel import lake, resealing, slots
from zhike.kernel.rights import Right

__all__ = ["jobs"]

slots.nav(
    slots.Nav(
        key="customers",
        label=_("Customers"),
        icon="users",
        url="customers:list",
        right=Right.CUSTOMERS_VIEW,
        order=20,
    )
)
slots.command(
    slots.Command(
        key="customers.new",
        label=_("New customer"),
        icon="user-plus",
        url="customers:new",
        right=Right.CUSTOMERS_EDIT,
    )
)
slots.search(
    slots.Search(
        key="customers", label=_("Customers"), right=Right.CUSTOMERS_VIEW, order=10, find=searching.find
    )
)
slots.panel(
    slots.Panel(
        place="customer.tabs",
        key="changes",
        label=_("Changes and sources"),
        right=Right.CUSTOMERS_VIEW,
        order=90,
        render=panels.changes,
    )
)
slots.panel(
    slots.Panel(
        place="desk.home",
        key="birthdays",
        label=_("Birthdays in 7 days"),
        right=Right.NAMES_VIEW,
        order=30,
        render=birthdays.card,
    )
)
slots.customer_filter(
    slots.CustomerFilter(
        key="birthday",
        label=_("Birthday"),
        order=90,
        choices=birthdays.choices,
        apply=birthdays.in_days,
        words=birthdays.in_words,
    )
)
slots.impact(impact.touched)

HERE = "AT TIME ZONE 'Asia/Shanghai'"
# A relation begins on the day the customer joined, where the blueprint asks for it, at the latest when the record was
# made: whoever is on record today stands in today's figures, whatever day was typed.
JOINED = r"values->>'joined_on' ~ '^\d{4}-\d\d-\d\d'"
lake.table(
    LakeTable(
        name="customers",
        columns=SHAPES["customers"],
        select=f"""SELECT id, kind, code, manager_id, department_id, values AS fields, tx,
                          least(CASE WHEN {JOINED} THEN left(values->>'joined_on', 10)::date END,
                                (created_at {HERE})::date) AS created_on
                   FROM customers_customer""",
    )
)
resealing.register(resealing.SealedColumn("customers_customer", "sealed", is_map=True))
resealing.register(resealing.SealedColumn("customers_contactpoint", "sealed"))

slots.merger("customers.Identity", moving.move_identities)
slots.merger("customers.ContactPoint", moving.move_contact_points)
slots.merger("customers.CustomerVersion", moving.move_versions)
slots.merger("customers.Objection", moving.move_objections)
slots.eraser("customers.Identity", slots.delete_rows(Identity))
slots.eraser("customers.ContactPoint", slots.delete_rows(ContactPoint))
slots.eraser("customers.CustomerVersion", slots.delete_rows(CustomerVersion))
slots.eraser("customers.Objection", slots.delete_rows(Objection))
slots.invariant(
    Text("身份标识与联系方式都有客户", "Identities and contact points have their customer"), doctor.no_strays
)
slots.invariant(
    Text("每种联系方式只有一个首选值", "One preferred value per contact field"), doctor.one_primary_contact
)
