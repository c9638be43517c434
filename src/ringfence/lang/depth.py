"""Room for deep recursion: the compiler's own walks, and plans that recurse to their own limit.

Its one rule: the interpreter's limit is raised only while something of ours runs, and never below what the host set.
Python calls of Python functions use no C stack (3.11 and newer); depth itself is limited by `parse.MAX_DEPTH` and by
the run's depth limit.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Final, TypeVar, final

RECURSION: Final = 15_000
STACK: Final = 128 * 1024 * 1024

_Result = TypeVar("_Result")
_LOCK: Final = threading.Lock()
_PAUSING: Final = threading.Lock()
_USERS: Final[list[None]] = []
_BEFORE: Final[list[int]] = []


@contextmanager
def deep_stack() -> Iterator[None]:
    """Raise the interpreter's recursion limit to `RECURSION` until the last of its users is done."""
    with _LOCK:
        if not _USERS:
            _BEFORE.append(sys.getrecursionlimit())
            sys.setrecursionlimit(max(RECURSION, _BEFORE[-1]))
        _USERS.append(None)
    try:
        yield
    finally:
        with _LOCK:
            _USERS.pop()
            if not _USERS:
                # Lowering the limit fails in a thread that is deeper than it; then it stays until the next time.
                limit = _BEFORE.pop()
                with suppress(RecursionError):
                    sys.setrecursionlimit(limit)


@contextmanager
def preparing() -> Iterator[None]:
    """`deep_stack` for a stage that makes a large tree, none of which is garbage before the end.

    Looking for cycles in it again and again costs a quarter of the time, so that the collector is paused. Of stages
    that overlap only the first pauses it, so that it gets its turn between them however many there are.
    """
    with deep_stack():
        paused = _PAUSING.acquire(blocking=False)
        on = paused and gc.isenabled()
        try:
            if on:
                gc.disable()
            yield
        finally:
            if on:
                gc.enable()
            if paused:
                _PAUSING.release()


@final
class _Worker:
    """A thread with a large stack that does one piece of work at a time."""

    def __init__(self) -> None:
        self.given: SimpleQueue[Callable[[], None]] = SimpleQueue()
        before = threading.stack_size(STACK)
        try:
            threading.Thread(target=self._work, name="ringfence-run", daemon=True).start()
        finally:
            threading.stack_size(before)

    def _work(self) -> None:
        while True:
            work = self.given.get()
            work()
            del work  # nothing of a run is kept alive by an idle thread


_IDLE: Final[list[_Worker]] = []
_KEPT: Final = 8


def on_deep_stack(work: Callable[[], _Result]) -> _Result:
    """Run `work` in a thread with a large stack and return its result, or raise what it raised.

    Threads are kept for the next time: starting one costs more than a small plan.
    """
    outcome: list[_Result] = []
    raised: list[BaseException] = []
    done = threading.Lock()
    done.acquire()

    def target() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            raised.append(error)
        finally:
            done.release()

    with deep_stack():
        with _LOCK:
            worker = _IDLE.pop() if _IDLE else _Worker()
        worker.given.put(target)
        done.acquire()
        with _LOCK:
            if len(_IDLE) < _KEPT:
                _IDLE.append(worker)
            else:
                worker.given.put(sys.exit)
    if raised:
        raise raised[0]
    return outcome[0]
