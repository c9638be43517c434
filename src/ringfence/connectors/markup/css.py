"""Style sheets and style attributes, as far as they can hide text.

Its one rule: linear and bounded. Only watched properties are kept; selectors of tags, classes, ids and their
combinations are understood, and a rule with any other selector is left out (docs/web.md says what that lets through).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias, final

Declarations: TypeAlias = dict[str, str]

_WATCHED: Final = frozenset({
    "display", "visibility", "opacity", "color", "background", "background-color", "background-image", "font",
    "font-size", "text-indent", "position", "left", "top", "right", "bottom", "inset", "margin", "margin-left",
    "margin-top", "width", "height", "max-width", "max-height", "overflow", "overflow-x", "overflow-y", "clip",
    "clip-path", "transform", "translate", "scale", "content-visibility", "-webkit-text-fill-color", "filter",
    "line-height", "-webkit-text-security", "zoom", "letter-spacing", "background-clip", "-webkit-background-clip",
})  # fmt: skip
_MAX_SHEET: Final = 1 << 20
_MAX_RULES: Final = 4_000
_MAX_COMPOUNDS: Final = 6
_MAX_SELECTOR: Final = 300

_COMMENT: Final = re.compile(r"/\*(?:.*?\*/|.*)", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\n]|\\.)*+"|' r"'(?:[^'\\\n]|\\.)*+'", re.DOTALL)
_BRACES: Final = re.compile(r"([{}])")
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_COMPOUND: Final = re.compile(r"(\*|[\w-]+)?((?:[.#][\w-]+)*)")
_PART: Final = re.compile(r"[.#][\w-]+")
_COMBINED: Final = re.compile(r"\s*([>+~])\s*|\s+")
_LENGTH: Final = re.compile(r"(-?\d*\.?\d+)(px|em|rem|%|vw|vh|pt|cm|mm|in|ex|ch|vmin|vmax)?")
_PIXELS: Final = {
    None: 1.0, "px": 1.0, "rem": 16.0, "vw": 12.8, "vh": 8.0, "vmin": 8.0, "vmax": 12.8, "pt": 4 / 3, "cm": 37.8,
    "mm": 3.78, "in": 96.0,
}  # fmt: skip
_FEATURE: Final = re.compile(r"\(\s*(min|max)-(width|height)\s*:\s*([^()]+)\)")
_KNOWN_FEATURES: Final = {
    "(orientation:landscape)": True, "(prefers-color-scheme:light)": True, "(hover:hover)": True, "(hover)": True,
    "(any-hover:hover)": True, "(pointer:fine)": True, "(any-pointer:fine)": True,
    "(prefers-reduced-motion:no-preference)": True, "(scripting:enabled)": True, "(color)": True,
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class Compound:
    """What one element must be: a tag ("" for any), classes, ids."""

    tag: str
    classes: frozenset[str]
    ids: frozenset[str]


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """A selector, from its last compound back, with the combinators before each; and what it declares."""

    compounds: tuple[Compound, ...]
    combinators: tuple[str, ...]
    weight: tuple[int, int, int, int]
    normal: Declarations
    important: Declarations


def declarations(text: str) -> tuple[Declarations, Declarations]:
    """The watched properties of a style attribute or a block: those without and those with `!important`."""
    if "\\" in text:
        text = _unescaped(text)
    normal: Declarations = {}
    important: Declarations = {}
    for part in _COMMENT.sub("", text.lower()).split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip(), value.strip()
        if colon and name in _WATCHED and value:
            bang = value.rfind("!")
            if bang >= 0 and value[bang + 1 :].strip() == "important":
                important[name] = value[:bang].strip()
            else:
                normal[name] = value
    return normal, important


def rules_of(sheets: list[str]) -> list[Rule]:
    """The rules of all sheets, in order, that declare something watched and that could hold on a screen."""
    made: list[Rule] = []
    for sheet in sheets:
        text = _STRING.sub('""', _COMMENT.sub("", sheet[:_MAX_SHEET]))
        for prelude, block in _blocks(text):
            normal, important = declarations(block)
            if normal or important:
                made += _rules(prelude, normal, important, len(made))
            if len(made) >= _MAX_RULES:
                return made[:_MAX_RULES]
    return made


def _blocks(text: str) -> list[tuple[str, str]]:
    """(selectors, declarations) of every block that holds."""
    found: list[tuple[str, str]] = []
    holds: list[bool] = [True]
    preludes: list[str] = [""]
    before = ""
    for piece in _BRACES.split(text):
        if piece == "{":
            prelude = before.rpartition(";")[2].strip()
            inside = bool(preludes[-1]) and not preludes[-1].startswith("@")
            holds.append(holds[-1] and not inside and _holds(prelude))
            preludes.append(prelude)
            before = ""
        elif piece == "}":
            if len(holds) > 1:
                holding, prelude = holds.pop(), preludes.pop()
                if holding and not prelude.startswith("@"):
                    found.append((prelude, before))
            before = ""
        else:
            before = piece
    if len(holds) > 1 and holds[-1] and not preludes[-1].startswith("@"):
        found.append((preludes[-1], before))  # a browser closes what is open at the end
    return found


def _holds(prelude: str) -> bool:
    if not prelude.startswith("@"):
        return True
    name = prelude.lower()
    if name.startswith("@media"):
        return media_holds(prelude[6:])
    return name.startswith(("@supports", "@layer"))


def media_holds(condition: str) -> bool:
    """Whether a media condition holds on a screen of 1280 by 800; one that is not understood does not."""
    return any(_query_holds(query.strip()) for query in condition.lower().split(","))


def _query_holds(query: str) -> bool:
    if query.startswith("not "):
        return not _query_holds(query[4:])
    return all(_part_holds(part.strip()) for part in re.split(r"\sand\s", query.removeprefix("only ")))


def _part_holds(part: str) -> bool:
    if part in {"", "screen", "all"}:
        return True
    found = _FEATURE.fullmatch(part)
    if found is None:
        return _KNOWN_FEATURES.get(re.sub(r"\s+", "", part), False)
    size, limit = (1280 if found[2] == "width" else 800), pixels(found[3], 16.0)
    return limit is not None and (size >= limit if found[1] == "min" else size <= limit)


def _rules(prelude: str, normal: Declarations, important: Declarations, order: int) -> list[Rule]:
    made: list[Rule] = []
    for selector in prelude.split(","):
        parsed = _selector(selector.strip())
        if parsed is not None:
            compounds, combinators = parsed
            ids, classes = (sum(len(getattr(one, key)) for one in compounds) for key in ("ids", "classes"))
            tags = sum(bool(one.tag) for one in compounds)
            made.append(Rule(compounds, combinators, (ids, classes, tags, order + len(made)), normal, important))
    return made


@lru_cache(maxsize=4_096)
def _selector(text: str) -> tuple[tuple[Compound, ...], tuple[str, ...]] | None:
    if not text or len(text) > _MAX_SELECTOR:
        return None
    if "\\" in text:
        text = _unescaped(text)
    compounds: list[Compound] = []
    combinators: list[str] = []
    at = 0
    while True:
        found = _COMPOUND.match(text, at)
        if found is None or not found[0] or len(compounds) == _MAX_COMPOUNDS:
            return None
        parts = _PART.findall(found[2])
        classes, ids = (frozenset(p[1:] for p in parts if p[0] == sign) for sign in ".#")
        compounds.append(Compound("" if found[1] in {None, "*"} else found[1].lower(), classes, ids))
        if found.end() == len(text):
            return tuple(reversed(compounds)), tuple(reversed(combinators))
        combined = _COMBINED.match(text, found.end())
        if combined is None:
            return None
        combinators.append(combined[1] or " ")
        at = combined.end()


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found[1] is None:
            return str(found[2])
        point = int(found[1], 16)
        return chr(point) if 0 < point < 0xD800 or 0xDFFF < point < 0x110000 else "\ufffd"

    return _ESCAPE.sub(character, text)


def pixels(text: str, em: float, whole: float = 1280.0) -> float | None:
    """A length in pixels, None for what is no plain length. `em` is the size of the font, `whole` what 100 % are."""
    found = _LENGTH.fullmatch(text.strip()[:40])
    if found is None:
        return None
    number, unit = float(found[1]), found[2]
    if unit in {"em", "ex", "ch"}:
        return number * em
    return number * whole / 100 if unit == "%" else number * _PIXELS[unit]
