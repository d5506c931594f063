"""Ibis expressions in Spark's SQL, with what our expressions need and Ibis leaves out for Spark."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType

Sql = sge.Expression


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis' own compiler for Spark; the first of an order and the JSON functions of DuckDB are said in Spark's words."""

    __slots__ = ()

    def visit_First(
        self, op: ops.First, *, arg: Sql, where: Sql | None, order_by: Any, include_null: bool
    ) -> Sql:
        """The value at the lowest place; places are compared as DuckDB does, unknown ones last."""
        if not order_by:
            found: Sql = super().visit_First(
                op, arg=arg, where=where, order_by=order_by, include_null=include_null
            )
            return found
        return self._at_end("min_by", arg, where, order_by)

    def visit_Last(
        self, op: ops.Last, *, arg: Sql, where: Sql | None, order_by: Any, include_null: bool
    ) -> Sql:
        """The value at the highest place."""
        if not order_by:
            found: Sql = super().visit_Last(
                op, arg=arg, where=where, order_by=order_by, include_null=include_null
            )
            return found
        return self._at_end("max_by", arg, where, order_by)

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **given: Sql) -> Sql:
        """A function that DuckDB has built in."""
        name = self.__sql_name__(op)
        spoken = _SPOKEN.get(name)
        return spoken(self.f, *given.values()) if spoken else self.f[name](*given.values())

    def _at_end(self, function: str, arg: Sql, where: Sql | None, order_by: Sequence[sge.Ordered]) -> Sql:
        if any(one.args.get("desc") for one in order_by):
            raise NotImplementedError("the first of a falling order: ask for the last of the rising one")
        places = [part for one in order_by for part in (one.this.is_(sge.Null()), one.this)]
        known = arg.is_(sge.Null()).not_()
        kept = known if where is None else sge.and_(where, known)
        found: Sql = self.agg[function](arg, self.f.struct(*places), where=kept)
        return found


def _key(path: Sql) -> str:
    """`$."key"` as DuckDB reads it, `$.key` as Spark does; keys of fields are plain words."""
    return str(path.this).replace('"', "")


def _extract_string(f: Any, document: Sql, path: Sql) -> Sql:
    found: Sql = f.get_json_object(document, sge.Literal.string(_key(path)))
    return found


def _extract(f: Any, document: Sql, path: Sql) -> Sql:
    found: Sql = f.try_variant_get(
        f.try_parse_json(document), sge.Literal.string(_key(path)), sge.Literal.string("variant")
    )
    return found


def _type(f: Any, held: Sql) -> Sql:
    listed = f.schema_of_variant(held).like(sge.Literal.string("ARRAY%"))
    return sge.If(this=listed, true=sge.Literal.string("ARRAY"), false=sge.Literal.string("VALUE"))


def _contains(f: Any, held: Sql, needle: Sql) -> Sql:
    wanted = sge.Literal.string(json.loads(str(needle.this)))
    found: Sql = f.array_contains(
        f.try_variant_get(held, sge.Literal.string("$"), sge.Literal.string("array<string>")), wanted
    )
    return found


_SPOKEN: dict[str, Callable[..., Sql]] = {
    "json_extract_string": _extract_string,
    "json_extract": _extract,
    "json_type": _type,
    "json_contains": _contains,
}


def compiled(table: ir.Table) -> str:
    """An expression as a statement of Spark."""
    compiler = Compiler()
    statement: str = compiler.to_sqlglot(table).sql(dialect=compiler.dialect)
    return statement


def spark_type(kind: Any) -> str:
    """Spark's name of an Ibis type; moments have no zone, JSON is text."""
    if kind.is_json():
        return "STRING"
    if kind.is_timestamp() and kind.timezone is None:
        return "TIMESTAMP_NTZ"
    name: str = PySparkType.to_string(kind)
    return name
