"""Sentences: cutting text into them, choosing those that matter, and those that answer a question.

Its one rule: every word of a summary is a word of the text; nothing is written here. Scoring follows Luhn (1958),
"The automatic creation of literature abstracts": frequent words that are no function words, plus the position.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

MAX_SENTENCES: Final = 2_000
MAX_SENTENCE: Final = 600

_FUNCTION_WORDS: Final = """\
a about above after again against all also am an and any are as at be because been before being below between
both but by can could did do does doing down during each few for from further had has have having he her here
hers him his how i if in into is it its itself just may me might more most must my no nor not now of off on once
one only or other our out over own per please same she should so some such than that the their them then there
these they this those through to too under until up upon us very was we were what when where which while who
whom why will with would you your yours regards dear hello hi thanks thank best kind sincerely mr mrs ms dr"""
STOP: Final = frozenset(_FUNCTION_WORDS.split())
_ENDS: Final = re.compile(r"(?<=[.!?…])[\"'”’)\]]?\s+(?=[\"'“‘(\[]?[A-ZÀ-ÖØ-Þ0-9])|\n\s*\n|\n(?=\s*[-*•\d])")
# A line that ends early ends a thought; longer ones are wrapped text.
_SHORT_LINE: Final = re.compile(r"(?<![^\n]{45})\n(?=\S)")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|no|nr|mr|mrs|ms|dr|prof|st|vs|inc|ltd|co|[a-z])\.)$", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W_]{2,40}")


def words(text: str) -> list[str]:
    """The content words of a text, cut to a common stem."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in STOP]


def stem(word: str) -> str:
    """A crude stem, so that "hours" meets "hour" and "opening" meets "opens"."""
    for ending in ("ings", "ing", "edly", "ies", "ed", "es", "s", "ly", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def sentences(text: str) -> list[str]:
    """The sentences of a text, without headings that are one short line, quoted lines and signatures."""
    body = _SHORT_LINE.sub("\n\n", re.sub(r"\r\n?", "\n", text).split("\n-- \n", 1)[0])
    made: list[str] = []
    for piece in _ENDS.split(body):
        sentence = " ".join(piece.split()).lstrip("-*•># ")
        if not sentence:
            continue
        if made and _ABBREVIATION.search(made[-1]):
            made[-1] = f"{made[-1]} {sentence}"
        else:
            made.append(sentence)
        if len(made) >= MAX_SENTENCES:
            break
    return [sentence[:MAX_SENTENCE] for sentence in made]


def summarise(documents: Iterable[str], limit: int) -> str:
    """At most `limit` sentences, the most telling ones, in the order of the text; "" if there are none."""
    candidates: list[tuple[int, str]] = []
    for document in documents:
        telling = [sentence for sentence in sentences(document) if is_telling(sentence)]
        candidates += list(enumerate(telling))[: MAX_SENTENCES - len(candidates)]
    distinct = list({sentence: place for place, sentence in reversed(candidates)}.items())[::-1]
    frequency = Counter(word for sentence, _ in distinct for word in set(words(sentence)))
    scored = sorted(
        range(len(distinct)), key=lambda index: (-_score(distinct[index][0], distinct[index][1], frequency), index)
    )
    return " ".join(distinct[index][0] for index in sorted(scored[:limit]))


def is_telling(sentence: str) -> bool:
    """Whether it says something: no greeting, no "label: value"."""
    return len(words(sentence)) >= 3 and (len(sentence) > 80 or not _LABELLED.match(sentence))


_LABELLED: Final = re.compile(r"[A-Z][\w -]{0,30}:\s")


def _score(sentence: str, place: int, frequency: Counter[str]) -> float:
    found = set(words(sentence))
    if not found:
        return 0.0
    weight = sum(frequency[word] for word in found) / math.sqrt(len(found))
    weight *= 1.0 if sentence[-1] in ".!?…" else 0.4
    return weight * (1.5 if place == 0 else 1.2 if place == 1 else 1.0)


_SPEAKER: Final = re.compile(r"(?:A|Q|Answer|Question)[:.)]\s+")


def answering(text: str, question: str, limit: int = 2) -> str:
    """The sentences that share most content words with the question, or ""; the question itself is no answer."""
    wanted = set(words(question))
    if not wanted:
        return ""
    scored = []
    found = sentences(text)
    for index, sentence in enumerate(found):
        # A heading or a question is answered by what follows it.
        follows = index + 1 < len(found) and (sentence.endswith(("?", ":")) or len(sentence) < 40)
        own = set(words(sentence))
        context = own | (set(words(found[index - 1])) if index and found[index - 1].endswith(("?", ":")) else set())
        shared = len(wanted & context)
        if shared and not (sentence.endswith("?") and follows):
            scored.append((-shared / len(wanted), len(sentence) > 300, index))
    scored.sort()
    if not scored or -scored[0][0] < min(0.5, 1.5 / len(wanted)):
        return ""
    best = [index for score, _, index in scored if score <= scored[0][0] * 0.8][:limit]
    return " ".join(_SPEAKER.sub("", found[index]) for index in sorted(best))
