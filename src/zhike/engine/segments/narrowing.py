"""A session that sees only some customers and what they did, so that a rule costs little when few are asked about."""

import ibis.expr.types as ir

from zhike.engine.lake import Session


class Narrowed(Session):
    """The same cursor; every table is cut down to the rows of some customers, once, when it is first asked for.

    The cut tables bear the same names each time, so that statements over them are compiled once per process; a second
    narrowing on the same cursor takes the place of the first. With `once`, tables are cut while they are read, which serves what
    reads each table a single time; `among` then names each customer once.
    """

    def __init__(self, session: Session, among: ir.Table, *, once: bool = False) -> None:
        super().__init__(session.cursor, session.catalogue)
        self._whole = session
        self._among = among
        self._once = once
        self._cut: dict[str, ir.Table] = {}

    def table(self, name: str) -> ir.Table:
        """A table of the lake, with the rows of those customers only."""
        if name not in self._cut:
            whole = self._whole.table(name)
            key = "id" if name == "customers" else "customer_id"
            self.cursor.execute(f"CREATE OR REPLACE TEMP {self._cutting(whole, name, key)}")
            self._cut[name] = self.temporary(f"narrowed_{name}")
        return self._cut[name]

    def _cutting(self, whole: ir.Table, name: str, key: str) -> str:
        if self._once:  # a join with ids that occur once is quicker than to ask whether they occur
            only = f"JOIN ({self.sql(self._among)}) AS a ON a.customer_id = w.{key}"
            return f'VIEW "narrowed_{name}" AS SELECT w.* FROM ({self.sql(whole)}) AS w {only}'
        rows = self.sql(whole.semi_join(self._among, whole[key] == self._among.customer_id))
        return f'TABLE "narrowed_{name}" AS {rows}'
