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

from ringfence.screens.cues import copied, in_words, likely_in, without_cues
from ringfence.screens.decoders import DECODERS, Decoder
from ringfence.screens.patterns import Pattern, finder, literal
from ringfence.screens.rules import RULES, Rule
from ringfence.screens.rules.rule import needs
from ringfence.screens.shapes import BEGINNING, CUED, is_coded, shaped_of, shapes_of
from ringfence.screens.unicode.beyond import ACCENTED, INTO_LATIN, LATIN, SCRIPT, Beyond, beyond
from ringfence.screens.unicode.letters import folded, latin_words

_LATIN: Final = re.compile(r"[a-z0-9\u00df-\u024f]+")
_BEYOND_LATIN: Final = re.compile(r"[^\x00-\u024f]")
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

_NO_WORDS: Final[frozenset[str]] = frozenset()
_Groups: TypeAlias = tuple[frozenset[str], ...]


def _key(word: str) -> str:
    return word if word in _KEPT else word[:BEGINNING]


_GROUPS_OF: Final[dict[str, _Groups]] = {
    rule.name: tuple(frozenset(map(_key, group)) for group in groups) for rule, groups in _NEEDS
}
_SCRIPTED: Final = frozenset(
    name
    for name, groups in _GROUPS_OF.items()
    if any(all(_BEYOND_LATIN.search(word) is not None for word in group) for group in groups)
)
_DECODER_OF: Final[dict[str, list[Decoder]]] = {}
for _decoder, _words in _WORDED:
    for _word in _words:
        _DECODER_OF.setdefault(_key(_word), []).append(_decoder)
_KNOWN: Final = frozenset(_DECODER_OF).union(*(group for groups in _GROUPS_OF.values() for group in groups))
# Words of the other scripts (and of Vietnamese), and those of Latin letters with accents and spaces.
_SCRIPT_WORDS: Final = [word for word in _OTHER if _BEYOND_LATIN.search(word) is not None]
_OF_SCRIPTS: Final = Pattern("|".join(map(literal, _SCRIPT_WORDS)))
_ACCENT_WORDS: Final = set(_OTHER).difference(_SCRIPT_WORDS)
_OF_ACCENTS: Final = Pattern("|".join(map(literal, sorted(_ACCENT_WORDS))))
_ACCENTED: Final = frozenset(
    name for name, groups in _GROUPS_OF.items() if not _ACCENT_WORDS.isdisjoint(frozenset().union(*groups))
)
_SIGNS_BY: Final = {ord(sign[0]): [one.encode() for one in _SIGNS if one[0] == sign[0]] for sign in _SIGNS}
_FIND_SIGN: Final = finder("|".join(map(literal, sorted(_SIGNS, key=len, reverse=True))), case=True)
_LONGEST_SIGN: Final = max(map(len, _SIGNS))
_MOST_SIGNS: Final = 100  # at so many places they are looked at; where there are more, each sign is searched for
# What divides words in any script: a dash or a quotation mark beside a word is no part of it.
_NO_WORD: Final = re.compile(r"[^a-z0-9\u00df-\u024f]+")


def called(text: str, there: Beyond | None = None) -> tuple[list[Rule], list[Decoder]]:
    """The rules and the decoders that have to look at a text. `there`: what of it is beyond ordinary ASCII."""
    return called_by([(text, beyond(text) if there is None else there)])[0]


def called_by(texts: Sequence[tuple[str, Beyond]]) -> list[tuple[list[Rule], list[Decoder]]]:
    """The same for several texts, each pass over all of them: what it needs is then still in the processor's cache."""
    copies, shapes = [copied(text) for text, _ in texts], shapes_of([text for text, _ in texts])
    known = [(copy, CUED in some) for copy, some in zip(copies, shapes, strict=True) if copy is not None]
    found = iter(likely_in([copy for copy, _ in known], [signed for _, signed in known]))
    shown = shaped_of([text for text, _ in texts], shapes)
    rules = [None if copy is None else next(found) for copy in copies]
    return [
        _called(text, there, *each)
        for (text, there), each in zip(texts, zip(copies, rules, shapes, shown, strict=True), strict=True)
    ]


def _called(
    text: str,
    there: Beyond,
    copy: bytes | None,
    likely: list[Rule] | None,
    shapes: frozenset[str],
    shown: dict[str, Decoder],
) -> tuple[list[Rule], list[Decoder]]:
    if copy is None or likely is None:
        found = words_in(text, there)
        rules = [rule for rule in RULES if _has_words(rule, found) and rule.pattern.found(text)]
        return rules, list((_worded(found) | shown).values())
    rules = [rule for rule in likely if rule.pattern.found(text)]
    foreign, coded = _foreign_in(text, there), is_coded(text, shapes)
    others = _without(foreign)
    accents = any(rule.name in _ACCENTED for rule in rules)
    found = _latin_and_signs(text, there, copy, accents=accents) | foreign if rules or others or coded else _NO_WORDS
    rules = [rule for rule in rules if _has_words(rule, found)]
    rules += [rule for rule in others if _has_words(rule, found) and rule.pattern.found(text)]
    return rules, list(((_worded(found) if coded else {}) | shown).values())


