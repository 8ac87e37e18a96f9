"""The JVM behind a SparkContext: the one door to py4j, which PySpark brings and nothing of ours does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Jvm:
    """The JVM of one SparkContext, asked in as few calls as py4j can do with."""

    def __init__(self, context: Any) -> None:
        """Reach for the JVM's own SparkContext."""
        self.gateway = context._gateway  # noqa: SLF001 - PySpark has no public door to its JVM
        self.spark_context = context._jsc.sc()  # noqa: SLF001 - PySpark has no public way to its JVM
        self._client = self.gateway._gateway_client  # noqa: SLF001 - a class by its name needs it

    def class_named(self, name: str) -> Any:
        """Return a class by its full name, without asking the JVM about each package on the way."""
        from py4j.java_gateway import JavaClass  # PySpark has loaded it

        return JavaClass(name, self._client)

    def is_a(self, thing: Any, name: str) -> bool:
        """Return whether an object in the JVM is of this class or interface; False where there is no such class."""
        try:
            return bool(self.class_named("py4j.reflection.TypeUtil").isInstanceOf(name, thing))
        except jvm_error():
            return False

    def array(self, of: str, elements: Sequence[Any]) -> Any:
        """Return a Java array of these elements."""
        made = self.gateway.new_array(self.class_named(of), len(elements))
        for at, element in enumerate(elements):
            made[at] = element
        return made


def elements(of: Any) -> Iterator[Any]:
    """Yield what a Scala collection holds."""
    iterator = of.iterator()
    while iterator.hasNext():
        yield iterator.next()


def jvm_error() -> type[Exception]:
    """Return what every refusal of the JVM is."""
    from py4j.protocol import Py4JError  # PySpark has loaded it

    error: type[Exception] = Py4JError
    return error
