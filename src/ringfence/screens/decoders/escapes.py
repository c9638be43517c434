"""Characters written as escapes: URL, HTML, quoted-printable, and those of programming languages.

Its one rule: see the package.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from ringfence.screens.decoders.decoder import Decoder, replacing
from ringfence.screens.readable import legible
from ringfence.screens.views import Piece

_ONE: Final = (
    r"\\{1,2}u\{([0-9A-Fa-f]{1,6})\}|\\{1,2}U([0-9A-Fa-f]{8})|\\{1,2}u([0-9A-Fa-f]{4})|\\{1,2}x([0-9A-Fa-f]{2})"
    r"|%u([0-9A-Fa-f]{4})|[Uu]\+([0-9A-Fa-f]{4,6})[ ,;]?"
)
_ESCAPE: Final = re.compile(_ONE)
_BARE: Final = re.sub(r"(?<!\\)\((?!\?)", "(?:", _ONE)


def _percent(run: str) -> str | None:
    made = unquote(run, errors="replace")
    return made if "\ufffd" not in made else None


_QP: Final = re.compile(r"=(?:[0-9A-Fa-f]{2}|\r?\n)")
_FAR: Final = 100  # characters between two escapes of one text


def _quoted_printable(text: str) -> Iterator[Piece]:
    """The lines in which escapes stand near each other."""
    group: list[re.Match[str]] = []
    for found in [*_QP.finditer(text), None]:
        if group and (found is None or found.start() - group[-1].end() > _FAR):
            start, end = text.rfind("\n", 0, group[0].start()) + 1, (text + "\n").index("\n", group[-1].end())
            made = binascii.a2b_qp(text[start:end].encode("utf-8", "replace")).decode("utf-8", "replace")
            if len(group) > 1 and legible(made):
                yield Piece(start, end, made)
            group = []
        if found is not None:
            group.append(found)


def _unescaped(run: str) -> str | None:
    made = _ESCAPE.sub(lambda found: _character(next(group for group in found.groups() if group)), run)
    return made if legible(made) else None


def _utf7(run: str) -> str | None:
    try:
        made = run.encode("ascii").decode("utf-7")
    except UnicodeError:
        return None
    return made if legible(made) else None


def _character(digits: str) -> str:
    point = int(digits, 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"


_MIME: Final = re.compile(r"=\?[\w-]{2,20}\?([bBqQ])\?([^?\s]{1,500})\?=(?:\s{1,4}(?==\?))?")


def _mime_words(text: str) -> Iterator[Piece]:
    """Words of headers of mail (RFC 2047). Those that follow each other are one text."""
    for found in _MIME.finditer(text):
        data = found[2].encode("utf-8", "replace")
        try:
            made = binascii.a2b_base64(data) if found[1] in "bB" else binascii.a2b_qp(data, header=True)
        except binascii.Error:
            continue
        said = made.decode("utf-8", "replace")
        if legible(said):
            yield Piece(found.start(), found.end(), said)


ESCAPES: Final = (
    Decoder("mime-word", r"=\?[\w-]{2,20}\?[bq]\?", _mime_words),
    Decoder(
        "url",
        r"%[0-9a-f]{2}[^%\n]{0,12}%[0-9a-f]{2}",
        replacing(re.compile(r"\S*?%[0-9A-Fa-f]{2}\S*"), _percent),
    ),
    Decoder(
        "html",
        r"&(?:#0{0,7}\d{2,6}|#x0{0,7}[0-9a-f]{2,5}|[a-z]{2,12});?",
        replacing(re.compile(r"(?:&(?:#0{0,7}\d{2,6}|#[xX]0{0,7}[0-9A-Fa-f]{2,5}|[A-Za-z]{2,12});?)+"), html.unescape),
    ),
    Decoder(
        "quoted-printable",
        r"=(?:[0-9A-F]{2}|\n)[^=\n]{0,60}=(?:[0-9A-F]{2}|\n)",
        _quoted_printable,
    ),
    Decoder(
        "escape",
        r"(?:\\{1,2}x[0-9a-f]{2}|(?:\\{1,2}u|%u|u\+)[0-9a-f]{4}[ ,;]?|\\{1,2}u\{[0-9a-f]{1,6}\}){3}",
        replacing(re.compile(rf"(?:{_BARE})(?:[ \w]{{0,8}}(?:{_BARE}))*"), _unescaped),
    ),
    Decoder(
        "utf-7",
        r"(?-i:\+A[A-H][A-Za-z0-9+/]{6})",
        replacing(re.compile(r"(?:\+[A-Za-z0-9+/]+-?[ -*,-.:-~]{0,8})+"), _utf7),
    ),
)
