"""Promises about customers that `zhike doctor` checks."""

from zhike.core.text import Text
from zhike.kernel import bulk
from zhike.kernel.facts import Finding

STRAYS = (
    ("customers.Identity", "SELECT count(*) FROM customers_identity i WHERE NOT EXISTS "
     "(SELECT FROM customers_customer c WHERE c.id = i.customer_id)"),
    ("customers.ContactPoint", "SELECT count(*) FROM customers_contactpoint i WHERE NOT EXISTS "
     "(SELECT FROM customers_customer c WHERE c.id = i.customer_id)"),
)  # fmt: skip
PRIMARIES = """
    SELECT count(*) FROM (
        SELECT customer_id, field FROM customers_contactpoint WHERE "primary" GROUP BY 1, 2 HAVING count(*) > 1
    ) twice
"""


def no_strays() -> list[Finding]:
    """Every identity and every contact point has its customer."""
    found = [(place, bulk.rows(query)[0][0]) for place, query in STRAYS]
    return [
        Finding(
            place=place,
            what=Text(f"{count} 行没有对应的客户。", f"{count} rows have no customer."),
            remedy=Text("请从备份恢复,或删除这些行。", "Restore from a backup, or delete these rows."),
        )
        for place, count in found
        if count
    ]


def one_primary_contact() -> list[Finding]:
    """Of several values of one contact field exactly one is the one to use."""
    count = bulk.rows(PRIMARIES)[0][0]
    if not count:
        return []
    return [
        Finding(
            place="customers.ContactPoint",
            what=Text(
                f"{count} 位客户的同一字段有多个首选联系方式。",
                f"{count} customers have several preferred values of one field.",
            ),
            remedy=Text(
                "请打开这些客户,重新保存联系方式。",
                "Open these customers and save the contact details again.",
            ),
        )
    ]
