"""A screen: it reads a text in all the ways that are known to it, and lets its detectors score each.

    Screen(detectors).verdict(text)

Its one rule: time and memory are bounded by the length of the text and the limits, whatever the text is; what was left
out is said in the verdict.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, final

from ringfence.screens.decoders import Decoder
from ringfence.screens.detector import Block, Detector, Hit
from ringfence.screens.normalise import Oddity, read_as
from ringfence.screens.prefilter import called_by, decoders_in
from ringfence.screens.rulebook import Rulebook
from ringfence.screens.verdict import Verdict
from ringfence.screens.views import Piece, View

BLOCK: Final = 4_096
_OVERLAP: Final = 300
_BATCH: Final = 64  # parts that are read at once, so that each pass finds in the processor's cache what it needs
_CONTEXT: Final = 160
# What an oddity alone says. That something is invisible is no attack; that it spells a text is close to one.
_ODD_SCORES: Final = {
    "tag-characters": 0.7,
    "variation-selectors": 0.45,
    "bidi-control": 0.4,
    "combining-overload": 0.3,
    "look-alike": 0.3,
    "terminal-escape": 0.3,
}
_UNNAMED: Final = 0.2  # by so much a named technique may score less and still be the one that is told
_SPELLS_TEXT: Final = 0.75


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is looked at in one text. Beyond, the verdict says so in `unseen`."""

    characters: int = 32_000_000
    depth: int = 5  # encodings inside of encodings
    decoded: int = 2_000_000  # characters of decoded views, at least; for longer texts twice their length
    hits: int = 500


@final
class Screen:
    """Detectors with limits. Thread-safe if its detectors are."""

    def __init__(
        self, detectors: Sequence[Detector] | None = None, limits: Limits | None = None, *, ruled: bool = True
    ) -> None:
        """detectors: None is the rules alone. Not `ruled`: they do not ask which rules have to look."""
        self.ruled = ruled
        self.detectors: tuple[Detector, ...] = (Rulebook(),) if detectors is None else tuple(detectors)
        self.limits = Limits() if limits is None else limits

    def verdict(self, text: str) -> Verdict:
        """What the detectors say of a text. It never raises for what the text is."""
        return _Reading(self, text).verdict()


@final
class _Reading:
    """One text being read: the views that wait, what was found, what is left of the limits."""

    def __init__(self, screen: Screen, text: str) -> None:
        self._screen = screen
        self._limits = screen.limits
        self._unseen: dict[str, None] = {}
        if len(text) > self._limits.characters:
            self._unseen["characters after the limit"] = None
            text = text[: self._limits.characters]
        self._left = max(self._limits.decoded, 2 * len(text))
        self._hits: dict[tuple[str, str, int, int], Hit] = {}
        self._least = -1.0
        self._oddities: dict[tuple[str, int, int], Oddity] = {}
        self._waiting: deque[tuple[View, int]] = deque([(View(text), 0)])

    def verdict(self) -> Verdict:
        while self._waiting:
            parts = self._parts()
            while batch := list(islice(parts, _BATCH)):
                self._read(batch)
        hits = sorted(self._hits.values(), key=_rank)
        oddities = sorted(self._oddities.values(), key=lambda one: one.start)
        return Verdict(tuple(hits), tuple(oddities), tuple(self._unseen))

    def _parts(self) -> Iterator[tuple[View, int]]:
        while self._waiting:
            view, depth = self._waiting.popleft()
            for part in _parts(view):
                yield part, depth

    def _read(self, batch: Sequence[tuple[View, int]]) -> None:
        """Read some parts, one pass after the other over all of them."""
        read = [read_as(part) for part, _ in batch]
        texts = [(view.text, there) for view, _, there in read]
        looking = called_by(texts) if self._screen.ruled else [([], decoders_in(*each)) for each in texts]
        for (part, _), (view, odd, _), (rules, _) in zip(batch, read, looking, strict=True):
            self._note(part, odd)
            self._look(Block(view, rules))
        made = _decoded_by(
            [(decoder, view) for (view, _, _), (_, some) in zip(read, looking, strict=True) for decoder in some]
        )
        for (_, depth), (_, decoders) in zip(batch, looking, strict=True):
            self._add([next(made) for _ in decoders], depth)

    def _note(self, part: View, found: Iterable[Oddity]) -> None:
        """Keep what is odd. At an edge of a part the characters beside it are not seen; another part shows them."""
        for odd in found:
            start, end = part.span(odd.start, odd.end)
            if len(self._oddities) >= self._limits.hits:
                self._unseen["findings after the limit"] = None
                return
            if odd.end < len(part.text) - 1 or len(part.text) < BLOCK:
                kept = replace(odd, start=start, end=end)
                self._oddities[odd.kind, start, end] = kept
                self._keep(_odd_hit(kept, part))

    def _look(self, block: Block) -> None:
        for detector in self._screen.detectors:
            for hit in detector.hits(block):
                self._keep(hit)

    def _keep(self, hit: Hit | None) -> None:
        if hit is None:
            return
        key = (hit.technique, hit.rule, hit.start, hit.end)
        before = self._hits.get(key)
        if before is None and len(self._hits) >= self._limits.hits:
            self._unseen["hits after the limit"] = None
            if hit.score <= self._least:  # of those that were kept, none is weaker: looked up when one is taken out
                return
            weakest = min(self._hits, key=lambda one: self._hits[one].score)
            if self._hits[weakest].score >= hit.score:
                self._least = self._hits[weakest].score
                return
            del self._hits[weakest]
        if before is None or before.score < hit.score:
            self._hits[key] = hit

    def _add(self, decoded: Iterable[Sequence[View]], depth: int) -> None:
        for view in chain.from_iterable(decoded):
            if depth >= self._limits.depth:
                self._unseen["encodings nested more deeply than the limit"] = None
                self._keep(_nested(view))
                return
            self._left -= len(view.text)
            if self._left < 0:
                self._unseen["decoded text after the limit"] = None
                return
            self._waiting.append((view, depth + 1))


