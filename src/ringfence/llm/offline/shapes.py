"""What a kind of request looks like, and the words that all kinds share.

Its one rule: a shape fits the whole request or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from ringfence.llm.offline.writing import PlanWriting

Found = re.Match[str]

SHOW: Final = (
    r"(?:show(?: me)?|list|display|give me|tell me(?: about)?|print|get(?: me)?|fetch|what(?:'s| is| are)|let me see|"
    r"check|"
    r"look at|see|open|i(?:'d| would) like to see|i want to see|view|retrieve|pull up|bring up)"
)
SUMMARISE: Final = (
    r"(?:summari[sz]e(?: for me)?|sum up|(?:give me |write |make |show me |create )?(?:a |the )?(?:short |brief |"
    r"quick )?"
    r"(?:summary|overview|digest|gist) of|brief me on|what(?:'s| is) (?:in|new in)|tl;?dr(?: of)?:?|boil down|recap|"
    r"condense)"
)
SEND: Final = r"(?:send|e-?mail|mail|forward|share|pass on|deliver)"
LENGTH: Final = (
    r"(?:,? in (?:at most |about |max(?:imum)? )?(?P<length>\w{1,9}) (?:sentences?|lines?|bullet "
    r"points?)|,? briefly|,? please)?"
)
WRITE: Final = r"(?:create|schedule|add|book|set up|arrange|make|plan|put|organi[sz]e|enter)"

_POLITE: Final = re.compile(
    r"(?:(?:hi|hello|hey|ok|okay|so|now)[,!.]? |please,? |kindly |(?:can|could|would|will) you (?:please |kindly )?|"
    r"(?:i(?:'d| would) like you to|i want you to|i need you to|you should|go ahead and|help me(?: to)?) )",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”")
_END: Final = re.compile(r"(?:[\s.!?]|,? please| for me| thanks?(?: you)?)+$", re.IGNORECASE)


@final
@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of request. `write` writes the plan, or raises NotUnderstoodError or MissingToolError."""

    name: str
    patterns: tuple[re.Pattern[str], ...]
    write: Callable[[Found, PlanWriting], None]
    example: str


def shape(name: str, write: Callable[[Found, PlanWriting], None], example: str, *patterns: str) -> Shape:
    """A shape whose patterns are matched against the whole request, whatever its case."""
    return Shape(name, tuple(re.compile(p, re.IGNORECASE | re.DOTALL) for p in patterns), write, example)


def clean(request: str) -> str:
    """The request without politeness and with single spaces; what stands in quotes stays as it is."""
    pieces, position = [], 0
    for quoted in _QUOTED.finditer(request):
        pieces += [" ".join(request[position : quoted.start()].split(" ")), quoted.group()]
        position = quoted.end()
    pieces.append(request[position:])
    pieces = [piece if _QUOTED.fullmatch(piece) else re.sub(r"\s+", " ", piece) for piece in pieces]
    text = "".join(pieces).strip().replace("’", "'")
    while (polite := _POLITE.match(text)) is not None:
        text = text[polite.end() :]
    return text if _QUOTED.search(text[-200:]) and text[-1:] in '"”' else _END.sub("", text)


def body_text(phrase: str) -> str:
    """The text of a message: what stands in quotes, or the words themselves as a sentence."""
    phrase = phrase.strip()
    if len(phrase) > 1 and phrase[0] in "\"“'" and phrase[-1] in "\"”'":
        return phrase[1:-1]
    text = re.sub(r"^(?:that|:) ?", "", phrase)
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?" else f"{text}."


def short_title(text: str, limit: int = 60) -> str:
    """The first words of a text, as a subject."""
    words = " ".join(text.split())
    if len(words) <= limit:
        return words.rstrip(".")
    return words[:limit].rsplit(" ", 1)[0] + " …"
