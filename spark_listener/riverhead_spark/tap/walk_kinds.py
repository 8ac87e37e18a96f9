"""What kind of thing an object in the JVM is, asked once for each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverhead_spark.tap.jvm import Jvm

_CATALYST = "org.apache.spark.sql.catalyst"
# The first that fits; what is of no kind that is known to be harmless is not written.
_KINDS = {
    "option": ("scala.Option",),
    "literal": (f"{_CATALYST}.expressions.Literal",),
    "attribute": (f"{_CATALYST}.expressions.Attribute",),
    "subquery": (f"{_CATALYST}.expressions.PlanExpression",),
    "named": (f"{_CATALYST}.expressions.NamedExpression",),
    "cast": (f"{_CATALYST}.expressions.Cast",),
    "field": (f"{_CATALYST}.expressions.GetStructField",),
    "expression": (f"{_CATALYST}.expressions.Expression",),
    "plan": (f"{_CATALYST}.plans.QueryPlan",),
    "catalog table": (f"{_CATALYST}.catalog.CatalogTable",),
    "files": ("org.apache.spark.sql.execution.datasources.HadoopFsRelation",),
    "table": ("org.apache.spark.sql.connector.catalog.Table",),
    "catalog": ("org.apache.spark.sql.connector.catalog.CatalogPlugin",),
    "path": ("org.apache.hadoop.fs.Path",),
    "map": ("scala.collection.Map", "java.util.Map"),
    "elements": ("scala.collection.Iterable",),
    "text": (
        "java.lang.Enum",
        "org.apache.spark.sql.execution.datasources.FileFormat",
        f"{_CATALYST}.plans.JoinType",
        f"{_CATALYST}.TableIdentifier",
        f"{_CATALYST}.AliasIdentifier",
        "org.apache.spark.sql.connector.catalog.Identifier",
    ),
}


EXPRESSIONS = frozenset({"literal", "attribute", "subquery", "named", "cast", "field", "expression"})


class Kinds:
    """The kinds of the classes that were met so far."""

    def __init__(self, jvm: Jvm) -> None:
        """Ask this JVM."""
        self._jvm = jvm
        self._known: dict[str, str] = {}

    def of(self, thing: Any) -> str:
        """Return the kind of an object in the JVM, empty where it is of none."""
        name = name_of(thing)
        if name not in self._known:
            self._known[name] = next((kind for kind, classes in _KINDS.items() if self._is_one(thing, classes)), "")
        return self._known[name]

    def is_implicit(self, cast: Any) -> bool:
        """Return whether a cast is the analyser's own, which changes no value that anybody asked to change."""
        asked_for = self._jvm.class_named(*_KINDS["cast"]).USER_SPECIFIED_CAST()
        return bool(cast.getTagValue(asked_for).isEmpty())

    def _is_one(self, thing: Any, classes: tuple[str, ...]) -> bool:
        return any(self._jvm.is_a(thing, name) for name in classes)


def name_of(thing: Any) -> str:
    """Return the full name of the class of an object in the JVM."""
    return str(thing.getClass().getName())


def short_name_of(thing: Any) -> str:
    """Return the name of the class of an object in the JVM, as the tap writes it."""
    return name_of(thing).rpartition(".")[2].removesuffix("$")
