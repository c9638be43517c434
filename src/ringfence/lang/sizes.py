"""How large a value may be: checked before the operation that would make it.

Its one rule: whatever can grow faster than one step at a time asks here first. The limits of one value are
constants; the memory of a whole run is watched through `charge`, which the running engine installs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Final, TypeVar

from ringfence.core.errors import LimitExceeded
from ringfence.core.values import Value

MAX_TEXT: Final = 16_000_000
MAX_ITEMS: Final = 2_000_000
MAX_BITS: Final = 400_000
_SMALL: Final = 256
_EXPONENT: Final = 100_000
_BIG: Final = 1 << 4096
_FEW_ALIKE: Final = 50
_PACE: Final = 4096

_Part = TypeVar("_Part")


class _Charges(threading.local):
    def __init__(self) -> None:
        self.charge: Callable[[int], None] | None = None
        self.work: Callable[[int], None] | None = None
        self.look: Callable[[], None] | None = None
        self.hashes: dict[int, object] = {}  # the first key with a hash
        self.alike: dict[int, list[object]] = {}  # the next few with the same one
        self.uses: dict[int, int] = {}  # and how often others were used, these included


_CHARGES: Final = _Charges()


def install(
    charge: Callable[[int], None] | None = None,
    work: Callable[[int], None] | None = None,
    look: Callable[[], None] | None = None,
) -> None:
    """Set what is told of each larger allocation (bytes), of steps inside long operations, and asked for the time."""
    _CHARGES.charge = charge
    _CHARGES.work = work
    _CHARGES.look = look
    _CHARGES.hashes, _CHARGES.alike, _CHARGES.uses = {}, {}, {}


def work(steps: int) -> None:
    """An operation visits `steps` parts of a value; a part that is reached twice counts twice."""
    count = _CHARGES.work
    if count is not None:
        count(steps)


def look() -> None:
    """Compare with the limit of time now, in an operation whose steps have been counted."""
    seen = _CHARGES.look
    if seen is not None:
        seen()


def paced(parts: Collection[_Part], counted: bool = False) -> Iterator[_Part]:
    """The parts, each a step unless they are `counted`: the clock is looked at before many have been visited."""
    size, rest = len(parts), iter(parts)
    for start in range(0, size, _PACE):
        if not counted:
            work(min(_PACE, size - start))
        look()
        yield from islice(rest, _PACE)


def looked(parts: Collection[_Part]) -> Iterable[_Part]:
    """Parts whose steps have been counted; of many, the clock is looked at on the way."""
    return paced(parts, True) if len(parts) > _PACE else parts


def _charge(amount: int) -> None:
    charge = _CHARGES.charge
    if charge is not None:
        charge(amount)


def text(length: int) -> None:
    """A text of `length` characters is about to be made."""
    if length > _SMALL:
        if length > MAX_TEXT:
            raise LimitExceeded("size", f"a text would be longer than {MAX_TEXT:,} characters")
        _charge(length)
        if length > 8192:
            work(length >> 13)  # what is joined again and again is copied as often


def encoded(length: int) -> None:
    """A text of `length` characters is about to be made into bytes: up to four for each."""
    if length > _SMALL:
        _charge(length * 4)
        work(length >> 12)


def items(count: int) -> None:
    """A container of `count` elements is about to be made, without a step for each."""
    if count > _SMALL:
        if count > MAX_ITEMS:
            raise LimitExceeded("size", f"a container would have more than {MAX_ITEMS:,} elements")
        _charge(count * 8)
        if count > 4096:
            work(count >> 6)


def whole(numbers: range) -> None:
    """Every number of a range is about to be visited, without a step for each."""
    count = max(0, -((numbers.start - numbers.stop) // numbers.step))
    items(count)
    work(count)


def _too_large() -> LimitExceeded:
    return LimitExceeded("size", f"a number would have more than {MAX_BITS:,} bits")


def product(x: Value, y: Value) -> None:
    """Two numbers are about to be multiplied."""
    if type(x) is int and type(y) is int:
        bits = x.bit_length() + y.bit_length()
        if bits > 4096:
            if bits > MAX_BITS:
                raise _too_large()
            _charge(bits >> 3)
            work(bits >> 10)


def division(x: Value, y: Value) -> None:
    """Two numbers are about to be divided with a remainder: large ones take long."""
    if type(x) is int and type(y) is int and not -_BIG < x < _BIG:
        work((x.bit_length() * y.bit_length()) >> 24)


def power(x: Value, y: Value) -> None:
    """`x ** y` is about to be computed."""
    if isinstance(x, int) and isinstance(y, int) and y > 0 and x.bit_length() * y > MAX_BITS and x not in (-1, 0, 1):
        raise _too_large()


def shift(x: Value, y: Value) -> None:
    """`x << y` is about to be computed."""
    if isinstance(x, int) and isinstance(y, int) and y > 0 and x.bit_length() + y > MAX_BITS:
        raise _too_large()


def arithmetic(symbol: str, x: Value, y: Value) -> None:
    """Any other arithmetic: Decimals with huge exponents are the expensive ones."""
    if isinstance(x, Decimal) or isinstance(y, Decimal):
        for value in (x, y):
            if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > _EXPONENT:
                raise _too_large()
        if symbol == "**" and isinstance(y, (int, Decimal)) and abs(Decimal(y)) > _EXPONENT:
            raise _too_large()


def scanned(length: int) -> None:
    """An operation reads a text of `length` characters; a step for each kilobyte of a long one."""
    if length > 4096:
        work(length >> 10)


def copied(count: int) -> None:
    """An operation copies `count` elements at once."""
    if count > 64:
        work(count >> 3)


def hashed(key: object) -> None:
    """A key that a plan could have chosen for its hash (a huge integer, a tuple, a frozen set, a range) is used.

    Each other key with the same hash has to be compared with it, one after the other: beyond a few, which a plan may
    well have (-1 and -2 have the same hash), each costs as many steps as there are.
    """
    number = hash(key)
    hashes = _CHARGES.hashes
    known = hashes.get(number)
    if known is None:
        if len(hashes) >= MAX_ITEMS:
            hashes.clear()
        hashes[number] = key
    elif known is not key and known != key:
        _alike(number, key)


def _alike(number: int, key: object) -> None:
    """A key that is not the first with its hash is used."""
    others = _CHARGES.alike.setdefault(number, [])
    if key in others:
        return
    if len(others) < _FEW_ALIKE:
        others.append(key)
        return
    count = _CHARGES.uses[number] = _CHARGES.uses.get(number, _FEW_ALIKE) + 1
    work((count * _compared(key)) >> 3)


def _compared(key: object) -> int:
    """What a comparison with the key may cost: one for each part of it, more for what Python code compares."""
    cost = 0
    pending = [key]
    while pending:
        part = pending.pop()
        cost += 1
        if isinstance(part, (tuple, frozenset)):
            pending.extend(part)
            cost += 0 if type(part) in (tuple, frozenset) else 16
    return cost
