"""Room for deep recursion: the compiler's own walks, and plans that recurse to their own limit.

Its one rule: the interpreter's limit is raised only while something of ours runs, and never below what the host set.
Python calls of Python functions use no C stack (3.11 and newer); depth itself is limited by `MAX_DEPTH` and by
the run's depth limit.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final, TypeVar, final

if sys.platform != "win32":
    import resource

RECURSION: Final = 15_000
STACK: Final = 128 * 1024 * 1024
SHALLOW: Final = 3_000  # for what is known to need far less: three times Python's own limit
_ROOM: Final = SHALLOW // 2
_PLENTY: Final = 8 * 1024 * 1024
_GLIBC: Final = sys.platform == "linux" and "CS_GNU_LIBC_VERSION" in os.confstr_names
_MANY: Final = 20_000  # objects of which a large plan is made

_Result = TypeVar("_Result")
_LOCK: Final = threading.Lock()
_PAUSING: Final = threading.Lock()
_USERS: Final[list[None]] = []
_BEFORE: Final[list[int]] = []


def _raise_limit(limit: int, most: int | None = None) -> bool:
    """Raise the limit; not where the host itself set one above `most`, of which the answer says."""
    with _LOCK:
        now = sys.getrecursionlimit()
        if most is not None and (_BEFORE[0] if _USERS else now) > most:
            return False
        if not _USERS:
            _BEFORE.append(now)
        _USERS.append(None)
        if now < limit:
            sys.setrecursionlimit(limit)
        return True


def _lower_limit() -> None:
    with _LOCK:
        _USERS.pop()
        if not _USERS:
            limit = _BEFORE.pop()
            # Lowering the limit fails in a thread that is deeper than it; then it stays until the next time.
            try:  # noqa: SIM105  (`suppress` takes longer, and this is done for each run)
                sys.setrecursionlimit(limit)
            except RecursionError:
                pass


@contextmanager
def deep_stack() -> Iterator[None]:
    """Raise the interpreter's recursion limit to `RECURSION` until the last of its users is done."""
    _raise_limit(RECURSION)
    try:
        yield
    finally:
        _lower_limit()


@contextmanager
def preparing() -> Iterator[None]:
    """`deep_stack` for a stage that makes a large tree, none of which is garbage before the end.

    Looking for cycles in it again and again costs a quarter of the time, so that the collector is paused. Of stages
    that overlap only the first pauses it, so that it gets its turn between them however many there are. What a large
    plan left is at once among what is old, where the collector would have it after two looks at all of it.
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
                if gc.get_count()[0] > _MANY and gc.get_freeze_count() == 0:
                    gc.freeze()
                    gc.unfreeze()
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


@final
class _Here(threading.local):
    """Whether something shallow runs in this thread."""

    busy = False


_HERE: Final = _Here()


def on_this_stack(work: Callable[[], _Result]) -> _Result:
    """As `on_deep_stack`, for work whose depth is known to be small: in this thread, where there is room for it.

    A thread that waits for another costs more than a small plan.
    """
    if _HERE.busy or not _room() or not _raise_limit(SHALLOW, SHALLOW):
        return on_deep_stack(work)
    _HERE.busy = True
    try:
        return work()
    finally:
        _lower_limit()
        _HERE.busy = False


def _room() -> bool:
    """Whether `SHALLOW` levels fit on the stack of this thread, and half of them are left."""
    if not _ample(threading.get_ident() == threading.main_thread().ident) or _in_a_loop():
        return False
    try:
        sys._getframe(_ROOM)
    except ValueError:
        return True
    return False


def _ample(main: bool) -> bool:
    """Whether the stack of a thread is as large as they are on Linux and macOS unless somebody made it smaller."""
    if sys.platform == "win32":
        return False
    size, _ = resource.getrlimit(resource.RLIMIT_STACK)
    if main:
        return size == resource.RLIM_INFINITY or size >= _PLENTY
    return _GLIBC and size != resource.RLIM_INFINITY and size >= _PLENTY and threading.stack_size() == 0


def _in_a_loop() -> bool:
    """Whether this thread runs an event loop: a tool that starts one of its own could not do so here."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None