def _rank(hit: Hit) -> tuple[float, int, int]:
    return (_UNNAMED * (hit.technique == "statistical") - hit.score, hit.start, hit.end)


def _parts(view: View) -> Iterator[View]:
    """The view in parts that end where words end; each also shows the beginning of the next."""
    text = view.text
    start = 0
    while start < len(text):
        end = _end_of_part(text, start)
        yield view if start == 0 and end == len(text) else view.window(start, end + _OVERLAP)
        start = end


def _end_of_part(text: str, start: int) -> int:
    end = min(len(text), start + BLOCK)
    if end == len(text):
        return end
    middle = start + BLOCK // 2
    cut = max(text.rfind("\n", middle, end), text.rfind(". ", middle, end))
    cut = cut if cut > 0 else text.rfind(" ", middle, end)
    return cut + 1 if cut > 0 else end


def _decoded_by(asked: Sequence[tuple[Decoder, View]]) -> Iterator[Sequence[View]]:
    """What decoders make of views, in the order in which it is asked for. Each decoder does all of its own at once."""
    made: dict[int, Sequence[View]] = {}
    for number in sorted(range(len(asked)), key=lambda number: asked[number][0].name):
        made[number] = list(_decoded(*asked[number]))
    return (made[number] for number in range(len(asked)))


def _decoded(decoder: Decoder, view: View) -> Iterator[View]:
    """A view for each group of places that can be decoded, with some of the text around."""
    for group in _groups(decoder.pieces(view.text)):
        low, high = max(0, group[0].start - _CONTEXT), group[-1].end + _CONTEXT
        around = view.window(low, high)
        yield around.rewritten((Piece(one.start - low, one.end - low, one.text) for one in group), decoder.name)


def _groups(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    for piece in pieces:
        if group and piece.start - group[-1].end > _CONTEXT:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _odd_hit(odd: Oddity, view: View) -> Hit | None:
    score = _SPELLS_TEXT if odd.hidden else _ODD_SCORES.get(odd.kind)
    return None if score is None else Hit("hidden-text", score, odd.start, odd.end, view.name, "unicode", odd.kind)


def _nested(view: View) -> Hit:
    start, end = view.span(0, len(view.text))
    return Hit("encoded-payload", 0.8, start, end, view.name, "decoders", "nested-encodings")
