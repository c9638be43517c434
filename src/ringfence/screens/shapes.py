"""Which decoders have to look at a text, by two passes over it: for its words, and for the kinds of its characters.

With some forty kinds instead of all characters the automaton for all decoders at once stays small, which makes it fast.
A shape is wider than the pattern of its decoder: what has the shape is looked at once more with the pattern.

Its one rule: where the pattern of a decoder matches, its shape does.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Final

from ringfence.screens.decoders import DECODERS, Decoder
from ringfence.screens.patterns import Pattern, PatternSet, finder, literal
from ringfence.screens.rules.rule import needs

# The sign of each kind, and what is of it. What is of none is "#".
_KINDS: Final = {
    **{sign: sign for sign in "\n-._:/|+*=<>?@\\&%"},
    "a": "a",
    "b": "bcdef",
    "g": "ghijk",
    "y": "y",
    "l": "lmnopqrstuvwxz",
    "B": "ABCDEF",
    "G": "GHIJK",
    "L": "LMNOPQRSTUVWXYZ",
    "0": "01",
    "2": "234567",
    "8": "89",
    " ": " \t\r\f\v",
    ",": ",;",
    "q": "\"'`",
    "(": "(",
    "[": "[",
    ")": ")]",
    "~": "~^",
    "!": "!$",
    # Bytes in UTF-8: the first of dashes, dots and Braille, of letters on their head, of flags, of others; the rest.
    "N": "\xc2\xe2",
    "T": "\xc6\xc7\xc8\xc9\xca",
    "V": "\xf0",
    "F": "".join(chr(code) for code in range(0xC0, 0x100) if code not in (0xC2, 0xE2, *range(0xC6, 0xCB), 0xF0)),
    "h": "\x90\x91\xb7",  # the last of hyphens and of the dot in the middle of a line; those of quotation marks are not
    "n": "".join(chr(code) for code in range(0x80, 0xC0) if code not in (0x90, 0x91, 0xB7)),
}
_KIND_OF: Final = {ord(one): ord(kind) for kind, ones in _KINDS.items() for one in ones}
_TABLE: Final = bytes(_KIND_OF.get(code, ord("#")) for code in range(256))

_LOWER, _UPPER, _DIGIT, _HEX = "abgyl", "BGL", "028", "abB028"
_LETTER: Final = _LOWER + _UPPER
_64: Final = rf"{_LETTER}{_DIGIT}+/_\-"
_45: Final = rf"{_UPPER}{_DIGIT} !%*+./:\-"
_CHARACTER: Final = r"(?:[^ \nNTVFnh]|[NTVF][nh]+)"  # one that is no space
_WORD: Final = f"[{_LETTER}{_DIGIT}_]"
_LONE: Final = rf"\n[ >|*+#q\-]*(?:{_WORD}+[.:=)] ?)?[{_64}]+=*[q|, ]*"  # a line with one word and marks of lists
_BETWEEN: Final = r"[ \n,.:_|/\-]?"
_THRICE: Final = "|".join(3 * letter for letter in string.ascii_lowercase)
_PAIR: Final = "(?:aa|bb|gg|yy|ll|BB|GG|LL)"
_MARK: Final = r"(?:[\-*|~]|Nn?h)"
_85: Final = r"!#%&*+,<=>?@~q|\-"
# They begin with what is rare in prose where that can be, so that few states are seen in prose.
SHAPES: Final = {
    "hex": rf"(?:[{_HEX}]{{2}}{_BETWEEN}){{8}}|(?:0[lL][{_HEX}]{{2}}[ \n,]*){{6}}",
    "base32": rf"[{_UPPER}2]{{16}}|2[{_LOWER}]+2[{_LOWER}2]{{14}}",
    "base64": rf"[{_64}]{{2}}[{_UPPER}][{_UPPER}{_DIGIT}+/_\-]*[{_LOWER}][{_LOWER}{_DIGIT}+/_\-]*[{_UPPER}]"
    rf"[{_UPPER}{_DIGIT}+/_\-]*[{_LOWER}][{_64}]{{6}}",
    "base64-words": rf"=+ [{_LETTER}{_DIGIT}+/= ]*[{_LETTER}{_DIGIT}+/]=",
    "binary": rf"0{{7,8}}{_BETWEEN}0{{7,8}}{_BETWEEN}0{{7,8}}",
    "decimal": rf"(?:[{_DIGIT}]{{2,3}}[ \n,.:_|/+\-]{{1,2}}){{8}}"
    rf"|[{_DIGIT}]{{2,3}}\)?[ \n,.:+&]{{1,3}}{_WORD}*"
    rf"(?:{_WORD}[(\[]?[{_DIGIT}]{{2,3}}\)?[ \n,.:+&]{{1,3}}{_WORD}*){{4}}",
    "octal": rf"(?:(?:\\|0[lL]?)?0[02]{{2}}{_BETWEEN}){{8}}",
    "columns": rf"{2 * _LONE}\n|\n[{_HEX}]{{4}}[{_HEX}]*:? +[{_HEX}]{{2}}[{_HEX}]* +[{_HEX}]{{2}}"
    rf"|(?:[ ,|][{_LETTER}{_DIGIT}+/]{{4}}){{5}}",
    "base85": rf"<~|[{_UPPER}][{_LOWER}]?[{_UPPER}{_DIGIT}]?[{_85}][{_LETTER}{_DIGIT}{_85}_()\[]{{16}}"
    rf"|[{_UPPER}{_DIGIT}][!q#%&(\[)*+,\-./:<=>?@\\~][^ \n]{{0,4}}[{_UPPER}][!q#%&(\[)*+,\-./:<=>?@\\~][^ \n]{{10}}"
    rf"|[{_UPPER}{_DIGIT}][!%&*+/<=>?@~.:,(\[)#\-][^ \n]{{0,9}}[{_LOWER}][{_UPPER}{_DIGIT}][^ \n]{{10}}",
    "base45": rf"[{_UPPER}{_DIGIT}][!%*+][{_45}]{{16}}|[{_45}]{{16}}[{_UPPER}{_DIGIT}.:/\-][!%*+]",
    "uuencode": rf"[bB]{{2}}[gG]{{2}}[lL] [02]{{3}} |\nL[^\n{_LOWER}]{{20}}",
    "mime-word": r"=\?[^ \n]+\?[bBlL]\?",
    "url": rf"%[{_HEX}]{{2}}[^%\n]*%[{_HEX}]{{2}}",
    "html": rf"&(?:#|[{_LETTER}]{{2}})",
    "quoted-printable": rf"=(?:[{_HEX}]{{2}}|\n)[^=\n]*=(?:[{_HEX}]{{2}}|\n)",
    "escape": rf"(?:\\+[lL][{_HEX}]{{2}}|(?:\\+[lL]|%[lL]|[lL]?\+)[{_HEX}]{{4}}[ ,]?|\\+[lL]#[{_HEX}]{{1,6}}#){{3}}",
    "utf-7": rf"\+B[BG][{_64}]{{6}}",
    "leetspeak": rf"[02@!|][{_LETTER}][^\n]*[02@!|][{_LETTER}{_DIGIT}]",
    "morse": r"(?:(?:[._\-]|N[nh]+)+(?: *[/|\n] *| +|, ?)){8}",
    "letter-numbers": rf"(?:[{_DIGIT}]{{1,2}}[ .\-,:_|/+]{{1,3}}){{7}}[{_DIGIT}]",
    "morse-bits": r"(?:0{1,6}(?: *[/|] *| {1,4})){8}0",
    "doubled": rf"{_PAIR}{{5}}|{_PAIR}{{2,4}}[^{_LETTER}]{{1,4}}{_PAIR}{{2,4}}[^{_LETTER}]{{1,4}}{_PAIR}{{2}}",
    "braille": "(?:N[nh]{2}){3}",
    "flags": "(?:V[nh]{3} ?){5}",
    "upside-down": r"T[nh][^\n]*T[nh]",
    "pig-latin": rf"(?:[aB][yL][^{_LETTER}\n]+[{_LETTER}]*){{3}}[aB][yL]",
    "spaced": rf"(?:{_WORD}(?:[ .\-_*|/,~+=:]|N[nh]+)+){{4}}{_WORD}"
    rf"|(?:^|[ \n]){_CHARACTER}(?: +{_CHARACTER}){{8}}(?:[ \n]|$)",
    "underscored": rf"(?:_[^ \n_]+){{6}}|[{_UPPER}][{_LOWER}q]*(?:_[^ \n_]+){{4}}",
    "column": rf"(?:\n{_CHARACTER}){{4}}",
    "markup": rf"</?[{_LETTER}]+[^<>\n]*>|<!--|{_WORD}(?:\*\*|__|~~|qq){_WORD}",
    "concatenation": r"q[ \n]*(?:\+|\.{1,2}|&|\|\|)[ \n]*q|[gG][lL]\([ \n]*[(\[][ \n]*q|[aB][lL]\([ \n]*q",
    "hyphens": rf"[{_LETTER}]{_MARK}[{_LETTER}]+[^\n]*[{_LETTER}]{_MARK}[{_LETTER}]"
    rf"|[{_LETTER}][._][{_LETTER}]+[._][{_LETTER}]+ [{_LETTER}]",
}
# Where the commonest letters were there are signs in words in rot47: of each word that is looked for two or three.
ROT47: Final = "rot47"
_SIGNED: Final = (
    r"@[bB][bB2]|@>|=2[bB]|\?<|:[?@][bB]|:8\?|:[bB]{2}|[bB]2>|22="
    r"|:@\?|\?@[bB]|2@\?|@\?[bB]|2\?[bB2]|22@|[bB]8:|2@[bB]|=@[bB]|22\?|[gG]2\?|2==|:\?8|[bB]\?8|[gG]@[bB]"
)
# What the signs begin with by which cues of rules are known; [av, [ins, [tool and _of_t among them.
CUED: Final = "cued"
_CUED: Final = rf"<[/<|!{_LETTER}]|\[(?:/|[aB][lL][aB]|[gG][lL]{{2}}|[lL]{{4}})|://|/\*|:\|:|\|>|_[lL][bB]_[lL]"
_KIND_NAMES: Final = (*SHAPES, ROT47, CUED)
_BY_KINDS: Final = PatternSet((*SHAPES.values(), _SIGNED, _CUED), case=True)

BEGINNING: Final = 5  # letters by which words are looked up
CODED: Final = "coded"
_WORDS: Final = sorted({word for one in DECODERS if one.words for word in needs(one.words).groups[0]})
_CODED: Final = sorted({word[:BEGINNING] for word in _WORDS if word.isalnum()})
_CODED_SIGNS: Final = [word for word in _WORDS if not word.isalnum()]
_FIND_SIGNS: Final = finder("|".join(map(literal, _CODED_SIGNS)), case=True)
# Words in small letters with " ", "\n", "/" for what opens or divides as it does, and "-" for all else.
WORD_SHAPES: Final = {
    CODED: rf"\b(?:{'|'.join(word for word in _CODED if len(word) == BEGINNING)})"
    rf"|\b(?:{'|'.join(word for word in _CODED if len(word) < BEGINNING)})\b",
    "word-order": r"\b(?:instructions|rules|guidelines|directives|orders)[ \-/]+(?:previous|prior|earlier)\b"
    r"|\bprompt[ \-/]+system\b",
    "stretched": _THRICE,
    "glued": r"[a-z]{20}|[a-z]{13}[^ \n/]{12}|[^ \n/]{12}[a-z]{13}|/-[a-z]{13}|[a-z]{13}[^ \n/]{3,30}-//",
    "no-vowels": r"(?:[ \n]+(?:[b-df-hj-np-tv-z][ \n]+)?[b-df-hj-np-tv-z]{2,12}){3}[ \n\-]",
}
_WORD_NAMES: Final = tuple(WORD_SHAPES)
_BY_WORDS: Final = PatternSet(tuple(WORD_SHAPES.values()), case=True)


def _in_words(code: int) -> int:
    sign = chr(code)
    if sign.isascii() and sign.isalnum():
        return ord(sign.lower())
    if sign in " \t\r\f\v\n":
        return ord("\n" if sign == "\n" else " ")
    return ord("/" if sign in "/\\[(" else "-")


_WORD_TABLE: Final = bytes(map(_in_words, range(256)))
_TRIGGERS: Final = {one.name: (one, Pattern(one.trigger)) for one in DECODERS if one.trigger}


def shapes_of(texts: Sequence[str]) -> list[frozenset[str]]:
    """For each text the names of decoders of which the shape is in it.

    CODED and ROT47: words of decoders may be. CUED: signs of cues may be.
    """
    data = [text.encode() for text in texts]
    kinds = [_BY_KINDS.found(one.translate(_TABLE)) for one in data]
    words = [_BY_WORDS.found(one.translate(_WORD_TABLE)) for one in data]
    return [
        frozenset([*(_KIND_NAMES[number] for number in some), *(_WORD_NAMES[number] for number in others)])
        for some, others in zip(kinds, words, strict=True)
    ]


def is_coded(text: str, shapes: frozenset[str]) -> bool:
    """Whether a word by which a decoder is called is in a text with these shapes."""
    if CODED in shapes:
        return True
    if ROT47 not in shapes:
        return False
    lowered = text.lower().encode("ascii", "replace")
    return _FIND_SIGNS(lowered, 0, len(lowered))[0] >= 0


# Decoders that look for their own pattern first, so that nobody has to do it for them; and those whose shape is their
# pattern as long as no marks are there that are not of ASCII.
_LOOKS: Final = frozenset({"concatenation", "glued"})
_SURE: Final = frozenset({"hyphens"})


def shaped_of(texts: Sequence[str], shapes: Sequence[frozenset[str]]) -> list[dict[str, Decoder]]:
    """For each text with its shapes the decoders of which the pattern is in it."""
    made: list[dict[str, Decoder]] = [{} for _ in texts]
    asking = [(name, number) for number, some in enumerate(shapes) for name in some & _TRIGGERS.keys()]
    for name, number in sorted(asking):
        one, trigger = _TRIGGERS[name]
        text = texts[number]
        if name in _LOOKS or (name in _SURE and text.isascii()) or trigger.found_in(text.encode()):
            made[number][name] = one
    return [{name: some[name] for name in _TRIGGERS if name in some} if len(some) > 1 else some for some in made]
