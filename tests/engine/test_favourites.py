"""What customers do most equals plain Python, also where two things are done equally often."""

from hypothesis import HealthCheck, given, settings

from tests.engine.oracle import World, preferred
from tests.engine.worlds import AS_OF, pour, worlds
from zhike.engine import favourites
from zhike.engine.lake import Session

quickly = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def test_what_stands_first_is_that_of_plain_python(session: Session) -> None:
    @quickly
    @given(world=worlds())
    def agree(world: World) -> None:
        pour(session, world)
        for kind, table in favourites.TABLES.items():
            found = session.rows(favourites.most(session, kind, AS_OF))
            rows = world.orders if table == "orders" else world.order_lines
            asked = preferred(rows, kind, AS_OF, by_amount=kind == favourites.CATEGORY)
            assert {row["customer_id"]: row["key"] for row in found} == asked

    agree()
