"""Exceptions inside a plan: their types, their values, and the one Python exception that carries them.

Its one rule: only `Raised` can be caught by a plan. Everything else that travels through a plan (denials,
limits, signals, faults of our own) passes its handlers and its `finally` untouched.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn, final

from ringfence.core.errors import RingfenceError
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import Heap, Labeled, Value


@final
class ExceptionType:
    """An exception type, built in or a class of the plan, as a value of the language."""

    __slots__ = ("base", "name")

    def __init__(self, name: str, base: ExceptionType | None) -> None:
        self.name = name
        self.base = base

    def within(self, other: ExceptionType) -> bool:
        """Whether this is `other` or derives from it."""
        step: ExceptionType | None = self
        while step is not None:
            if step is other:
                return True
            step = step.base
        return False

    def __repr__(self) -> str:
        return f"<class '{self.name}'>"


@final
class ExceptionValue(Heap):
    """An instance of an exception type with its arguments."""

    __slots__ = ("args", "cause", "type")

    def __init__(self, kind: ExceptionType, args: tuple[Value, ...], label: Label = TRUSTED_PUBLIC) -> None:
        self.type = kind
        self.args = args
        self.cause: RingfenceError | None = None
        self._start(label)

    def children(self) -> tuple[Value, ...]:
        return self.args


@final
class Raised(Exception):
    """An exception of the plan on its way. `label` is that of the fact that it was raised."""

    def __init__(self, value: ExceptionValue, label: Label) -> None:
        super().__init__(value.type.name)
        self.value = value
        self.label = label


def _types() -> dict[str, ExceptionType]:
    made: dict[str, ExceptionType] = {}
    for name, base in (
        ("BaseException", ""),
        ("Exception", "BaseException"),
        ("ArithmeticError", "Exception"),
        ("ZeroDivisionError", "ArithmeticError"),
        ("OverflowError", "ArithmeticError"),
        ("AssertionError", "Exception"),
        ("AttributeError", "Exception"),
        ("FrozenInstanceError", "AttributeError"),
        ("LookupError", "Exception"),
        ("IndexError", "LookupError"),
        ("KeyError", "LookupError"),
        ("NameError", "Exception"),
        ("UnboundLocalError", "NameError"),
        ("RuntimeError", "Exception"),
        ("RecursionError", "RuntimeError"),
        ("NotImplementedError", "RuntimeError"),
        ("StopIteration", "Exception"),
        ("TypeError", "Exception"),
        ("ValueError", "Exception"),
        ("UnicodeError", "ValueError"),
        ("UnicodeDecodeError", "UnicodeError"),
        ("UnicodeEncodeError", "UnicodeError"),
        ("JSONDecodeError", "ValueError"),
        ("ValidationError", "ValueError"),
        ("OSError", "Exception"),
        ("FileNotFoundError", "OSError"),
        ("PermissionError", "OSError"),
        ("ConnectionError", "OSError"),
        ("TimeoutError", "OSError"),
        ("ToolError", "Exception"),
        ("QuarantineError", "Exception"),
        ("InvalidOperation", "ArithmeticError"),
        ("StatisticsError", "ValueError"),
        ("ZoneInfoNotFoundError", "KeyError"),
    ):
        made[name] = ExceptionType(name, made.get(base))
    return made


EXCEPTIONS: Final = _types()
# IOError and EnvironmentError are Python's other names for OSError.
ALIASES: Final = {"IOError": "OSError", "EnvironmentError": "OSError"}


def fail(kind: str, message: str, label: Label = TRUSTED_PUBLIC) -> NoReturn:
    """Raise the plan-level exception `kind` with a message. The label is that of the operands."""
    raise Raised(ExceptionValue(EXCEPTIONS[kind], (message,), label), label)


def of_python(error: Exception, label: Label) -> Raised:
    """A Python exception of a built-in operation on operands with `label`, as the plan sees it."""
    if isinstance(error, Raised):
        return Raised(error.value, error.label.join(label))
    kind: type[BaseException] = type(error)
    for candidate in kind.__mro__:
        found = EXCEPTIONS.get(candidate.__name__)
        if found is not None:
            break
    else:
        found = EXCEPTIONS["Exception"]
    # A KeyError's argument is the key; of other exceptions the text alone is kept, for no object of the host may pass.
    told = error.args[:2] if isinstance(error, OverflowError) else error.args[:1]  # of some, a number and a text
    args = tuple(arg if type(arg) in (str, int, float, bool, type(None)) else str(arg) for arg in told)
    if isinstance(error, UnicodeError):
        args = (str(error),)
    return Raised(ExceptionValue(found, args, label), label)


_VARIABLE: Final = re.compile(r"'v_(\w+)'")


def unfit(name: str, error: TypeError) -> str:
    """Why a call does not fit a function of the plan, in Python's words with the plan's names: no value is in them."""
    _, call, words = str(error).partition("()")
    return f"{name}()" + (_VARIABLE.sub(r"'\1'", words) if call else " got the wrong arguments")


_PLACE: Final = re.compile(r"(?P<msg>.*): line (?P<lineno>\d+) column (?P<colno>\d+) \(char (?P<pos>\d+)\)", re.DOTALL)


def place(error: ExceptionValue) -> dict[str, Value]:
    """What a JSONDecodeError says of its place: `msg`, `lineno`, `colno`, `pos`. Empty for every other exception."""
    text = error.args[0] if error.args and error.type.name == "JSONDecodeError" else None
    text = text._value if type(text) is Labeled else text
    found = _PLACE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return {}
    return {name: part if name == "msg" else int(part) for name, part in found.groupdict().items()}
