"""Room for deep recursion: the compiler's own walks, and plans that recurse to their own limit.

Its one rule: the interpreter's limit is only ever raised. Python calls of Python functions use no C stack
(3.11 and newer); depth itself is limited by `parse.MAX_DEPTH` and by the run's depth limit.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

RECURSION: Final = 15_000
STACK: Final = 256 * 1024 * 1024

_Result = TypeVar("_Result")
_LOCK: Final = threading.Lock()


@contextmanager
def deep_stack() -> Iterator[None]:
    """Raise the interpreter's recursion limit to `RECURSION`."""
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)
    yield


def on_deep_stack(work: Callable[[], _Result]) -> _Result:
    """Run `work` in a thread with a large stack and return its result, or raise what it raised."""
    outcome: list[_Result] = []
    raised: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            raised.append(error)

    with deep_stack(), _LOCK:
        before = threading.stack_size(STACK)
        try:
            thread = threading.Thread(target=target, name="ringfence-run", daemon=True)
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if raised:
        raise raised[0]
    return outcome[0]
