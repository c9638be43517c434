"""Which rules and decoders have to look at a text, by a few passes over it in linear time.

A rule is called if it matches and if the words that it names are there; a decoder if its pattern or one of its words
is found. Most texts are done with after the passes for cues (see `screens.cues`) and for patterns of decoders: words
are looked up only where a rule matches, or a word of a decoder is there.

Its one rule: what is not called would find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, TypeAlias

from ringfence.screens.cues import copied, likely, without_cues
from ringfence.screens.decoders import DECODERS, Decoder
from ringfence.screens.patterns import Pattern, literal
from ringfence.screens.rules import RULES, Rule
from ringfence.screens.rules.rule import needs
from ringfence.screens.shapes import BEGINNING, is_coded, shaped, shapes_in

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
_KEPT: Final = frozenset((*_SIGNS, *_OTHER, *_SINGLE))

_Groups: TypeAlias = tuple[frozenset[str], ...]


def _key(word: str) -> str:
    return word if word in _KEPT else word[:BEGINNING]


_GROUPS_OF: Final[dict[str, _Groups]] = {
    rule.name: tuple(frozenset(map(_key, group)) for group in groups) for rule, groups in _NEEDS
}
_SCRIPTED: Final = frozenset(
    name for name, groups in _GROUPS_OF.items() if any(group <= set(_OTHER) for group in groups)
)
_DECODER_OF: Final[dict[str, list[Decoder]]] = {}
for _decoder, _words in _WORDED:
    for _word in _words:
        _DECODER_OF.setdefault(_key(_word), []).append(_decoder)
_KNOWN: Final = frozenset(_DECODER_OF).union(*(group for groups in _GROUPS_OF.values() for group in groups))
_FOREIGN: Final = Pattern("|".join(map(literal, _OTHER)))
_SIGNS_BY: Final = {sign[0]: [one for one in _SIGNS if one[0] == sign[0]] for sign in _SIGNS}
_ANY_SIGN: Final = Pattern("|".join(map(literal, sorted(_SIGNS, key=len, reverse=True))))
# What divides words in any script: a dash or a quotation mark beside a word is no part of it.
_NO_WORD: Final = re.compile(r"[^a-z0-9\u00df-\u024f]+")
# Lower case, and a space for everything else in ASCII.
_PLAIN: Final = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def called(text: str) -> tuple[list[Rule], list[Decoder]]:
    """The rules and the decoders that have to look at a text."""
    copy, shapes = copied(text), shapes_in(text)
    if copy is None:
        found = words_in(text)
        rules = [rule for rule in RULES if _has_words(rule, found) and rule.pattern.found(text)]
        return rules, list((_worded(found) | shaped(text, shapes)).values())
    rules = [rule for rule in likely(copy) if rule.pattern.found(text)]
    others, coded = _without(text), is_coded(text, shapes)
    found = words_in(text) if rules or others or coded else frozenset()
    rules = [rule for rule in rules if _has_words(rule, found)]
    rules += [rule for rule in others if _has_words(rule, found) and rule.pattern.found(text)]
    return rules, list(((_worded(found) if coded else {}) | shaped(text, shapes)).values())


def words_in(text: str) -> frozenset[str]:
    """The known words that are in a text: their beginnings, and signs."""
    lowered = text.lower() if text.isascii() else text.casefold()
    words = set((lowered.translate(_PLAIN) if text.isascii() else _NO_WORD.sub(" ", lowered)).split())
    found = {word[:BEGINNING] for word in words} & _KNOWN
    if _ANY_SIGN.found(text):
        for first, signs in _SIGNS_BY.items():
            if first in lowered:
                found.update(sign for sign in signs if sign in lowered)
    found |= _SINGLE
    if not text.isascii():
        found.update(word.casefold() for word in _FOREIGN.texts(lowered))
    return frozenset(found)


def _has_words(rule: Rule, found: frozenset[str]) -> bool:
    return all(not group.isdisjoint(found) for group in _GROUPS_OF[rule.name])


def _without(text: str) -> Sequence[Rule]:
    """The rules without cues that may match: those that need words of other scripts only where there are some."""
    if text.isascii() or not _FOREIGN.found(text.casefold()):
        return latin_without()
    return without_cues()


@cache
def latin_without() -> Sequence[Rule]:
    """The rules without cues that words of Latin letters may call."""
    return tuple(rule for rule in without_cues() if not is_of_another_script(rule))


def is_of_another_script(rule: Rule) -> bool:
    """Whether it needs a word of another script than Latin."""
    return rule.name in _SCRIPTED


def _worded(found: Iterable[str]) -> dict[str, Decoder]:
    return {decoder.name: decoder for word in found for decoder in _DECODER_OF.get(word, ())}
