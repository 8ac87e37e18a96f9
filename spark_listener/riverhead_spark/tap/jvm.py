"""The JVM behind a SparkContext: the one door to py4j, which PySpark brings and nothing of ours does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    def array(self, of: str, elements: Sequence[Any]) -> Any:
        """Return a Java array of these elements."""
        made = self.gateway.new_array(self.class_named(of), len(elements))
        for at, element in enumerate(elements):
            made[at] = element
        return made


def jvm_error() -> type[Exception]:
    """Return what every refusal of the JVM is."""
    from py4j.protocol import Py4JError  # PySpark has loaded it

    error: type[Exception] = Py4JError
    return error
