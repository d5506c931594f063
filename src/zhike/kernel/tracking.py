"""Migration operation that makes PostgreSQL stamp every change of a table for the lake."""

from django.apps import apps
from django.db import connection, migrations

from zhike.kernel.models import Tracked

FUNCTIONS = """
CREATE OR REPLACE FUNCTION kernel_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.tx := pg_current_xact_id(); RETURN NEW; END $$;
CREATE OR REPLACE FUNCTION kernel_remember_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kernel_deletion (table_name, row_id, tx)
  SELECT TG_TABLE_NAME, gone.id, pg_current_xact_id() FROM gone;
  RETURN NULL;
END $$;
"""


class TrackTransactions(migrations.RunSQL):
    """Stamp `tx` on update (an insert takes the column's default) and remember deletions of `table`."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=f"""
            CREATE INDEX {table}_tx ON {table} (tx);
            CREATE TRIGGER {table}_stamp BEFORE UPDATE ON {table}
              FOR EACH ROW EXECUTE FUNCTION kernel_stamp();
            CREATE TRIGGER {table}_gone AFTER DELETE ON {table}
              REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION kernel_remember_gone();
            """,
            reverse_sql=f"""
            DROP TRIGGER {table}_gone ON {table};
            DROP TRIGGER {table}_stamp ON {table};
            DROP INDEX {table}_tx;
            """,
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        """A migration names only the table."""
        return self.__class__.__qualname__, [self.table], {}


def tracked_tables() -> list[str]:
    """The database tables of all tracked models."""
    return [model._meta.db_table for model in apps.get_models() if issubclass(model, Tracked)]


def restamp() -> None:
    """Stamp every tracked row anew: after a restore the ids of the old cluster mean nothing in the new one."""
    with connection.cursor() as cursor:
        for table in tracked_tables():
            cursor.execute(f"UPDATE {table} SET tx = DEFAULT")
        cursor.execute("DELETE FROM kernel_deletion")
