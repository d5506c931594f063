"""From the words of feedback to opinions: the model is learnt once from shipped and own rated feedback, and kept in the home.

Loads scipy: only `actions.judge` imports it, when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from django.conf import settings

from zhike.engine.opinions import terms, v1, words
from zhike.insight.models import Opinion
from zhike.insight.queries.opinions import JUDGEABLE, WAITING, topics
from zhike.kernel import bulk

METHOD = f"{v1.METHOD}/v{v1.VERSION}"
AT_ONCE = 5_000
OWN_AT_LEAST, OWN_AT_MOST = (
    200,
    20_000,
)  # rated feedback with words from which the company's own is learnt too
OWN_COUNTS = 3.0  # times what a shipped review counts
GROWN = 1.5
TERMS_FROM = 20_000
_OWN = f"""
    SELECT f.content, f.rating >= 4 FROM activity_feedback f
    WHERE {JUDGEABLE} AND (f.rating >= 4 OR f.rating <= 2) ORDER BY f.id DESC LIMIT {OWN_AT_MOST}
"""
_CUSTOMERS_WORDS = f"""
    SELECT f.content, CASE o.sentiment WHEN 'unjudged' THEN f.rating <= 2 ELSE o.sentiment = 'negative' END
    FROM insight_opinion o JOIN activity_feedback f ON f.id = o.feedback_id
    WHERE o.sentiment IN ('negative', 'positive') OR (o.sentiment = 'unjudged' AND (f.rating <= 2 OR f.rating >= 4))
    ORDER BY f.id DESC LIMIT {TERMS_FROM}
"""


def judged() -> tuple[int, dict[str, Any], dict[str, int]]:
    """Judge what waits; answers how many, what the run keeps, and how many there are now of each sentiment."""
    bulk.run(
        "DELETE FROM insight_opinion o WHERE NOT EXISTS (SELECT FROM activity_feedback f WHERE f.id = o.feedback_id)"
    )
    model, renewed = _model()
    if renewed:
        bulk.run("DELETE FROM insight_opinion")
    known = topics()
    number = sum(_judge(model, known, rows) for rows in _waiting())
    worst, best = _terms()
    counts = {key: Opinion.objects.filter(sentiment=key).count() for key in words.SENTIMENTS}
    params = {"texts": model.texts, "own": model.own, "against": worst, "for": best}
    return number, params, counts


def _waiting() -> Iterator[list[tuple[int, str, int]]]:
    """Feedback that waits, some thousand at a time; what was judged waits no longer."""
    while rows := bulk.rows(
        f"SELECT f.id, f.content, hashtext(f.content) {WAITING} ORDER BY f.id LIMIT {AT_ONCE}"
    ):
        yield rows


def _judge(model: v1.Model, known: dict[str, words.Topic], rows: list[tuple[int, str, int]]) -> int:
    said = v1.judge(model, [content for _, content, _ in rows])
    told = [
        (key, sentiment, [] if sentiment == "unjudged" else words.about(content, known), mark)
        for (key, content, mark), sentiment in zip(rows, said, strict=True)
    ]
    columns = {"feedback_id": "bigint", "sentiment": "text", "topics": "text[]", "said": "integer"}
    with bulk.staged(columns, told) as staged:
        bulk.run(
            f"""
            INSERT INTO insight_opinion (feedback_id, sentiment, topics, said)
            SELECT feedback_id, sentiment, topics, said FROM "{staged}"
            ON CONFLICT (feedback_id) DO UPDATE
            SET sentiment = EXCLUDED.sentiment, topics = EXCLUDED.topics, said = EXCLUDED.said
            """
        )
    return len(told)


def _model() -> tuple[v1.Model, bool]:
    """The model kept in the home, or one learnt anew because there is none or much more rated feedback; whether it is new."""
    path = settings.CONFIG.home / "models" / "opinions-v1.npz"
    own = [(text, good) for text, good in bulk.rows(_OWN) if v1.judgeable(text)]
    own = own if len(own) >= OWN_AT_LEAST else []
    if path.is_file():
        kept = v1.Model.load(path)
        if len(own) <= max(OWN_AT_LEAST - 1, kept.own * GROWN):
            return kept, False
    texts, positive = v1.corpus()
    labels = np.concatenate([positive, np.array([good for _, good in own], dtype=bool)])
    weight = np.repeat([1.0, OWN_COUNTS], [len(texts), len(own)])
    model = replace(v1.train([*texts, *(text for text, _ in own)], labels, weight), own=len(own))
    model.save(path)
    return model, True


def _terms() -> tuple[list[str], list[str]]:
    """What is said in bad and in good feedback; only what several pieces of feedback say.

    What is not Chinese is not judged by its words, so its rating says on which side it stands.
    """
    rows = bulk.rows(_CUSTOMERS_WORDS)
    return terms.distinguishing([text for text, _ in rows], np.array([bad for _, bad in rows], dtype=bool))
