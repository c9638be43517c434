"""What a kernel is: how its function is called, what that reads, and what its result means.

Its one rule: what is not said here of a kernel is not known where it is run (docs/decisions/0003-uniform-kernels.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from ringfence.core.plain import Plain

# What the inputs of a kernel may be at most: it is checked when the kernel is entered (`sequences.py`).
LEAF_CHARS: Final = 4096
LEAF_BITS: Final = 256


@final
@dataclass(frozen=True, slots=True)
class Column:
    """A part of each element: a field, an item, or (in the mode "leaf") the element itself.

    `given`: read by `.get`, so that it may be absent and then is `default`.
    """

    name: str
    given: bool = False
    default: Plain = None


@final
@dataclass(frozen=True, slots=True)
class Kernel:
    """How a kernel's function is called and what its result means.

    mode: what the elements are: "leaf", "field" (records) or "item" (dicts). columns: what is read of each of them.
    numbers: the arguments (columns first, then variables) that must be small numbers. takes: "made" if the function
    gives the values themselves, else "kept": the places of the elements that are taken. projects: the field or item of
    the element that is taken, None for all of it. long: whether a text in the result may be long.
    """

    mode: str
    columns: tuple[Column, ...]
    numbers: frozenset[int] = frozenset()
    takes: str = "made"
    projects: str | None = None
    long: bool = False


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A kernel with its function: its parameters, what it returns, the plan's variables that it reads."""

    kernel: Kernel
    params: tuple[str, ...]
    result: str
    variables: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Reduction:
    """What a loop does with what its kernel gives: `form` is "total" (of each key), "sum" or "append".

    missing: the number with which the total of a key begins; None where the dict decides.
    """

    kernel: Kernel
    form: str
    missing: int | float | None = None


@final
@dataclass(frozen=True, slots=True)
class WrittenLoop:
    """A loop's reduction, its kernel's function, and the variable into which it goes."""

    reduction: Reduction
    written: Written
    holder: str
