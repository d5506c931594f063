"""Two lakes for tests, a quick one in memory for computing and a real one on PostgreSQL for syncing; and one Spark."""

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from zhike.engine.lake import SHAPES, Lake, LakeTable, Session
from zhike.engine.spark import Cluster

Fill = Callable[..., None]


@pytest.fixture
def session() -> Iterator[Session]:
    """A session whose lake is a DuckDB in memory: the computations cannot tell the difference."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("ATTACH ':memory:' AS lake")
    yield Session(connection)
    connection.close()


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Spark on two cores, started once for all that ask it."""
    made = Cluster("local[2]", scratch=tmp_path_factory.mktemp("spark"))
    yield made
    made.close()


def fill(session: Session, name: str, rows: list[dict[str, Any]]) -> None:
    """Replace a lake table with these rows; columns not named are null."""
    shape = SHAPES[name]
    columns = ", ".join(f'"{column}" {kind}' for column, kind in shape.items())
    session.cursor.execute(f'CREATE OR REPLACE TABLE lake.main."{name}" ({columns})')
    if rows:
        places = ", ".join(["(" + ", ".join("?" for _ in shape) + ")"] * len(rows))
        values = [row.get(column) for row in rows for column in shape]
        session.cursor.execute(f'INSERT INTO lake.main."{name}" VALUES {places}', values)


TABLES = """
CREATE TABLE kernel_deletion (table_name text, row_id bigint, tx xid8);
CREATE TABLE shop_customer (id bigint PRIMARY KEY, code text, tx xid8 DEFAULT pg_current_xact_id());
CREATE TABLE shop_order (id bigserial PRIMARY KEY, customer_id bigint, placed_at timestamp, amount numeric(14,2),
  tx xid8 DEFAULT pg_current_xact_id());
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.tx := pg_current_xact_id(); RETURN NEW; END $$;
CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO kernel_deletion VALUES (TG_TABLE_NAME, OLD.id, pg_current_xact_id()); RETURN OLD; END $$;
CREATE TRIGGER s BEFORE UPDATE ON shop_order FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER d AFTER DELETE ON shop_order FOR EACH ROW EXECUTE FUNCTION remember();
CREATE TRIGGER s BEFORE UPDATE ON shop_customer FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER d AFTER DELETE ON shop_customer FOR EACH ROW EXECUTE FUNCTION remember();
"""

CUSTOMERS = LakeTable(
    name="customers",
    columns=SHAPES["customers"],
    select="SELECT id, 'person' AS kind, code, NULL AS manager_id, NULL AS department_id, "
    "DATE '2017-01-01' AS created_on, '{}'::jsonb AS fields, tx FROM shop_customer",
)
ORDERS = LakeTable(
    name="orders",
    columns=SHAPES["orders"],
    select="SELECT id, customer_id, placed_at, placed_at::date AS placed_on, amount, 0 AS discount, "
    "'shop' AS channel, '' AS store, 'cash' AS payment, tx FROM shop_order",
)


@dataclass(frozen=True)
class Shop:
    """A PostgreSQL database with customers and orders, and a lake beside it."""

    dsn: str
    lake: Lake

    def connect(self) -> psycopg.Connection[Any]:
        """Another connection, committing each statement."""
        return psycopg.connect(self.dsn, autocommit=True)

    def run(self, statement: str, *values: object) -> None:
        """Run one statement and commit it."""
        with self.connect() as connection:
            connection.execute(statement, values or None)

    def order(self, customer: int, amount: str = "10.00") -> None:
        """One more order."""
        self.run(
            "INSERT INTO shop_order (customer_id, placed_at, amount) VALUES (%s, '2017-03-01', %s)",
            customer,
            amount,
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A fresh database and lake."""
    server = os.environ["DATABASE_URL"]
    name = f"engine_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    dsn = make_conninfo(server, dbname=name)
    with psycopg.connect(dsn) as connection:
        connection.execute(TABLES)
    made = Shop(dsn, Lake(dsn, tmp_path / "lake", memory_limit="500MB", threads=2))
    yield made
    made.lake.close()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
