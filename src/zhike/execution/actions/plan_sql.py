"""The set statements that turn strategies into tasks; a few temporary tables, then one statement per decision."""

from __future__ import annotations

# The measures in force, a handful of rows.
MEASURES = """
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::jsonb[], %s::jsonb[])
  AS d (measure, key, tier, every, due_on, role, title, standard)
"""

# What is called for: one row per customer and measure, skipped ones included.
PLANNED = """
CREATE TEMP TABLE planned ON COMMIT DROP AS
WITH placed (placement, customer, tier, manager) AS ({placed}),
exceptions (customer, measure_key, kind, owner, every, note) AS ({exceptions}),
cycles (every, cycle) AS (SELECT * FROM unnest(%s::text[], %s::text[])),
closest AS (
  SELECT DISTINCT ON (x.customer, d.key, x.kind) x.customer, d.key, x.kind, x.owner, x.every, x.note
  FROM exceptions x JOIN due d ON x.measure_key IN ('', d.key)
  ORDER BY x.customer, d.key, x.kind, x.measure_key DESC),
special AS (
  SELECT customer, key, bool_or(kind = 'skip') AS skip, max(owner) FILTER (WHERE kind = 'owner') AS owner,
         max(every) FILTER (WHERE kind = 'cycle') AS every, max(note) FILTER (WHERE kind = 'note') AS note
  FROM closest GROUP BY customer, key)
SELECT row_number() OVER () AS number, p.customer, d.key, coalesce(x.owner, p.manager) AS assignee, coalesce(x.note, '') AS note,
       coalesce(x.skip, false) AS skip, CASE WHEN c.every = 'once' THEN 'once:' || p.placement ELSE c.cycle END AS cycle
FROM placed p
JOIN due d ON d.tier = p.tier
LEFT JOIN special x ON x.customer = p.customer AND x.key = d.key
JOIN cycles c ON c.every = coalesce(x.every, d.every)
"""

# What stands: the loop's open tasks beside what is called for. Later joins use `number` alone, because the planner
# takes a join on customer and key for far more selective than it is.
LIVE = """
CREATE TEMP TABLE live ON COMMIT DROP AS
SELECT t.id, p.number, p.skip, t.cycle = p.cycle AS same, t.cycle LIKE 'once:%' AS once, t.pinned, t.created_on, t.missed,
       coalesce(t.postponed_to, t.due_on) AS act_on, t.assignee_id AS had, p.assignee, t.note AS noted, p.note
FROM execution_task t LEFT JOIN planned p ON p.customer = t.customer_id AND p.key = t.measure_key
WHERE t.source = 'loop' AND t.state IN ('open', 'postponed')
"""

# What is called for and does not stand: on most days few rows or none.
WANTING = """
CREATE TEMP TABLE wanting ON COMMIT DROP AS
SELECT p.* FROM planned p
WHERE NOT p.skip AND NOT EXISTS (SELECT FROM live l WHERE l.number = p.number AND l.same)
"""

# A task that was not done before its next cycle began makes way for it, and the newer one says so.
PASSED = """
CREATE TEMP TABLE passed ON COMMIT DROP AS
SELECT id, number, missed + 1 AS missed FROM live WHERE NOT skip AND NOT same AND NOT once AND act_on < %(as_of)s
"""

SUPERSEDE = """
UPDATE execution_task t SET state = 'cancelled', closed_on = %(as_of)s, closing = 'next_cycle'
FROM passed WHERE t.id = passed.id
"""

TELL = """
UPDATE execution_task t SET missed = t.missed + c.missed
FROM (SELECT number, sum(missed) AS missed FROM passed GROUP BY number) c
JOIN live l ON l.number = c.number AND l.same
WHERE t.id = l.id
"""

LEAVE = """
UPDATE execution_task t SET state = 'cancelled', closed_on = %(as_of)s,
  closing = CASE WHEN l.skip THEN 'excepted' ELSE 'left_tier' END
FROM live l
WHERE t.id = l.id AND l.created_on <= %(as_of)s AND (l.number IS NULL OR l.skip OR (l.once AND NOT l.same))
"""

REVIVE = """
UPDATE execution_task t
SET state = CASE WHEN postponed_to IS NULL THEN 'open' ELSE 'postponed' END, closed_on = NULL, closing = ''
FROM wanting w
WHERE t.customer_id = w.customer AND t.measure_key = w.key AND t.cycle = w.cycle
  AND t.state = 'cancelled' AND t.closing IN ('left_tier', 'excepted')
"""

REASSIGN = """
UPDATE execution_task t SET assignee_id = CASE WHEN l.pinned THEN l.had ELSE l.assignee END, note = l.note
FROM live l
WHERE t.id = l.id AND l.same AND NOT l.skip
  AND ((NOT l.pinned AND l.had IS DISTINCT FROM l.assignee) OR l.noted IS DISTINCT FROM l.note)
"""

# The order is the same in every worker, so that two at once wait for each other instead of deadlocking.
MAKE = """
INSERT INTO execution_task (key, customer_id, measure_id, measure_key, cycle, tier, title, standard, note, role,
                            assignee_id, pinned, due_on, state, source, missed, closing, reason, created_on, created_at)
SELECT gen_random_uuid(), w.customer, d.measure, w.key, w.cycle, d.tier, d.title, d.standard, w.note, d.role,
       w.assignee, false, d.due_on, 'open', 'loop', coalesce(c.missed, 0), '', '', %(as_of)s, now()
FROM wanting w
JOIN due d USING (key)
LEFT JOIN (SELECT number, sum(missed) AS missed FROM passed GROUP BY number) c USING (number)
ORDER BY w.customer, w.key
ON CONFLICT (customer_id, measure_key, cycle) DO NOTHING
"""

COUNTS = """
SELECT count(*) FILTER (WHERE NOT skip), count(*) FILTER (WHERE NOT skip AND assignee IS NULL) FROM planned
"""

FORGET = "DROP TABLE due, planned, live, wanting, passed"
