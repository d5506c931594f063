"""Which products may be recommended."""

from django.db import transaction

from zhike.activity.models import Product
from zhike.kernel import audit
from zhike.kernel.models import User


@transaction.atomic
def withhold(*, product: Product, why: str, by: User | None) -> None:
    """Keep a product out of recommendations for a reason (one of Product.Withheld); an empty one lets it in again."""
    if product.withheld == why:
        return
    before, product.withheld = product.withheld, Product.Withheld(why).value if why else ""
    product.save(update_fields=["withheld"])
    audit.record("activity.withheld", product, by=by, changes={"from": before, "to": product.withheld})
