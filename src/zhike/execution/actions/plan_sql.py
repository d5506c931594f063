"""The set statements that turn strategies into tasks; one temporary table, then one statement per decision."""

from __future__ import annotations

# Every statement reads `planned`: one row per customer and measure in force, skipped ones included.
PLANNED = """
CREATE TEMP TABLE planned ON COMMIT DROP AS
WITH placed (placement, customer, tier, manager) AS ({placed}),
exceptions (customer, measure_key, kind, owner, every, note) AS ({exceptions}),
measures (measure, key, tier, every, due_on, role, title, standard) AS (
  SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::jsonb[], %s::jsonb[])),
cycles (every, cycle) AS (SELECT * FROM unnest(%s::text[], %s::text[])),
closest AS (
  SELECT DISTINCT ON (x.customer, m.key, x.kind) x.customer, m.key, x.kind, x.owner, x.every, x.note
  FROM exceptions x JOIN measures m ON x.measure_key IN ('', m.key)
  ORDER BY x.customer, m.key, x.kind, x.measure_key DESC),
special AS (
  SELECT customer, key, bool_or(kind = 'skip') AS skip, max(owner) FILTER (WHERE kind = 'owner') AS owner,
         max(every) FILTER (WHERE kind = 'cycle') AS every, max(note) FILTER (WHERE kind = 'note') AS note
  FROM closest GROUP BY customer, key)
SELECT p.customer, m.measure, m.key, m.tier, m.role, m.title, m.standard, m.due_on,
       coalesce(x.owner, p.manager) AS assignee, coalesce(x.note, '') AS note, coalesce(x.skip, false) AS skip,
       CASE WHEN c.every = 'once' THEN 'once:' || p.placement ELSE c.cycle END AS cycle
FROM placed p
JOIN measures m ON m.tier = p.tier
LEFT JOIN special x ON x.customer = p.customer AND x.key = m.key
JOIN cycles c ON c.every = coalesce(x.every, m.every)
"""

# The order is the same in every worker, so that two at once wait for each other instead of deadlocking.
MAKE = """
INSERT INTO execution_task (key, customer_id, measure_id, measure_key, cycle, tier, title, standard, note, role,
                            assignee_id, pinned, due_on, state, source, missed, closing, reason, created_on, created_at)
SELECT gen_random_uuid(), customer, measure, key, cycle, tier, title, standard, note, role,
       assignee, false, due_on, 'open', 'loop', 0, '', '', %(as_of)s, now()
FROM planned WHERE NOT skip ORDER BY customer, key
ON CONFLICT (customer_id, measure_key, cycle) DO NOTHING
"""

REVIVE = """
UPDATE execution_task t
SET state = CASE WHEN postponed_to IS NULL THEN 'open' ELSE 'postponed' END, closed_on = NULL, closing = ''
FROM planned p
WHERE NOT p.skip AND t.customer_id = p.customer AND t.measure_key = p.key AND t.cycle = p.cycle
  AND t.state = 'cancelled' AND t.closing IN ('left_tier', 'excepted')
"""

LEAVE = """
UPDATE execution_task t
SET state = 'cancelled', closed_on = %(as_of)s,
    closing = CASE WHEN EXISTS (SELECT FROM planned p WHERE p.customer = t.customer_id AND p.key = t.measure_key
                                AND p.skip) THEN 'excepted' ELSE 'left_tier' END
WHERE t.source = 'loop' AND t.state IN ('open', 'postponed') AND t.created_on <= %(as_of)s
  AND NOT EXISTS (SELECT FROM planned p WHERE p.customer = t.customer_id AND p.key = t.measure_key AND NOT p.skip
                  AND (t.cycle = p.cycle OR t.cycle NOT LIKE 'once:%%'))
"""

# A task that was not done before its next cycle began makes way for it, and the newer one says so.
SUPERSEDE = """
WITH passed AS (
  UPDATE execution_task t SET state = 'cancelled', closed_on = %(as_of)s, closing = 'next_cycle'
  FROM planned p
  JOIN execution_task n ON n.customer_id = p.customer AND n.measure_key = p.key AND n.cycle = p.cycle
  WHERE NOT p.skip AND t.customer_id = p.customer AND t.measure_key = p.key AND t.cycle <> p.cycle
    AND t.source = 'loop' AND t.state IN ('open', 'postponed')
    AND coalesce(t.postponed_to, t.due_on) < least(%(as_of)s, n.due_on)
  RETURNING n.id AS successor, t.missed),
counted AS (SELECT successor, sum(missed + 1) AS missed FROM passed GROUP BY successor),
told AS (UPDATE execution_task n SET missed = n.missed + c.missed FROM counted c WHERE n.id = c.successor)
SELECT count(*) FROM passed
"""

REASSIGN = """
UPDATE execution_task t SET assignee_id = CASE WHEN t.pinned THEN t.assignee_id ELSE p.assignee END, note = p.note
FROM planned p
WHERE NOT p.skip AND t.customer_id = p.customer AND t.measure_key = p.key AND t.cycle = p.cycle
  AND t.source = 'loop' AND t.state IN ('open', 'postponed')
  AND ((NOT t.pinned AND t.assignee_id IS DISTINCT FROM p.assignee) OR t.note IS DISTINCT FROM p.note)
"""

COUNTS = """
SELECT count(*) FILTER (WHERE NOT skip), count(*) FILTER (WHERE NOT skip AND assignee IS NULL) FROM planned
"""
