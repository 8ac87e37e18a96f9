"""A function as a job: each call is a run, of plain functions, coroutines and generators of both kinds."""

from __future__ import annotations

import contextlib
import functools
from types import CodeType, CoroutineType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from riverhead_emitter.guard import FailureLog, guard
from riverhead_emitter.host_log import warn
from riverhead_emitter.lineage.calls import about_unknown
from riverhead_emitter.lineage.places import line_of_caller, place_of
from riverhead_emitter.lineage.traced import TracedRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from riverhead_emitter.emitter import Outbox

_KEYWORDS = ("namespace", "outbox")

Function = TypeVar("Function", bound="Callable[..., Any]")
# Of a coroutine, also one that is written as a generator.
_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80 | 0x100, 0x200  # `inspect` has these flags, and costs an import


@overload
def job(function: Function, /) -> Function: ...


@overload
def job(
    name: str | None = None, /, *, namespace: str | None = None, outbox: Outbox | None = None
) -> Callable[[Function], Function]: ...


def job(
    name: Any = None, /, *more: object, namespace: str | None = None, outbox: Outbox | None = None, **unknown: Any
) -> Any:
    """Make every call of a function a run of a job, by default named like the function.

    A generator's run lasts until it is exhausted or closed. `current()` is the run within the function.
    """
    for misspelt in unknown:
        warn(__name__, "lineage: lineage.job: %s (%s)", about_unknown(misspelt, _KEYWORDS), line_of_caller())
    if more:
        warn(__name__, "lineage: lineage.job: it is given more than it takes (%s)", line_of_caller())
    if name is None or isinstance(name, str):
        return lambda function: _job_or_itself(function, name, namespace, outbox)
    return _job_or_itself(name, None, namespace, outbox)


def _job_or_itself(function: Any, name: str | None, namespace: str | None, outbox: Outbox | None) -> Any:
    """Return the job of a function; of what may do anything when it is looked at, the thing itself."""
    with guard("lineage.job", FailureLog()):
        return _as_job(function, name, namespace, outbox)
    return function


def _as_job(function: Any, name: str | None, namespace: str | None, outbox: Outbox | None) -> Any:
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(_as_job(function.__func__, name, namespace, outbox))
    if not callable(function) or isinstance(function, type):
        warn(__name__, "lineage: %s is no function, and does not become a job", type(function).__name__)
        return function
    whole = _without_arguments(function)
    code = _code_of(whole)
    title = name or str(getattr(whole, "__qualname__", type(whole).__name__)).replace("<locals>.", "")
    place = place_of(code)
    facets = {} if place is None else {"sourceCodeLocation": place}

    def begun() -> TracedRun:
        return TracedRun(title, namespace=namespace, outbox=outbox, job_facets=facets)

    flags = 0 if code is None else code.co_flags
    for flag, wrapped in ((_COROUTINE, _coroutine), (_ASYNC_GENERATOR, _async_generator), (_GENERATOR, _generator)):
        if flags & flag:
            return wrapped(function, begun)
    return _plain(function, begun)


def _without_arguments(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _code_of(function: Any) -> CodeType | None:
    """Return the code that runs when this is called: a function's own, or that of an object's `__call__`."""
    called = function if hasattr(function, "__code__") else getattr(type(function), "__call__", None)  # noqa: B004 - its code is wanted, not whether it can be called
    code = getattr(called, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _plain(function: Callable[..., Any], begun: Callable[[], TracedRun]) -> Callable[..., Any]:
    @functools.wraps(function)
    def traced(*args: Any, **kwargs: Any) -> Any:
        run = begun()
        run.begin()
        with _ended_by_an_error(run):
            result = function(*args, **kwargs)
        if isinstance(result, CoroutineType):
            return _awaited(result, run)  # the function hides another that has only begun
        run.end()
        return result

    return traced


async def _awaited(begun: CoroutineType[Any, Any, Any], run: TracedRun) -> Any:
    with _ended_by_an_error(run):
        result = await begun
    run.end()
    return result


@contextlib.contextmanager
def _ended_by_an_error(run: TracedRun) -> Iterator[None]:
    try:
        with run.active():
            yield
    except BaseException as error:
        run.end(error)
        raise


def _coroutine(function: Callable[..., Any], begun: Callable[[], TracedRun]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def traced(*args: Any, **kwargs: Any) -> Any:
        with begun():
            return await function(*args, **kwargs)

    return traced


def _generator(function: Callable[..., Any], begun: Callable[[], TracedRun]) -> Callable[..., Any]:
    @functools.wraps(function)
    def traced(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        return (yield from _stepped(function(*args, **kwargs), begun()))

    return traced


def _stepped(inner: Any, run: TracedRun) -> Generator[Any, Any, Any]:
    """Drive a generator; between its steps the run is not the caller's."""
    run.begin()
    step, given = inner.send, None
    try:
        while True:
            with run.active():
                item = step(given)
            try:
                given = yield item
                step = inner.send
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:  # noqa: BLE001 - whatever is thrown in goes on to the generator
                step, given = inner.throw, error
    except StopIteration as stop:
        run.end()
        return stop.value
    except BaseException as error:
        run.end(error)
        raise


def _async_generator(function: Callable[..., Any], begun: Callable[[], TracedRun]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def traced(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        inner, run = function(*args, **kwargs), begun()
        run.begin()
        step, given = inner.asend, None
        try:
            while True:
                with run.active():
                    item = await step(given)
                try:
                    given = yield item
                    step = inner.asend
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - whatever is thrown in goes on to the generator
                    step, given = inner.athrow, error
        except StopAsyncIteration:
            run.end()
        except BaseException as error:
            run.end(error)
            raise

    return traced
