"""A session that sees only some customers and what they did, so that a rule costs little when few are asked about."""

import ibis.expr.types as ir

from zhike.engine.lake import Session


class Narrowed(Session):
    """The same cursor; every table is cut down to the rows of some customers, once, when it is first asked for.

    The cut tables bear the same names each time, so that statements over them are compiled once per process; a second
    narrowing on the same cursor takes the place of the first.
    """

    def __init__(self, session: Session, among: ir.Table) -> None:
        super().__init__(session.cursor, session.catalogue)
        self._whole = session
        self._among = among
        self._cut: dict[str, ir.Table] = {}

    def table(self, name: str) -> ir.Table:
        """A table of the lake, with the rows of those customers only."""
        if name not in self._cut:
            whole = self._whole.table(name)
            key = "id" if name == "customers" else "customer_id"
            rows = self._whole.sql(whole.semi_join(self._among, whole[key] == self._among.customer_id))
            self.cursor.execute(f'CREATE OR REPLACE TEMP TABLE "narrowed_{name}" AS {rows}')
            self._cut[name] = self._known("temp", f"narrowed_{name}")
        return self._cut[name]
