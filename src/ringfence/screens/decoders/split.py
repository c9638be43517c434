"""Words taken apart: spaced letters, hyphens, pieces of text that a program would join.

Its one rule: see the package.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from typing import Final

from ringfence.screens.decoders import places
from ringfence.screens.decoders.decoder import Decoder, lines
from ringfence.screens.decoders.markup import MARKUP
from ringfence.screens.patterns import finder
from ringfence.screens.views import Piece
from ringfence.screens.words import in_words, is_word, known_words

_SEPARATORS: Final = r"[ \t.\-_*|/·•,~+=^:]"
_ONE: Final = re.compile(_SEPARATORS)
# Single characters in a row, each between spaces; letters between any separators; words of letters between the same
# mark, where the marks of the words themselves stand between two of it.
_SINGLES: Final = re.compile(r"(?<!\S)\S(?:[ \t]{1,12}\S){4,}(?!\S)")
_SPACED: Final = re.compile(rf"(?<![^\W_])[^\W_](?:{_SEPARATORS}{{1,8}}[^\W_]){{4,}}(?![^\W_])")
_MARKED: Final = re.compile(r"(?<!\S)\S([.\-_*|/·•,~+=^:])\S(?:\1\S)*(?!\S)")
_SHORT: Final = 6  # three letters with marks between
_WIDE: Final = re.compile(rf"[ \t]{{2,}}|{_SEPARATORS}{{3,}}|[ \t]*[/|][ \t]*")
_GAP: Final = re.compile(r"[ \t]+")
_LETTERS, _SOME_LETTERS = 0.6, 0.35  # of the single characters
_LONGEST_WORD: Final = 20
_CODE: Final = 32  # single characters that are no words, and may be a code


def _apart(text: str) -> Iterator[Piece]:
    """Runs of single characters as words; where two readings overlap, the more certain one."""
    taken: list[Piece] = []
    for found in (_singles(text), _marked(text), _spaced(text)):
        free = [piece for piece in found if not any(one.start < piece.end and piece.start < one.end for one in taken)]
        taken += free
    return iter(sorted(taken, key=lambda piece: piece.start))


def _singles(text: str) -> Iterator[Piece]:
    for one in _SINGLES.finditer(text):
        made = _from_singles(one.group())
        if made is not None:
            yield Piece(one.start(), one.end(), made)


def _marked(text: str) -> Iterator[Piece]:
    for start, end in lines(text):
        found = list(_MARKED.finditer(text, start, end))
        if sum(len(one.group()) > _SHORT for one in found) > 1:
            yield from (Piece(one.start(), one.end(), one.group()[::2]) for one in found)


def _spaced(text: str) -> Iterator[Piece]:
    for one in _SPACED.finditer(text):
        made = _joined(one.group())
        if made is not None:
            yield Piece(one.start(), one.end(), made)


def _from_singles(run: str) -> str | None:
    """Single characters with spaces between: words end where the gaps are wider, else where known words end."""
    signs = run.split()
    letters = sum(map(str.isalpha, signs))
    if letters < _LETTERS * len(signs):
        divided = _unglued("".join(signs)) if letters >= _SOME_LETTERS * len(signs) else None
        if divided is not None:
            return divided
        return "".join(signs) if len(signs) >= _CODE and letters and all(map(str.isalnum, signs)) else None
    narrow = min(map(len, _GAP.findall(run)))
    words = re.split(rf"[ \t]{{{narrow + 1},}}", run)
    if len(words) > 1 and max(map(len, words)) > 1:
        return " ".join("".join(word.split()) for word in words)
    strokes = ["".join(word.split()) for word in _STROKE.split(run)]
    if len(strokes) > _FEWEST and max(map(len, strokes)) <= _LONGEST_WORD:
        return " ".join(strokes)
    return _unglued("".join(signs)) or _joined(run) or ("".join(signs) if len(signs) >= _CODE else None)


_STROKE: Final = re.compile(r"[ \t]+[/|_][ \t]+")


def _joined(run: str) -> str | None:
    """The letters as words: apart where the gaps are wider, else where known words begin."""
    parts = [_ONE.sub("", part) for part in _WIDE.split(run)]
    if len(parts) > 1 and max(map(len, parts)) > 1:
        return " ".join(parts)
    return in_words("".join(parts))


_MARK: Final = r"[-‐‑·*|~^]"
_HYPHENS: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?:(?:[-‐‑](?:\r?\n)?|[·.*_|~^])[A-Za-z]+)+(?![A-Za-z0-9])")
_OTHER_MARKS: Final = re.compile(r"[·.*_|~^]")
_NO_LETTER: Final = re.compile(r"[^A-Za-z]+")
_INSIDE: Final = re.compile(rf"(?<=\w){_MARK}(?=\S)")
_SURE: Final = 2  # words of a line that the same mark takes apart


def _hyphens(text: str) -> Iterator[Piece]:
    """Words that are taken apart in the middle: what is left without the marks is a known word.

    Where that is so of several words in a line, its other words are joined too, known or not.
    """
    known = [one for run, start in _runs(text) for one in _known(run, start)]
    sure = _sure_lines(text, known) if known else []
    for start, end, mark in sure:
        yield from (Piece(m.start(), m.end(), "") for m in _INSIDE.finditer(text, start, end) if m.group() == mark)
    if not sure:
        yield from (piece for _, piece in known)


# As _HYPHENS in texts of ASCII, with the digits that may be beside it.
_BROKEN: Final = finder(r"[a-z0-9]*[a-z](?:(?:[.*_|~^]|-(?:\r?\n)?)[a-z0-9]+)+", longest=True)
_NO_LETTERS: Final = b"-.*_|~^\r\n"
_SMALL: Final = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_NO_HYPHEN: Final = re.compile(rb"[.*_|~^]")


def _runs(text: str) -> Iterator[tuple[str, int]]:
    """What `_HYPHENS` finds, and where, without runs whose marks are all the same and that are no word without them."""
    if not text.isascii() and any(mark in text for mark in "·‐‑"):
        yield from ((one.group(), one.start()) for one in _HYPHENS.finditer(text))
        return
    data, known = places.copy_of(text), known_words()
    spans = list(_broken(data))
    runs = [data[start:end] for start, end in spans]
    words = b" ".join(runs).translate(_SMALL, _NO_LETTERS).decode().split(" ")
    for (start, end), run, word in zip(spans, runs, words, strict=True) if runs else ():
        if not word.isalpha():  # digits beside letters
            yield from ((one.group(), one.start()) for one in _HYPHENS.finditer(text, start, end))
        elif word in known or (b"-" in run and _NO_HYPHEN.search(run) is not None):
            yield run.decode(), start


def _broken(data: bytes) -> Iterator[tuple[int, int]]:
    size = len(data)
    start, end = _BROKEN(data, 0, size)
    while start >= 0:
        yield start, end
        start, end = _BROKEN(data, end, size)


def _known(run: str, start: int) -> Iterator[tuple[str, Piece]]:
    """The known words of a run, each with its mark: the run itself, or its parts between marks that are no hyphens."""
    marks = set(_NO_LETTER.findall(run))
    parts = [run] if len({mark[0] for mark in marks}) == 1 else _OTHER_MARKS.split(run)
    for part in parts:
        mark = _NO_LETTER.search(part)
        joined = _NO_LETTER.sub("", part)
        if mark is not None and is_word(joined):
            place = start + run.index(part)
            yield mark.group()[0], Piece(place, place + len(part), joined)


def _sure_lines(text: str, known: list[tuple[str, Piece]]) -> list[tuple[int, int, str]]:
    """The lines in which a mark takes several words apart, each with the mark."""
    counts = Counter((text.rfind("\n", 0, piece.start) + 1, mark) for mark, piece in known if mark not in "._")
    sure = {start: mark for (start, mark), count in counts.items() if count >= _SURE}
    return [(start, (text + "\n").index("\n", start), mark) for start, mark in sure.items()]


_LITERAL: Final = r"""(?:"(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'|`(?:[^`\\\n]|\\.){0,400}`)"""
_PLUS: Final = r"\s{0,20}(?:\+|\.{1,2}|&|\|\|)\s{0,20}"
_LISTED: Final = r"""\bjoin\(\s{0,20}[\[(]\s{0,20}["'`]|\bconcat\(\s{0,20}["'`]"""
# Every literal is matched, also one that stands alone, so that what is between two of them is not taken for one.
_CHAIN: Final = re.compile(
    rf"(?<!\w)(?:\b[rbfu]{{1,2}})?{_LITERAL}(?:{_PLUS}{_LITERAL})*"
    rf"|(?:\bjoin\(\s{{0,20}}[\[(]|\bconcat\()\s{{0,20}}{_LITERAL}(?:\s{{0,20}},\s{{0,20}}{_LITERAL})+",
    re.IGNORECASE,
)
_JOIN: Final = re.compile(rf"""["'`]{_PLUS}["'`]|{_LISTED}""")
_BARE: Final = re.compile(rf"""(?<=[\w ])["'`]{_PLUS}["'`](?=[\w ])""")
_FIND_JOIN: Final = finder(
    r"""["'`][\s\v?]*(?:\+|\.|&|\|\|)[.\s\v?]*["'`]|\b(?:join\([\s\v?]*[\[(]|concat\()[\s\v?]*["'`]""", case=True
)
_ONE_LITERAL: Final = re.compile(_LITERAL)


def _concatenated(text: str) -> Iterator[Piece]:
    """Pieces of text that a program would join, without their quotation marks."""
    found: list[Piece] = []
    done = 0
    for join in places.starts(_FIND_JOIN, _JOIN, text):
        while done < join.end():
            chain = _CHAIN.search(text, max(done, text.rfind("\n", 0, join.start()) + 1))
            if chain is None:
                break
            done = chain.end()
            literals = [one[1:-1] for one in _ONE_LITERAL.findall(chain.group())]
            if len(literals) > 1:
                found.append(Piece(chain.start(), chain.end(), "".join(literals)))
    yield from found or (Piece(*one.span(), "") for one in places.starts(_FIND_JOIN, _BARE, text))


_GLUED: Final = re.compile(r"(?<!\S)(?![a-z]+://|[/\\])[^\s\\]{20,400}")
# Twenty letters; or thirteen small ones beside as much else, or behind what a function's name ends with.
_GLUED_TRIGGER: Final = (
    r"[a-z]{20}|(?-i:[a-z]{13}[^\s/\\\[(]{17}|[^\s/\\\[(]{17}[a-z]{13}|\(\)[a-z]{13}|[a-z]{13}[^\s/\\\[(]{3,30}://)"
)
_FIND_GLUED: Final = finder(_GLUED_TRIGGER)
_RUN: Final = re.compile(r"(?<!@)\b[A-Za-z]{4,}|(?<=\d)[A-Za-z]{4,}|(?<=_)[a-z]{13,}")
_CLITIC: Final = re.compile(r"(?<=[a-z])['’](?:s|t|re|ve|ll|d|m)(?=[A-Za-z]{3})")
_MAIL: Final = re.compile(r"(?<=[a-z])e-mails?|(?<![a-z])e-mails?(?=[a-z])")
_SCHEME: Final = re.compile(r"(?<=[a-z])https?(?=://)")
_CAPITALS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EACH: Final = 5  # letters to a word, at least
_LONG, _LONGER, _WORD_LENGTH = 13, 20, 30
_FEWEST: Final = 3  # spaces that are missing
# Where a space stood, if there were any: after a mark that no address has there, and between digits and words.
_STOOD: Final = re.compile(
    r"(?<=[;!?)\]}])(?=\w)|(?<=,)(?=[A-Za-z])|(?<=[A-Za-z],)(?=\d)|(?<=\d)(?=[A-Z]{3}\b)|(?<=:)(?=[A-Za-z])|(?<=\.)(?=[A-Z])|(?<=\d)(?=[A-Za-z]{4})|(?<=[a-z]{3})(?=\d)"
)


def _glued(text: str) -> Iterator[Piece]:
    """Words without spaces: a long run of letters that are words, and what else stands in the same word."""
    for found in places.tokens(_FIND_GLUED, _GLUED, text):
        word = found.group()
        longest = max(map(len, _RUN.findall(word)), default=0)
        if longest < _LONGER and not (longest >= _LONG and len(word) >= _WORD_LENGTH):
            continue
        made = _unglued(word)
        if made is not None:
            yield Piece(found.start(), found.end(), made)


def _unglued(word: str) -> str | None:
    """The words of which it is made, or None if these are too few."""
    made = _RUN.sub(_divided, _in_units(word))
    spaces = made.count(" ")
    if spaces < _FEWEST - 1:
        return None
    spaced = _STOOD.sub(" ", made).strip()
    return spaced if spaces >= _FEWEST or spaced.count(" ") > _FEWEST else None


def _in_units(word: str) -> str:
    """Apart what is no run of letters, and yet one with the letters beside it: what's, e-mail, http:."""
    if "'" in word or "’" in word:
        word = _CLITIC.sub(r"\g<0> ", word)
    if "e-mail" in word:
        word = _MAIL.sub(r" \g<0> ", word)
    return _SCHEME.sub(r" \g<0>", word) if "://" in word else word


def _divided(run: re.Match[str]) -> str:
    """A run of letters in words. Where few capital letters follow small ones, words begin there."""
    letters = run.group()
    if letters[1:].islower():
        return in_words(letters) or letters
    cuts = [cut.start() for cut in _CAPITALS.finditer(letters)]
    return in_words(letters, cuts if _EACH * len(cuts) <= len(letters) else ()) or letters


# Six underscores; or four in what begins with a capital letter and has a mark where words of a program have none.
_PART: Final = r"(?:[^\s_`|]{1,60}|\|)"
_SIX_PARTS: Final = rf"(?:_{_PART}){{6}}"
_FOUR_PARTS: Final = rf"[A-Z][a-z']{{0,30}}(?:_{_PART}){{4}}"
_UNDERSCORED: Final = re.compile(
    rf"(?<!def )(?<!function )(?<![\w./`\"':])(?:[^\s_`|:][^\s_`|]{{0,30}}{_SIX_PARTS}"
    rf"|(?=[^\s`]+?(?:[,:;!?.]_|://|\w@\w|[.!?](?!\S))){_FOUR_PARTS})(?:_{_PART})*"
)
_UNDERSCORED_TRIGGER: Final = rf"(?-i:{_SIX_PARTS}|{_FOUR_PARTS})"
_FIND_UNDERSCORED: Final = finder(_UNDERSCORED_TRIGGER, case=True)


def _underscored(text: str) -> Iterator[Piece]:
    """A sentence with underscores for spaces. Names of functions, where they are defined, are none."""
    for found in places.tokens(_FIND_UNDERSCORED, _UNDERSCORED, text):
        yield Piece(found.start(), found.end(), found.group().replace("_", " "))


_COLUMN: Final = re.compile(r"(?<![^\n])\S(?:\n[^\n]){8,}(?![^\n])")


def _column(text: str) -> Iterator[Piece]:
    """A character a line."""
    for found in _COLUMN.finditer(text):
        made = "".join(line or " " for line in found.group().split("\n"))
        yield Piece(found.start(), found.end(), made if " " in made else _unglued(made) or made)


# What is left when a word of instructions is taken apart, as far as it is no word itself.
_FRAGMENTS: Final = (
    "igno nore truction tructions ruction ructions uction uctions ction ctions tion tions prev evious vious ious "
    "disr sregard egard gard forg rget erride rride delines elines idelines sword swords ssword sswords syst "
    "ystem prom ompt mpt assi sistant istant stant tant reve secr cret nfidential fidential ential entials ntial "
    "ntials tial ecute cute tran ansfer nsfer sfer dow wnload nload forw orward rward upl uplo pload dele lete "
    "edentials erything rything ything"
).split()


SPLITS: Final = (
    Decoder("spaced", rf"(?:\b\w{_SEPARATORS}{{1,8}}){{4}}\w\b|(?:(?:^|\s)\S(?:[ \t]{{1,12}}\S){{8}}(?:\s|$))", _apart),
    Decoder("glued", _GLUED_TRIGGER, _glued),
    Decoder("underscored", _UNDERSCORED_TRIGGER, _underscored),
    Decoder("column", r"(?:\n\S){4}", _column),
    MARKUP,
    Decoder("concatenation", rf"""["'`]\s*(?:\+|\.{{1,2}}|&|\|\|)\s*["'`]|{_LISTED}""", _concatenated),
    Decoder(
        "hyphens",
        r"[a-z][-‐‑·*|~^][a-z]+[^\n]*[a-z][-‐‑·*|~^][a-z]|[a-z][._][a-z]+[._][a-z]+ [a-z]",
        _hyphens,
        "|".join(_FRAGMENTS),
    ),
)
