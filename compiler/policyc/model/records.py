"""`dataclass`, as the standard library has it, made in a fifth of the time, and its objects in a third.

The library's writes and compiles the source of up to eight methods for each class: with a hundred classes, a third of what
`policyc validate` takes for a small policy. Here only `__init__` is written, as its parameters have names; all else is the
same functions for every class. To a frozen object's slots `__init__` goes by their own setters. For the type checker it is
the library's; so it is for `fields`, `replace` and `astuple`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

T = TypeVar("T")


def _dataclass(*, frozen: bool = False, slots: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """The decorator. Raises TypeError for what it doesn't know: it takes slots, and fields that `__init__` has."""
    if not slots:
        raise TypeError("a dataclass without slots is the standard library's")

    def decorate(cls: type[T]) -> type[T]:
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
        _add_methods(made, frozen=frozen, eq=eq)
        return made

    return decorate


def _add_methods(cls: type[Any], *, frozen: bool, eq: bool) -> None:
    own = dict(vars(cls))
    all_fields: dict[str, Field[Any]] = cls.__dataclass_fields__
    fields = dataclasses.fields(cls)
    if any(field.kw_only or not field.init for field in fields) or any(
        "InitVar" in str(one.type) for one in all_fields.values()
    ):
        raise TypeError(f"{cls.__qualname__} has a field that only the standard library's dataclass knows")
    cls.__init__ = _init(cls, fields)
    methods = _methods(fields, eq=eq)
    if frozen:
        methods |= {"__setattr__": _no_set, "__delattr__": _no_delete, **_pickling(fields)}
        if eq and own.get("__hash__") is None:
            cls.__hash__ = _hash(fields)  # type: ignore[assignment]
    elif eq and "__hash__" not in own:
        cls.__hash__ = None  # type: ignore[assignment]
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)


def _init(cls: type[Any], fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    known: dict[str, Any] = {"_absent": MISSING}
    parameters, body = ["self"], []
    for number, field in enumerate(fields):
        known[f"_set{number}"] = getattr(cls, field.name).__set__
        value = field.name
        if field.default is not MISSING:
            known[f"_default{number}"] = field.default
            parameters.append(f"{field.name}=_default{number}")
        elif field.default_factory is not MISSING:
            known[f"_make{number}"] = field.default_factory
            parameters.append(f"{field.name}=_absent")
            value = f"_make{number}() if {field.name} is _absent else {field.name}"
        else:
            parameters.append(field.name)
        body.append(f" _set{number}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    # Names of fields are Python's own; nothing else is in this text.
    exec(f"def __init__({', '.join(parameters)}):\n" + ("\n".join(body) or " pass"), known)  # noqa: S102
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    made.__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return made


def _values(fields: tuple[Field[Any], ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values of these fields out of an object."""
    names = [field.name for field in fields]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple([getattr(self, name) for name in names])


def _methods(fields: tuple[Field[Any], ...], *, eq: bool) -> dict[str, Callable[..., Any]]:
    shown = [field.name for field in fields if field.repr]
    values = _values(tuple(field for field in fields if field.compare))

    def __repr__(self: Any) -> str:  # noqa: ANN401, N807 - of any class
        return f"{self.__class__.__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"

    def __eq__(self: Any, other: object) -> Any:  # noqa: ANN401, N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__repr__": __repr__, "__eq__": __eq__} if eq else {"__repr__": __repr__}


def _hash(fields: tuple[Field[Any], ...]) -> Callable[[Any], int]:
    values = _values(tuple(field for field in fields if (field.compare if field.hash is None else field.hash)))
    return lambda self: hash(values(self))


def _pickling(fields: tuple[Field[Any], ...]) -> dict[str, Callable[..., Any]]:
    """An object that nobody may write to has to be filled by its class."""
    names = [field.name for field in fields]

    def __getstate__(self: Any) -> list[Any]:  # noqa: ANN401, N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: ANN401, N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}


def _no_set(_: object, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_delete(_: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass

__all__ = ["dataclass"]
