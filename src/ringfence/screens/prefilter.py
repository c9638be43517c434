"""The first pass: which rules and decoders have to look at a block of text at all.

Its one rule: it may call for a rule or decoder that then finds nothing, and never leaves out one that would find
something. Latin words are looked up by their first letters in the set of the block's words, words of other scripts by
one alternation of RE2, signs as parts of the text; the few triggers that are patterns are searched for all together,
and one by one only where that finds something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ringfence.screens.decoders import DECODERS, Decoder
from ringfence.screens.patterns import Pattern, literal
from ringfence.screens.rules import RULES, Rule
from ringfence.screens.rules.rule import needs

_LETTERS: Final = 5
_LATIN: Final = re.compile(r"[a-z0-9\u00df-\u024f]+")
_NEEDS: Final = tuple((rule, needs(rule.words).groups) for rule in RULES)
_WORDED: Final = tuple((one, needs(one.words).groups[0]) for one in DECODERS if one.words)
_ALL: Final = frozenset().union(*(group for _, groups in _NEEDS for group in groups), *(words for _, words in _WORDED))
# A sign of one character is taken to be everywhere, so that no search stops at each of them.
_SINGLE: Final = frozenset(word for word in _ALL if len(word) == 1 and not word.isalnum())
_SIGNS: Final = tuple(
    sorted(word for word in _ALL if word.isascii() and _LATIN.fullmatch(word) is None and word not in _SINGLE)
)
_OTHER: Final = tuple(sorted(word for word in _ALL if not word.isascii() and _LATIN.fullmatch(word) is None))


def _key(word: str) -> str:
    return word if word in _KEPT else word[:_LETTERS]


_KEPT: Final = frozenset((*_SIGNS, *_OTHER, *_SINGLE))
_RULE_KEYS: Final = tuple((rule, tuple(frozenset(map(_key, group)) for group in groups)) for rule, groups in _NEEDS)
_DECODER_OF: Final[dict[str, list[Decoder]]] = {}
for _decoder, _words in _WORDED:
    for _word in _words:
        _DECODER_OF.setdefault(_key(_word), []).append(_decoder)
_RULES_OF: Final[dict[str, list[tuple[Rule, tuple[frozenset[str], ...]]]]] = {}
for _rule, _groups in _RULE_KEYS:
    for _word in min(_groups, key=len):
        _RULES_OF.setdefault(_word, []).append((_rule, _groups))
_KNOWN: Final = frozenset((*_RULES_OF, *_DECODER_OF)).union(*(group for _, groups in _RULE_KEYS for group in groups))
_FOREIGN: Final = Pattern("|".join(map(literal, _OTHER)))
_SHAPED: Final = tuple(decoder for decoder in DECODERS if decoder.trigger)
_SHAPES: Final = Pattern("|".join(f"(?:{decoder.trigger})" for decoder in _SHAPED))
_EACH_SHAPE: Final = tuple(Pattern(decoder.trigger) for decoder in _SHAPED)
_SIGNS_BY: Final = {sign[0]: [one for one in _SIGNS if one[0] == sign[0]] for sign in _SIGNS}
_ANY_SIGN: Final = Pattern("|".join(map(literal, sorted(_SIGNS, key=len, reverse=True))))
# What divides words in any script: a dash or a quotation mark beside a word is no part of it.
_NO_WORD: Final = re.compile(r"[^a-z0-9\u00df-\u024f]+")
# Lower case, and a space for everything else in ASCII.
_PLAIN: Final = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def called(text: str) -> tuple[list[Rule], list[Decoder]]:
    """The rules and the decoders that have to look at a text."""
    found = _found(text)
    rules = {
        rule.name: rule
        for word in found
        for rule, groups in _RULES_OF.get(word, ())
        if all(not group.isdisjoint(found) for group in groups)
    }
    decoders = {decoder.name: decoder for word in found for decoder in _DECODER_OF.get(word, ())}
    decoders |= {decoder.name: decoder for decoder in _shaped(text)}
    return list(rules.values()), list(decoders.values())


def _found(text: str) -> set[str]:
    lowered = text.lower() if text.isascii() else text.casefold()
    words = set((lowered.translate(_PLAIN) if text.isascii() else _NO_WORD.sub(" ", lowered)).split())
    found = {word[:_LETTERS] for word in words} & _KNOWN
    if _ANY_SIGN.found(text):
        for first, signs in _SIGNS_BY.items():
            if first in lowered:
                found.update(sign for sign in signs if sign in lowered)
    found |= _SINGLE
    if not text.isascii():
        found.update(word.casefold() for word in _FOREIGN.texts(lowered))
    return found


def _shaped(text: str) -> Iterable[Decoder]:
    if not _SHAPES.found(text):
        return ()
    return (decoder for decoder, shape in zip(_SHAPED, _EACH_SHAPE, strict=True) if shape.found(text))
