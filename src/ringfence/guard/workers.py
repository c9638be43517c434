"""A few threads on which reads overlap.

Its one rule: bounded, and never in the way of the process's end: the threads are daemons, so a tool that hangs does
not keep a finished run alive (those of `concurrent.futures` are waited for when the interpreter exits).
"""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final, final

from ringfence.core.errors import RunError
from ringfence.core.values import Value

DEFAULT_WORKERS: Final = 32


@final
class PendingCall:
    """A call that runs on a worker. `result` waits, and gives or raises the same every time."""

    __slots__ = ("_error", "_running", "_value")

    def __init__(self) -> None:
        self._running = Lock()  # held until there is a result
        self._running.acquire()
        self._value: Value = None
        self._error: BaseException | None = None

    def result(self) -> Value:
        """The labelled value, or what the call raised."""
        with self._running:
            pass
        if self._error is not None:
            raise self._error
        return self._value

    def run(self, work: Callable[[], Value]) -> None:
        """Do the work; whatever it raises is for the one who asks for the result."""
        try:
            self._value = work()
        except BaseException as problem:
            self._error = problem
        finally:
            self._running.release()

    def abandon(self) -> None:
        """The run has ended before the work began."""
        self._error = RunError("the run has ended before this call began")
        self._running.release()


@final
class Workers:
    """At most `size` threads, started when they are needed."""

    def __init__(self, size: int = DEFAULT_WORKERS) -> None:
        if size < 1:
            raise ValueError("at least one worker")
        self._size = size
        self._queue: SimpleQueue[tuple[PendingCall, Callable[[], Value]] | None] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._busy = 0
        self._closed = False

    def submit(self, work: Callable[[], Value]) -> PendingCall:
        """Have `work` done as soon as a worker is free."""
        pending = PendingCall()
        with self._lock:
            if self._closed:
                raise RunError("the run has ended")
            self._busy += 1
            self._queue.put((pending, work))
            if self._busy > self._threads and self._threads < self._size:
                self._threads += 1
                Thread(target=self._work, name=f"ringfence-read-{self._threads}", daemon=True).start()
        return pending

    def at_once(self, work: Callable[[], Value]) -> PendingCall:
        """Do `work` in the thread that asks: what it gives or raises comes out where it would for `submit`."""
        pending = PendingCall()
        if self._closed:
            raise RunError("the run has ended")
        pending.run(work)
        if isinstance(pending._error, KeyboardInterrupt):
            raise pending._error  # a person stops the process
        return pending

    def close(self) -> None:
        """No more work: what has not begun is abandoned, the threads end when they are done."""
        with self._lock:
            self._closed = True
            try:
                while True:
                    waiting = self._queue.get_nowait()
                    if waiting is not None:
                        waiting[0].abandon()
            except Empty:
                pass
            for _ in range(self._threads):
                self._queue.put(None)

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            pending, work = task
            pending.run(work)
            with self._lock:
                self._busy -= 1
