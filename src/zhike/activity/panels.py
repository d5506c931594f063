"""What activity adds to the 360 page: how much the customer spends, orders, feedback, and the button to note something."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from zhike.activity import queries, words
from zhike.activity.models import Feedback
from zhike.activity.rows import order_rows
from zhike.core import charts
from zhike.core.charts import Chart, Item
from zhike.core.text import Text
from zhike.kernel import clock, slots
from zhike.kernel.models import User
from zhike.kernel.pages import may
from zhike.kernel.rights import Right

if TYPE_CHECKING:
    from zhike.customers.models import Customer

IN_TAB = 100
MONTHS = 12


def purchases(request: HttpRequest, customer: "Customer") -> str:
    """The card "how much": spend to the cent, the value to come (until it is told, the last twelve months), R, F and M."""
    total = queries.purchase_totals([customer.pk])[customer.pk]
    today = clock.today()
    spent = queries.spend_by_month(customer.pk, _months(today))
    worth = slots.panels("customer.value", _user(request))
    context = {
        "customer": customer,
        "total": total,
        "year": sum(spent, Decimal(0)),
        "days": (today - total.last_on).days if total.last_on else None,
        "recent": queries.order_count(customer.pk, since=clock.days_ago(179)),
        "value": next(filter(None, (one.render(request, customer) for one in worth)), ""),
        "average": total.spend / total.orders if total.orders else None,
        "below": [
            panel.render(request, customer) for panel in slots.panels("customer.worth", _user(request))
        ],
    }
    return render_to_string("activity/purchases_card.html", context, request)


def months(request: HttpRequest, customer: "Customer") -> str:
    """The bars above the timeline: what was spent in each of the last twelve months."""
    names = _months(clock.today())
    spent = queries.spend_by_month(customer.pk, names)
    if not any(spent):
        return ""
    return render_to_string("activity/months.html", {"chart": _bars(names, spent)}, request)


def _bars(names: list[str], spent: list[Decimal]) -> Chart:
    items = [Item(label=_month(name), value=amount) for name, amount in zip(names, spent, strict=True)]
    chart = charts.bar(items, columns=(Text("月份", "Month"), Text("消费", "Spend")), unit="money_short")
    # Low and close to the timeline, as a rhythm rather than a report.
    chart.options["series"][0]["label"] = {"show": False}
    chart.options["yAxis"]["splitNumber"] = 2
    return chart


def _months(today: date) -> list[str]:
    last = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(last - MONTHS + 1, last + 1)]


def _month(name: str) -> Text:
    day = date.fromisoformat(f"{name}-01")
    return Text(f"{day.month}月", f"{day:%b}")


def orders_tab(request: HttpRequest, customer: "Customer") -> str:
    """The tab "orders": each order with its lines, and returns."""
    user = _user(request)
    newest = queries.orders(user).filter(customer=customer).order_by("-placed_at", "-pk")
    found = list(newest[: IN_TAB + 1])
    shown = found[:IN_TAB]
    context = {
        "customer": customer,
        "rows": order_rows(shown),
        "more": len(found) > IN_TAB,
        "loose": queries.returns_of(customer.pk, without_order=True),
    }
    return render_to_string("activity/orders_tab.html", context, request)


def feedback_tab(request: HttpRequest, customer: "Customer") -> str:
    """The tab "feedback": what the customer thought."""
    user = _user(request)
    found = list(queries.feedback(user).filter(customer=customer).order_by("-at", "-pk")[:IN_TAB])
    marks = slots.marks_of([one.pk for one in found])
    context = {
        "customer": customer,
        "rows": [(one, queries.words_for(user, one.content), marks.get(one.pk, [])) for one in found],
        "may_record": may(user, Right.ACTIVITY_RECORD),
    }
    return render_to_string("activity/feedback_tab.html", context, request)


def order_number(customer: "Customer") -> int:
    """How many orders the tab holds."""
    return queries.order_count(customer.pk)


def feedback_number(customer: "Customer") -> int:
    """How many pieces of feedback the tab holds."""
    return Feedback.objects.filter(customer=customer).count()


def buttons(request: HttpRequest, customer: "Customer") -> str:
    """The button "record interaction" with its dialog: one click opens it, a second on the channel records."""
    action = reverse("activity:record_interaction", args=[customer.key])
    context = {"customer": customer, "action": action, "ways": words.WAYS, "purposes": words.PURPOSES}
    return render_to_string("activity/record.html", context, request)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