def decoders_in(text: str, there: Beyond | None = None) -> list[Decoder]:
    """The decoders that have to look at a text, without the rules."""
    there, shapes = beyond(text) if there is None else there, shapes_of([text])[0]
    found = words_in(text, there) if is_coded(text, shapes) else _NO_WORDS
    return list((_worded(found) | shaped_of([text], [shapes])[0]).values())


def words_in(text: str, there: Beyond | None = None) -> frozenset[str]:
    """The known words that are in a text: their beginnings, and signs."""
    there = beyond(text) if there is None else there
    read = folded(text, there)
    copy = copied(read)
    return _words_in_any(text) if copy is None else _latin_and_signs(read, there, copy) | _foreign_in(read, there)


def _latin_and_signs(text: str, there: Beyond, copy: bytes, *, accents: bool = True) -> frozenset[str]:
    """The known words of Latin letters in a text of which there is a copy, and signs.

    `accents`: also what is several words with accents, which is searched for in a pass of its own.
    """
    read = folded(text, there)
    plain = copy if read is text else copied(read) or copy
    if LATIN in there.classes or INTO_LATIN in there.classes:
        letters = latin_words(read, there)
    else:
        letters = in_words(plain).decode()
    found = _known_of(_NO_WORD.sub(" ", read.casefold()) if letters is None else letters) | _signs_in(plain.lower())
    if accents and ACCENTED in there.classes:
        found.update(word.casefold() for word in _OF_ACCENTS.texts(read))
    return frozenset(found)


def _foreign_in(text: str, there: Beyond) -> frozenset[str]:
    """The known words of other scripts than Latin in a text."""
    if SCRIPT not in there.classes:
        return _NO_WORDS
    return frozenset(word.casefold() for word in _OF_SCRIPTS.texts(text))


def _words_in_any(text: str) -> frozenset[str]:
    """The words of a text of which there is no copy."""
    lowered = text.casefold()
    found = _known_of(_NO_WORD.sub(" ", lowered))
    found.update(sign for sign in _SIGNS if sign in lowered)
    found.update(word.casefold() for words in (_OF_SCRIPTS, _OF_ACCENTS) for word in words.texts(lowered))
    return frozenset(found)


def _known_of(words: str) -> set[str]:
    return ({word[:BEGINNING] for word in set(words.split())} & _KNOWN) | _SINGLE


def _signs_in(lowered: bytes) -> set[str]:
    """The signs in a text of ASCII, also those that stand within each other."""
    found: set[bytes] = set()
    end, place = len(lowered), _FIND_SIGN(lowered, 0, len(lowered))[0]
    for _ in range(_MOST_SIGNS):
        if place < 0:
            break
        found.update(sign for sign in _SIGNS_BY[lowered[place]] if lowered.startswith(sign, place))
        place = _FIND_SIGN(lowered, _next_place(lowered, place), end)[0]
    if place >= 0:
        found.update(sign for signs in _SIGNS_BY.values() for sign in signs if sign in lowered)
    return {sign.decode() for sign in found}


def _next_place(lowered: bytes, place: int) -> int:
    """The next place where another sign may begin: in a line of dashes the same ones begin at each."""
    first = lowered[place : place + 1]
    if lowered[place : place + _LONGEST_SIGN + 1] != first * (_LONGEST_SIGN + 1):
        return place + 1
    rest = lowered[place:]
    return place + len(rest) - len(rest.lstrip(first)) - _LONGEST_SIGN


def _has_words(rule: Rule, found: frozenset[str]) -> bool:
    return all(not group.isdisjoint(found) for group in _GROUPS_OF[rule.name])


def _without(foreign: frozenset[str]) -> Sequence[Rule]:
    """The rules without cues that may match: those that need words of other scripts only where there are some."""
    return without_cues() if foreign else latin_without()


@cache
def latin_without() -> Sequence[Rule]:
    """The rules without cues that words of Latin letters may call."""
    return tuple(rule for rule in without_cues() if not is_of_another_script(rule))


def is_of_another_script(rule: Rule) -> bool:
    """Whether it needs a word of another script than Latin."""
    return rule.name in _SCRIPTED


def _worded(found: Iterable[str]) -> dict[str, Decoder]:
    return {decoder.name: decoder for word in found for decoder in _DECODER_OF.get(word, ())}
