"""Private words in a text of an address, also under another alphabet: shifted, in digits and signs, without vowels.

Both the private words and the text are brought into a form that is the same for all ways of writing a word: its letters
counted from its first one (any shift of Caesar's), letters for the digits and signs that look like them, consonants.

Its one rule: the work for a text is linear in its length, however many private words there are.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias, final

_LOW: Final = string.ascii_lowercase
_TURNS: Final = {letter: str.maketrans(_LOW, _LOW[-place:] + _LOW[:-place]) for place, letter in enumerate(_LOW)}
_LETTERS: Final = str.maketrans("i", "l")
_DIGITS: Final = str.maketrans("0123456789", "olzeasgtbg")
_SIGNS: Final = str.maketrans("@$!|€£+", "asllelt")
_SIGN: Final = re.compile(r"[@$!|€£+]")
_VOWELS: Final = str.maketrans("", "", "aeiou")
_DIGIT: Final = re.compile(r"\d")
_RUN: Final = re.compile(r"[a-z0-9]+")
_LIKE_LETTER: Final = re.compile(r"\d[a-z]")
_TOKEN: Final = re.compile(r"[^\W_]+")
_NUMBERS: Final = re.compile(r"\d{6,}")
_PART: Final = 8  # a private word of so many letters is found inside of a longer one, too
_NUMBER: Final = 6  # and a number of so many digits
_ALIKE: Final = 64
_CONSONANTS: Final = 6
_DIFFERENT: Final = 4  # letters, without which a shifted word may be any
_FEWEST: Final = 5  # so many of a word in which letters are counted from its first one

Words: TypeAlias = frozenset[str]
Begun: TypeAlias = dict[str, list[tuple[str, str]]]


@final
@dataclass(frozen=True, slots=True)
class Wanted:
    """Private words in the forms in which they are looked for, each with the word itself; some by how they begin."""

    exact: Begun
    marked: Begun  # with signs in them: an address, a date
    numbers: Begun
    spelled: dict[str, str]  # numbers in letters
    alike: dict[str, str]  # letters for digits
    alike_begun: Begun
    turned: dict[str, str]  # letters counted from the first one, in short words
    turned_begun: Begun
    bare: dict[str, str]  # consonants


@lru_cache(maxsize=8)
def wanted(words: Words) -> Wanted:
    """The forms of private words. Of very many that begin alike their beginning alone counts, so that time is bound."""
    plain = [word for word in sorted(words) if _TOKEN.fullmatch(word)]
    alike = {_alike(word): word for word in plain if not word.isdigit()}
    turned = {key: word for word in plain if len(set(key := _turned(word))) >= _DIFFERENT}
    bare = {key: word for word in plain if len(key := word.translate(_VOWELS)) >= _CONSONANTS and key.isalpha()}
    return Wanted(
        _begun(((word, word) for word in plain), _PART),
        _begun(((word, word) for word in words.difference(plain)), _NUMBER),
        _begun(((word, word) for word in plain if word.isdigit()), _NUMBER),
        {word.translate(_DIGITS): word for word in plain if word.isdigit()},
        alike,
        _begun(alike.items(), _PART),
        {key: word for key, word in turned.items() if len(key) < _PART},
        _begun(turned.items(), _PART),
        bare,
    )


def private_in(text: str, known: Wanted) -> tuple[Words, Words]:
    """The private words that a text in small letters holds as they are, and those that it holds in a disguise."""
    found = {*_inside(text, known.marked, _NUMBER), *_inside(text, known.exact, _PART)}
    for number in _NUMBERS.findall(text):
        found.update(_inside(number, known.numbers, _NUMBER))
    tokens = frozenset(_TOKEN.findall(text))
    forms = (_alike(text), _alike(text.translate(_SIGNS)) if _SIGN.search(text) else text) if known.alike else ()
    for form in dict.fromkeys(forms):
        found.update(_inside(form, known.alike_begun, _PART))
        found.update(known.alike[token] for token in known.alike.keys() & _TOKEN.findall(form))
    spelled = {token.translate(_DIGITS) for token in tokens if _DIGIT.search(token)}
    found.update(known.spelled[key] for key in known.spelled.keys() & spelled)
    found.update(known.bare[token] for token in known.bare.keys() & tokens)
    if known.turned:
        short = {_turned(token) for token in tokens if _NUMBER <= len(token) < 2 * _PART}
        found.update(known.turned[key] for key in known.turned.keys() & short)
    found.update(_turned_inside(text, known.turned_begun))
    plain = frozenset(word for word in found if word in text)
    return plain, frozenset(found) - plain


def _alike(text: str) -> str:
    """Letters for the digits that look like them in words with one before a letter, and those that look alike as one.

    Digits at the end of a word count something: `chapter5` is not `chapters`. Accents are left out.
    """
    if not text.isascii():
        taken = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        text = "".join(one for one in taken if not unicodedata.combining(one))
    text = text.translate(_LETTERS)
    return _RUN.sub(lambda found: _spelled(found[0]), text) if _LIKE_LETTER.search(text) else text


def _spelled(run: str) -> str:
    return run.translate(_DIGITS) if _LIKE_LETTER.search(run) else run


def _turned(word: str) -> str:
    """The letters of a word counted from its first one, from there on; "" if it has too few."""
    first = next((place for place, one in enumerate(word) if one in _TURNS), len(word))
    rest = word[first:]
    return rest.translate(_TURNS[rest[0]]) if sum(one in _TURNS for one in rest) >= _FEWEST else ""


def _turned_inside(text: str, begun: Begun) -> Iterator[str]:
    """The same for words anywhere in a text: it is turned once for each of its letters."""
    forms = {letter: text.translate(_TURNS[letter]) for letter in _TURNS.keys() & frozenset(text)} if begun else {}
    parts = {forms[one][place : place + _PART] for place, one in enumerate(text) if one in forms}
    for form in forms.values() if not begun.keys().isdisjoint(parts) else ():
        yield from _told(form, begun, parts)


def _inside(text: str, begun: Begun, size: int) -> Iterator[str]:
    """The words of which a form stands anywhere in a text."""
    parts = {text[place : place + size] for place in range(len(text) - size + 1)} if begun else set()
    if not begun.keys().isdisjoint(parts):
        yield from _told(text, begun, parts)


def _told(form: str, begun: Begun, parts: Iterable[str]) -> Iterator[str]:
    for part in begun.keys() & parts:
        yield from (word for key, word in begun[part] if key in form)


def _begun(forms: Iterable[tuple[str, str]], size: int) -> Begun:
    found: Begun = {}
    for key, word in forms:
        if len(key) >= size:
            found.setdefault(key[:size], []).append((key, word))
    return {first: some if len(some) <= _ALIKE else [(first, some[0][1])] for first, some in found.items()}
