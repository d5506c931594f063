"""How large a table may be; beyond these a file is refused before it can fill the memory."""

MOST_COLUMNS = 500
MOST_ROWS = 10_000_000
MOST_SHEETS = 100
HEAD_ROWS = 300
CHILD_MEMORY = 3 << 30
CHILD_SECONDS = 900
