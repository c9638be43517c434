"""How fast the output guard is, by kind of answer, with a prompt of ours that is to be recognised and without.

python benchmarks/guard_speed.py [FILE ...]

Megabytes of UTF-8 a second of processor time, the best of several; and microseconds for an answer of one line.
"""

from __future__ import annotations

import pydoc_data.topics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ringfence.screens.output import Context, OutputGuard, OutputStream

ROOT = Path(__file__).parents[1]
MOST = 400_000
REPEAT = 5
PROMPT = " ".join((ROOT / "docs/language.md").read_text("utf-8").split()[:900])
GUARD = OutputGuard()


def texts() -> dict[str, str]:
    """Answers as people get them, and some that are all markup or all address."""
    mails = ROOT / "benchmarks/texts"
    return {
        "plain words": "Lunch on Monday is at noon in the small room; Anna and Tom bring cake and plums.\n" * 4_800,
        "one line": "Lunch on Monday is at noon in the small room; Anna and Tom bring cake and plums. " * 4_800,
        "reference": "\n".join(pydoc_data.topics.topics.values()),
        "our pages": "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))),
        **{path.stem: path.read_text("utf-8") * 60 for path in sorted(mails.glob("*.txt"))},
        "links": "See [this page](https://elsewhere.example/a/b?c=d) and <b>that</b> one.\n" * 5_000,
        "links with queries": "".join(
            f"See [page {n}](https://elsewhere.example/articles/2026/{n}-ways?utm_source=mail&id={n * 7919:08x}).\n"
            for n in range(4_000)
        ),
        **{name: Path(name).read_text("utf-8") for name in sys.argv[1:]},
    }


def taken(act: Callable[[], object]) -> float:
    """Seconds of processor time, the best of several."""
    found = []
    for _ in range(REPEAT):
        began = time.process_time()
        act()
        found.append(time.process_time() - began)
    return max(1e-9, min(found))


def streamed(text: str, context: Context) -> None:
    stream = OutputStream(GUARD, context)
    for place in range(0, len(text), 200):
        stream.feed(text[place : place + 200])
    stream.close()


def main() -> None:
    bare, guarded = Context(), Context.of(prompts=[PROMPT], private=["The code is 463820."])
    print(f"{'MB/s':<20} {'no prompt':>10} {'prompt':>10} {'as a stream':>12}")
    for name, text in texts().items():
        text = text[:MOST]
        size = len(text.encode()) / 1e6
        speeds = [size / taken(partial(GUARD.text, text, context)) for context in (bare, guarded)]
        speeds.append(size / taken(partial(streamed, text, guarded)))
        print(f"{name:<20} {speeds[0]:>10.1f} {speeds[1]:>10.1f} {speeds[2]:>12.1f}")
    line = "The meeting is at noon on Thursday.\n"
    print(f"one line of {len(line)} characters: {taken(partial(GUARD.text, line, guarded)) * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
