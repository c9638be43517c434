"""From the properties of an element to: is it shown, and how does its text look?

Its one rule: each way to hide text is one small function of the properties; what is inherited is in `Look`. Lengths are
those of a window of 1280 by 800. What cannot be told from the page itself is taken as shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, final

from ringfence.connectors.markup import colours
from ringfence.connectors.markup.colours import Colour
from ringfence.connectors.markup.css import Declarations, pixels

_FAR: Final = 500.0
_TINY_FONT: Final = 2.5
_FAINT: Final = 0.06
_LEAST_CONTRAST: Final = 1.2
_NUMBERS: Final = re.compile(r"-?\d*\.?\d+(?:[a-z%]+)?")
_CALL: Final = re.compile(r"([a-z0-9]+)\(([^()]*)\)")
_SIZES: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class Look:
    """What text inherits. `background` is None where a picture or something unknown lies behind."""

    colour: Colour = colours.BLACK
    background: Colour | None = colours.WHITE
    font: float = 16.0
    opacity: float = 1.0
    indented_away: bool = False
    invisible: bool = False

    @property
    def shows(self) -> bool:
        """Whether text with this look can be read."""
        if self.invisible or self.indented_away or self.font < _TINY_FONT or self.colour[3] < _FAINT:
            return False
        if self.background is None:
            return True
        return colours.contrast(colours.over(self.colour, self.background), self.background) >= _LEAST_CONTRAST


def removes(style: Declarations, look: Look) -> bool:
    """Whether an element and all in it is not shown."""
    return any(way(style, look) for way in _WAYS)


def inherit(look: Look, style: Declarations) -> Look:
    """The look of what is in an element, from the look around it."""
    look = replace(look, font=_font(style, look.font), opacity=look.opacity * _opacity(style))
    if (found := style.get("visibility")) is not None:
        look = replace(look, invisible=found in {"hidden", "collapse"})
    if (indent := style.get("text-indent")) is not None:
        away = pixels(indent.split()[0], look.font)
        look = replace(look, indented_away=away is not None and not -_FAR < away < 10 * _FAR)
    if "text" in (style.get("background-clip"), style.get("-webkit-background-clip")):
        return replace(look, colour=colours.BLACK, background=None)  # text that is filled with its background
    text = style.get("-webkit-text-fill-color", style.get("color"))
    colour = None if text is None else colours.colour_of(text)
    return replace(look, colour=look.colour if colour is None else colour, background=_background(style, look))


def _background(style: Declarations, look: Look) -> Colour | None:
    text = style.get("background-color", style.get("background"))
    picture = style.get("background-image", "none") != "none"
    if text is None:
        return None if picture else look.background
    found = colours.background_of(text)
    if picture or "url(" in text or "gradient" in text:
        return None
    if found is None or found[3] == 0:
        return look.background if found is not None or text in {"none", "inherit", "transparent"} else None
    return colours.over(found, look.background) if look.background is not None else (found if found[3] == 1 else None)


def _font(style: Declarations, around: float) -> float:
    text = style.get("font-size")
    if text is None and (short := style.get("font")) is not None:
        sizes = [part.partition("/")[0] for part in short.split()]
        # The size is the first length; a weight is a number without a unit, and only 0 needs none.
        text = next((one for one in sizes if one == "0" or (one[:1] in "0123456789." and one[-1:].isalpha())), None)
    if text is None:
        return around
    if text in _SIZES:
        return _SIZES[text]
    found = pixels(text, around, around)
    return around if found is None else found


def _opacity(style: Declarations) -> float:
    made = _share(style.get("opacity", "1"))
    for name, inside in _CALL.findall(style.get("filter", "")[:200]):
        made *= _share(inside) if name == "opacity" else 1.0
    return made


def _share(text: str) -> float:
    try:
        return min(max(float(text[:-1]) / 100 if text.endswith("%") else float(text), 0.0), 1.0)
    except ValueError:
        return 1.0


# The ways


def _not_displayed(style: Declarations, look: Look) -> bool:
    return style.get("display") == "none" or style.get("content-visibility") == "hidden"


def _see_through(style: Declarations, look: Look) -> bool:
    return look.opacity * _opacity(style) < _FAINT


def _without_size(style: Declarations, look: Look) -> bool:
    clipped = {"hidden", "clip", "scroll", "auto"} & {
        word for key in ("overflow", "overflow-x", "overflow-y") for word in style.get(key, "").split()
    }
    return bool(clipped) and any(
        (size := _length(style, key, look)) is not None and size <= 1.5
        for key in ("width", "height", "max-width", "max-height", "line-height")
    )


def _outside(style: Declarations, look: Look) -> bool:
    if style.get("position", "static") != "static":
        sides = {side: _length(style, side, look) for side in ("left", "top", "right", "bottom")}
        if "inset" in style:
            values = style["inset"].split()
            sides["top"] = pixels(values[0], look.font) if values else None
            sides["left"] = pixels(values[-1], look.font) if values else None
        if any(one is not None and one <= -_FAR for one in sides.values()):
            return True
        if any((sides[side] or 0.0) >= 10 * _FAR for side in ("left", "right")):
            return True
    shorthand = [pixels(one, look.font) for one in style.get("margin", "").split()]
    margins = [_length(style, "margin-left", look), _length(style, "margin-top", look), *shorthand]
    return any(one is not None and one <= -_FAR for one in margins)


def _clipped(style: Declarations, look: Look) -> bool:
    if "clip" in style and style.get("position") in {"absolute", "fixed"} and style["clip"].startswith("rect("):
        sides = [pixels(one, look.font) for one in _NUMBERS.findall(style["clip"][:100])]
        if len(sides) == 4:
            top, right, bottom, left = (0.0 if one is None else one for one in sides)
            return right - left <= 1.5 or bottom - top <= 1.5
    shape, _, inside = style.get("clip-path", "").partition("(")
    numbers = _NUMBERS.findall(inside[:200])
    if shape == "inset" and numbers:
        return numbers[0].endswith("%") and float(numbers[0][:-1]) >= 50
    if shape in {"circle", "ellipse"}:
        return bool(numbers) and pixels(numbers[0], look.font) == 0
    return shape == "polygon" and len(numbers) > 1 and len(set(inside.rstrip(")").split(","))) == 1


def _transformed(style: Declarations, look: Look) -> bool:
    if style.get("zoom") == "0" or _first_is_zero(style.get("scale")):
        return True
    calls = _CALL.findall(style.get("transform", "")[:400])
    if (moved := style.get("translate")) is not None:
        calls.append(("translate", moved.replace(" ", ",")))
    return any(_gone(name, [part.strip() for part in inside.split(",")], look) for name, inside in calls)


def _gone(name: str, values: list[str], look: Look) -> bool:
    if name.startswith("scale") or name == "matrix":
        return any(pixels(one, 1.0) == 0 for one in (values[:2] if name != "matrix" else values[:1] + values[3:4]))
    if name.startswith("translate"):
        moved = [pixels(one, look.font, _FAR) for one in values]  # 100 % of itself: its own size away, off its place
        return any(one is not None and one <= -_FAR for one in moved)
    return name in {"rotatex", "rotatey"} and values[0] in {"90deg", "-90deg", "270deg", ".25turn", "0.25turn"}


def _first_is_zero(text: str | None) -> bool:
    return text is not None and text.split()[0] in {"0", "0%"}


def _masked(style: Declarations, look: Look) -> bool:
    spacing = pixels(style.get("letter-spacing", ""), look.font)
    hidden = style.get("-webkit-text-security", "none") != "none"
    return hidden or (spacing is not None and spacing <= -0.45 * look.font)


def _length(style: Declarations, key: str, look: Look) -> float | None:
    text = style.get(key)
    return None if text is None else pixels(text, look.font)


_WAYS: Final[tuple[Callable[[Declarations, Look], bool], ...]] = (
    _not_displayed, _see_through, _without_size, _outside, _clipped, _transformed, _masked,
)  # fmt: skip
