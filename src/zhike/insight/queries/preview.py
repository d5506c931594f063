"""Who would change RFM class if another blueprint were in force."""

from __future__ import annotations

from collections import Counter

from zhike.core.blueprints.specs import BlueprintSpec
from zhike.core.text import Text
from zhike.engine import metrics as engine_metrics
from zhike.engine.rfm import v1
from zhike.insight.facts import RFM_CLASSES
from zhike.insight.methods import method_of
from zhike.insight.queries.scores import latest, scores
from zhike.kernel import lake
from zhike.kernel.facts import Impact
from zhike.kernel.models import User

SHOWN = 12


def reclassified(spec: BlueprintSpec, user: User) -> Counter[tuple[str, str]]:
    """The user's customers by class now and class under another blueprint, where the two differ; changes nothing."""
    run = latest()
    if run is None:
        return Counter()
    method = method_of(spec.rfm)
    with lake.session() as session:
        metrics = engine_metrics.compute(session, run.as_of, v1.inputs(method))
        classified = v1.classify(metrics, method, v1.cuts(session, metrics, method))
        found = session.cursor.execute(
            f"SELECT customer_id, rfm_class FROM ({session.sql(classified)})"
        ).fetchall()
    now = dict(scores(user).values_list("pk", "rfm_class"))
    pairs = ((now[customer], then) for customer, then in found if customer in now)
    return Counter((was, then) for was, then in pairs if was != then)


def impact(old: BlueprintSpec | None, new: BlueprintSpec, asker: User) -> list[Impact]:
    """What a blueprint change means for RFM classes, for the page that publishes it."""
    if old is not None and old.rfm == new.rfm:
        return []
    found = reclassified(new, asker)
    detail = tuple(_line(was, then, number) for (was, then), number in found.most_common(SHOWN))
    title = Text("客户将变动 RFM 类别", "customers would change RFM class")
    return [Impact(title=title, count=sum(found.values()), detail=detail)]


def _line(was: str, then: str, number: int) -> Text:
    from_, to = RFM_CLASSES[was].label, RFM_CLASSES[then].label
    return Text(f"{from_.zh} → {to.zh}:{number:,}", f"{from_.en} → {to.en}: {number:,}")
