"""The module `urllib.parse`.

Its one rule: it takes addresses apart and puts them together; nothing is fetched.
"""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Final

from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Record, Value, with_label
from ringfence.lang import sizes
from ringfence.lang.builtins.methods.dumping import fields_as_dict
from ringfence.lang.builtins.modules.members import functions, guarded, natives
from ringfence.lang.builtins.modules.records import Address, named_tuple
from ringfence.lang.lifting import Pure, lifted, python_of
from ringfence.lang.objects import Module, Native, deep, settle_deep, split
from ringfence.lang.raised import fail

if TYPE_CHECKING:
    from ringfence.lang.running.engine import Run

_EXTRA: Final = ("hostname", "port", "username", "password")


def _text(url: Plain) -> str:
    if not isinstance(url, str):
        raise TypeError(f"an address must be str, not {type(url).__name__}")
    return url


def _parse(url: Plain, scheme: Plain = "", allow_fragments: Plain = True) -> Record:
    return named_tuple("ParseResult", urllib.parse.urlparse(_text(url), _text(scheme), bool(allow_fragments)), Address)


def _split(url: Plain, scheme: Plain = "", allow_fragments: Plain = True) -> Record:
    return named_tuple("SplitResult", urllib.parse.urlsplit(_text(url), _text(scheme), bool(allow_fragments)), Address)


def _parts(parts: Plain) -> list[str]:
    if isinstance(parts, RecordData):
        return [_text(part) for part in parts.fields.values()]
    if not isinstance(parts, (list, tuple)):
        raise TypeError("the parts of an address are a tuple or a list")
    return [_text(part) for part in parts]


def _join_parts(parts: Plain) -> str:
    rows = _parts(parts)
    if len(rows) not in (5, 6):
        raise ValueError(f"an address has 5 or 6 parts, not {len(rows)}")
    return urllib.parse.urlunparse(rows) if len(rows) == 6 else urllib.parse.urlunsplit(rows)


def _result(raw: Plain) -> urllib.parse.ParseResult | urllib.parse.SplitResult:
    assert isinstance(raw, Record)
    values = [_text(python_of(value)) for value in raw.fields.values()]
    if len(values) == 6:
        return urllib.parse.ParseResult(*values)
    return urllib.parse.SplitResult(*values)


def _geturl(run: Run, receiver: Value) -> Value:
    label = deep(receiver)
    raw, _ = split(receiver)
    return with_label(guarded(label, lambda: _result(raw).geturl()), label)


def _attribute(name: str) -> Pure:
    def read(raw: Plain) -> Plain:
        return getattr(_result(raw), name)

    return read


def _replace(run: Run, receiver: Value, /, **changes: Value) -> Value:
    raw, label = split(receiver)
    assert isinstance(raw, Address)
    for name in changes:
        if name not in raw.fields:
            fail("TypeError", f"{raw.name} has no field '{name}'", label)
    return with_label(named_tuple(raw.name, {**raw.fields, **changes}.values(), Address), label.join(raw.label))


METHODS: Final[dict[type, dict[str, Native]]] = {
    Address: {"geturl": _geturl, "_replace": _replace, "_asdict": fields_as_dict},
}
ATTRIBUTES: Final[dict[type, dict[str, Pure]]] = {Address: {name: _attribute(name) for name in _EXTRA}}


def _quote(string: Plain, safe: Plain = "/") -> str:
    return urllib.parse.quote(string if isinstance(string, bytes) else _text(string), _text(safe))


def _quote_plus(string: Plain, safe: Plain = "") -> str:
    return urllib.parse.quote_plus(string if isinstance(string, bytes) else _text(string), _text(safe))


def _sized(string: Plain, *rest: Plain, **keywords: Plain) -> None:
    if isinstance(string, (str, bytes)):
        sizes.text(len(string) * 3)


def _encode(run: Run, query: Value, doseq: Value = False, safe: Value = "") -> Value:
    """`urlencode(dict or pairs, doseq)`."""
    query, doseq, safe = settle_deep(query), settle_deep(doseq), settle_deep(safe)
    return lifted(_encoded)(run, query, doseq, safe)


def _encoded(query: Plain, doseq: Plain, safe: Plain) -> str:
    return urllib.parse.urlencode(query, bool(doseq), _text(safe))  # type: ignore[arg-type]  # Python's own checks


def _divided(string: Plain = "", *rest: Plain, **keywords: Plain) -> None:
    """Python divides the text at each of these signs, and each part costs as much as five places of a list."""
    if isinstance(string, str):
        sizes.items(5 * max(map(string.count, "%&;")))


_DIVIDING: Final = ("unquote", "unquote_plus", "parse_qs", "parse_qsl")
PARSE: Final = Module(
    "urllib.parse",
    {
        **functions(
            {
                "urlparse": _parse,
                "urlsplit": _split,
                "urlunparse": _join_parts,
                "urlunsplit": _join_parts,
                "urljoin": urllib.parse.urljoin,
                "urldefrag": lambda url: named_tuple("DefragResult", urllib.parse.urldefrag(_text(url))),
                "parse_qs": urllib.parse.parse_qs,
                "parse_qsl": urllib.parse.parse_qsl,
                "quote": _quote,
                "quote_plus": _quote_plus,
                "unquote": urllib.parse.unquote,
                "unquote_plus": urllib.parse.unquote_plus,
            },
            {"quote": _sized, "quote_plus": _sized} | dict.fromkeys(_DIVIDING, _divided),
        ),
        **natives({"urlencode": _encode}),
    },
)
URLLIB: Final = Module("urllib", {"parse": PARSE})
