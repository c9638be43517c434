"""What decoding takes, by kind of text: to tell which decoders have to look, to let them, and to read what they made.

python benchmarks/decoders_speed.py [--quick] [FILE ...]

Microseconds of processor time for each block of 4 kB, in the course of whole verdicts: so each part has to share the
caches with all others, as it does in use. The best of several verdicts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import screens_speed

from ringfence.screens import prefilter, screen

REPEAT = 3 if screens_speed.QUICK else 9
P = ParamSpec("P")
R = TypeVar("R")


class Clock:
    """Times of calls, by name; what is inside of another call that is timed is not taken off."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    def of(self, name: str, act: Callable[P, R]) -> Callable[P, R]:
        def timed(*args: P.args, **more: P.kwargs) -> R:
            began = time.process_time()
            made = act(*args, **more)
            self.times[name] += time.process_time() - began
            return made

        return timed


def watch(clock: Clock) -> None:
    """Time the parts of every verdict from now on."""
    decoded = screen._decoded

    def decode(decoder, view):
        return clock.of(decoder.name, lambda: list(decoded(decoder, view)))()

    screen._decoded = decode
    prefilter.shapes_of = clock.of("calling", prefilter.shapes_of)
    prefilter.shaped_of = clock.of("calling", prefilter.shaped_of)
    prefilter.is_coded = clock.of("calling", prefilter.is_coded)


def main() -> None:
    clock = Clock()
    watch(clock)
    for name, text in screens_speed.texts().items():
        text = text[: screens_speed.MOST]
        best: Counter[str] = Counter()
        screen.Screen().verdict(text)
        for _ in range(REPEAT):
            clock.times.clear()
            screen.Screen().verdict(text)
            if not best or clock.times.total() < best.total():
                best = clock.times.copy()
        blocks = len(text) / screen.BLOCK
        calling = best.pop("calling", 0)
        parts = ", ".join(f"{one} {taken * 1e6 / blocks:.0f}" for one, taken in best.most_common(6))
        total = best.total() * 1e6 / blocks
        print(f"{name:<16} calling {calling * 1e6 / blocks:>4.0f}   decoding {total:>4.0f}   {parts}")


if __name__ == "__main__":
    main()
