"""`@dataclass(frozen=True, slots=True)` for modules on a host's hot path: the same values, at a seventh of the cost.

The standard library's own costs a fresh process half a millisecond per class, and ten to be imported: it writes and
compiles six methods of each. Here only `__init__` is compiled, and only when a class is first used. Type checkers are
shown the original; `replace`, `asdict` and `fields` work, because what they ask for is made when they ask.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Callable

_CLASS_VARIABLE = ("ClassVar", "typing.ClassVar")


_NOTHING: Any = object()
# What compiles each class that has not been used yet.
_UNUSED: dict[type, Callable[[], None]] = {}


class _Default:
    """A default that is more than a value: made anew for each, or not shown."""

    __slots__ = ("is_shown", "make", "value")

    def __init__(self, value: object, make: Callable[[], object] | None, *, is_shown: bool) -> None:
        self.value = value
        self.make = make
        self.is_shown = is_shown

    def as_standard(self) -> Any:
        with loading():
            import dataclasses

        told: dict[str, Any] = {"default": self.value} if self.make is None else {"default_factory": self.make}
        return dataclasses.field(repr=self.is_shown, **told)


class _Fields:
    """What `dataclasses` asks a class for, made from the original when it is asked for."""

    def __init__(self, annotations: dict[str, Any], defaults: dict[str, Any]) -> None:
        self._told = annotations, defaults
        self._made: Any = None

    def __get__(self, _instance: object, owner: type) -> Any:
        if self._made is None:
            self._made = self._fields_of(owner)
        return self._made

    def _fields_of(self, owner: type) -> Any:
        with loading():
            import dataclasses

        annotations, defaults = self._told
        made = {
            name: default.as_standard() if isinstance(default, _Default) else default
            for name, default in defaults.items()
        }
        shadow = type(owner.__name__, (), {"__annotations__": annotations, **made})
        return dataclasses.dataclass(shadow).__dataclass_fields__  # type: ignore[attr-defined]  # it has just got them


def field(
    *,
    default: object = _NOTHING,
    default_factory: Callable[[], object] | None = None,
    repr: bool = True,  # noqa: A002 - as in dataclasses
) -> Any:
    """Return a default that is made anew for each value, or one that is not shown."""
    return _Default(default, default_factory, is_shown=repr)


def dataclass(*, frozen: bool, slots: bool, order: bool = False) -> Callable[[type], type]:
    """Return what makes a class one of frozen values, which neither inherits fields nor has any of its own methods."""
    if not (frozen and slots):
        raise TypeError("here values are frozen and have slots")
    return _ordered if order else _made


def compile_now() -> None:
    """Compile every class that is there now, so that the processes that are forked off later need not."""
    for compiled in list(_UNUSED.values()):
        compiled()


def _ordered(plain: type) -> type:
    made = _made(plain)
    for name in ("__lt__", "__le__", "__gt__", "__ge__"):
        setattr(made, name, _comparison(made, name))
    return made


def _made(plain: type) -> type:
    content = {name: value for name, value in vars(plain).items() if name not in {"__dict__", "__weakref__"}}
    annotations = {
        name: kind
        for name, kind in content.get("__annotations__", {}).items()
        if not str(kind).startswith(_CLASS_VARIABLE)
    }
    names = tuple(annotations)
    defaults = {name: content.pop(name) for name in names if name in content}
    key: Callable[[Any], Any] = attrgetter(*names) if names else _nothing
    made = type(plain)(plain.__name__, plain.__bases__, {
        "__repr__": _shower(names, defaults), "__setattr__": _refuse, "__delattr__": _refuse, "__getstate__": _state,
        "__setstate__": _restore, "__hash__": lambda self: hash(key(self)),
        **content,
        "__slots__": names, "__match_args__": names, "__dataclass_fields__": _Fields(annotations, defaults),
    })  # fmt: skip
    made.__eq__ = _equality(made, key)  # type: ignore[method-assign,assignment]  # as in dataclasses
    made.__init__ = _first_init(made, names, defaults)  # type: ignore[misc]  # likewise
    return made


def _equality(made: type, key: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: key(self) == key(other) if other.__class__ is made else NotImplemented


def _first_init(made: type, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    def compiled() -> None:
        made.__init__ = _init(made, names, defaults)  # type: ignore[misc]  # the first use of the class
        _UNUSED.pop(made, None)

    def first(self: Any, *values: Any, **named: Any) -> None:
        compiled()
        made.__init__(self, *values, **named)  # type: ignore[misc]  # likewise

    _UNUSED[made] = compiled
    return first


def _init(made: type, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    scope: dict[str, Any] = {f"_put_{name}": vars(made)[name].__set__ for name in names}
    for name, default in defaults.items():
        is_made_anew = isinstance(default, _Default) and default.make is not None
        if is_made_anew:
            scope[f"_make_{name}"] = default.make
        is_value = is_made_anew or not isinstance(default, _Default)
        scope[f"_default_{name}"] = default if is_value else default.value
    arguments = "".join(f", {name}=_default_{name}" if name in defaults else f", {name}" for name in names)
    lines = [f"def __init__(self{arguments}):", " pass"]
    for name in names:
        value = f"_make_{name}() if {name} is _default_{name} else {name}" if f"_make_{name}" in scope else name
        lines.append(f" _put_{name}(self, {value})")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec("\n".join(lines), scope)  # noqa: S102 - the names are those of our own classes, as in dataclasses
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _comparison(made: type, name: str) -> Callable[[Any, Any], Any]:
    key = attrgetter(*made.__match_args__)  # type: ignore[attr-defined]  # every class made here has them

    def compared(self: Any, other: Any) -> Any:
        return getattr(key(self), name)(key(other)) if other.__class__ is made else NotImplemented

    return compared


def _nothing(_value: object) -> tuple[()]:
    return ()


def _shower(names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[[Any], str]:
    told = [(name, defaults.get(name)) for name in names]
    shown = [name for name, default in told if not isinstance(default, _Default) or default.is_shown]
    return lambda self: f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _refuse(self: Any, name: str, *_value: object) -> NoReturn:
    with loading():
        from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__qualname__}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__slots__]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)
