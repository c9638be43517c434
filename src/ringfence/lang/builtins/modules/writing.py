"""The modules about text: `string`, `textwrap`, `html`, `unicodedata`, `base64`.

Its one rule: what could grow faster than its input asks first.
"""

from __future__ import annotations

import base64
import html
import string
import textwrap
import unicodedata
from typing import Final

from ringfence.core.errors import LimitExceeded
from ringfence.core.plain import Plain
from ringfence.lang import sizes
from ringfence.lang.builtins.modules.members import functions, refused
from ringfence.lang.lifting import Pure
from ringfence.lang.objects import Module

_MAX_WRAPPED: Final = 200_000
_MAX_INDENT: Final = 1_000
_OPTIONS: Final = (
    "width initial_indent subsequent_indent expand_tabs tabsize replace_whitespace fix_sentence_endings "
    "break_long_words drop_whitespace break_on_hyphens max_lines placeholder"
)

_CONSTANTS: Final = (
    "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable punctuation whitespace"
)


def _words(s: Plain, *sep: Plain) -> None:
    if isinstance(s, str):
        sizes.items(sum(map(s.count, string.whitespace)))


STRING: Final = Module(
    "string",
    {
        **{name: getattr(string, name) for name in _CONSTANTS.split()},
        **functions({"capwords": string.capwords}, {"capwords": _words}),
        **{name: refused(name, "write an f-string") for name in ("Template", "Formatter")},
    },
)


def _fits(text: Plain, *rest: Plain, **options: Plain) -> None:
    if isinstance(text, str) and len(text) > _MAX_WRAPPED:
        raise LimitExceeded("size", f"textwrap takes texts of up to {_MAX_WRAPPED:,} characters")
    prefixes = [part for part in (*rest, *options.values()) if isinstance(part, str)]
    tabs = options.get("tabsize", 8)
    if isinstance(text, str) and isinstance(tabs, int):
        sizes.text(len(text) + text.count("\t") * max(tabs, 0))
    if prefixes and max(map(len, prefixes)) > _MAX_INDENT:
        raise LimitExceeded("size", f"textwrap takes indents of up to {_MAX_INDENT:,} characters")


def _wrapping(name: str) -> Pure:
    found: Pure = getattr(textwrap, name)

    def call(text: Plain, width: Plain = 70, **options: Plain) -> Plain:
        unknown = sorted(set(options) - set(_OPTIONS.split()))
        if unknown:
            raise TypeError(f"{name}() got an unexpected keyword argument '{unknown[0]}'")
        return found(text, width, **options)

    return call


def _indent(text: Plain, prefix: Plain) -> str:
    if not isinstance(text, str) or not isinstance(prefix, str):
        raise TypeError("indent() takes two texts")
    sizes.text(len(text) + (text.count("\n") + 1) * len(prefix))
    return textwrap.indent(text, prefix)


_WRAPPERS: Final = ("wrap", "fill", "shorten")
TEXTWRAP: Final = Module(
    "textwrap",
    functions(
        {**{name: _wrapping(name) for name in _WRAPPERS}, "dedent": textwrap.dedent, "indent": _indent},
        {**dict.fromkeys(_WRAPPERS, _fits), "dedent": _fits},
    ),
)


def _escaped(text: Plain, *rest: Plain, **options: Plain) -> None:
    if isinstance(text, str):
        sizes.text(len(text) * 6)


def _unescaped(s: Plain) -> None:
    if isinstance(s, str):
        sizes.work(2 * s.count("&"))


HTML: Final = Module(
    "html",
    functions({"escape": html.escape, "unescape": html.unescape}, {"escape": _escaped, "unescape": _unescaped}),
)


def _normal(form: Plain, text: Plain) -> None:
    if isinstance(text, str):
        sizes.text(len(text) * 18)  # the longest decomposition of one character


_CHARACTERS: Final = "bidirectional category combining decimal digit mirrored name numeric east_asian_width lookup"
UNICODE: Final = Module(
    "unicodedata",
    functions(
        {
            **{name: getattr(unicodedata, name) for name in _CHARACTERS.split()},
            "normalize": unicodedata.normalize,
            "is_normalized": unicodedata.is_normalized,
        },
        {"normalize": _normal, "is_normalized": _normal},
    ),
)

_CODECS: Final = ("b16", "b32", "b64", "b85", "standard_b64", "urlsafe_b64")
BASE64: Final = Module(
    "base64",
    functions({f"{name}{way}": getattr(base64, f"{name}{way}") for name in _CODECS for way in ("encode", "decode")}),
)
