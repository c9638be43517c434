"""Colours as style sheets write them, and how much two of them differ.

Its one rule: what is not understood is None, and nothing is said about it.
"""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache
from typing import Final, TypeAlias

Colour: TypeAlias = tuple[float, float, float, float]  # red, green, blue from 0 to 255, and opacity from 0 to 1

BLACK: Final[Colour] = (0.0, 0.0, 0.0, 1.0)
WHITE: Final[Colour] = (255.0, 255.0, 255.0, 1.0)
LINK: Final[Colour] = (0.0, 0.0, 238.0, 1.0)

_NAMES: Final = dict(
    pair.split("=")
    for pair in (
        "aliceblue=f0f8ff antiquewhite=faebd7 aqua=00ffff aquamarine=7fffd4 azure=f0ffff beige=f5f5dc bisque=ffe4c4 "
        "black=000000 blanchedalmond=ffebcd blue=0000ff blueviolet=8a2be2 brown=a52a2a burlywood=deb887 "
        "cadetblue=5f9ea0 chartreuse=7fff00 chocolate=d2691e coral=ff7f50 cornflowerblue=6495ed cornsilk=fff8dc "
        "crimson=dc143c cyan=00ffff darkblue=00008b darkcyan=008b8b darkgoldenrod=b8860b darkgray=a9a9a9 "
        "darkgreen=006400 darkgrey=a9a9a9 darkkhaki=bdb76b darkmagenta=8b008b darkolivegreen=556b2f darkorange=ff8c00 "
        "darkorchid=9932cc darkred=8b0000 darksalmon=e9967a darkseagreen=8fbc8f darkslateblue=483d8b "
        "darkslategray=2f4f4f darkslategrey=2f4f4f darkturquoise=00ced1 darkviolet=9400d3 deeppink=ff1493 "
        "deepskyblue=00bfff dimgray=696969 dimgrey=696969 dodgerblue=1e90ff firebrick=b22222 floralwhite=fffaf0 "
        "forestgreen=228b22 fuchsia=ff00ff gainsboro=dcdcdc ghostwhite=f8f8ff gold=ffd700 goldenrod=daa520 gray=808080 "
        "green=008000 greenyellow=adff2f grey=808080 honeydew=f0fff0 hotpink=ff69b4 indianred=cd5c5c indigo=4b0082 "
        "ivory=fffff0 khaki=f0e68c lavender=e6e6fa lavenderblush=fff0f5 lawngreen=7cfc00 lemonchiffon=fffacd "
        "lightblue=add8e6 lightcoral=f08080 lightcyan=e0ffff lightgoldenrodyellow=fafad2 lightgray=d3d3d3 "
        "lightgreen=90ee90 lightgrey=d3d3d3 lightpink=ffb6c1 lightsalmon=ffa07a lightseagreen=20b2aa "
        "lightskyblue=87cefa lightslategray=778899 lightslategrey=778899 lightsteelblue=b0c4de lightyellow=ffffe0 "
        "lime=00ff00 limegreen=32cd32 linen=faf0e6 magenta=ff00ff maroon=800000 mediumaquamarine=66cdaa "
        "mediumblue=0000cd mediumorchid=ba55d3 mediumpurple=9370db mediumseagreen=3cb371 mediumslateblue=7b68ee "
        "mediumspringgreen=00fa9a mediumturquoise=48d1cc mediumvioletred=c71585 midnightblue=191970 mintcream=f5fffa "
        "mistyrose=ffe4e1 moccasin=ffe4b5 navajowhite=ffdead navy=000080 oldlace=fdf5e6 olive=808000 olivedrab=6b8e23 "
        "orange=ffa500 orangered=ff4500 orchid=da70d6 palegoldenrod=eee8aa palegreen=98fb98 paleturquoise=afeeee "
        "palevioletred=db7093 papayawhip=ffefd5 peachpuff=ffdab9 peru=cd853f pink=ffc0cb plum=dda0dd powderblue=b0e0e6 "
        "purple=800080 rebeccapurple=663399 red=ff0000 rosybrown=bc8f8f royalblue=4169e1 saddlebrown=8b4513 "
        "salmon=fa8072 sandybrown=f4a460 seagreen=2e8b57 seashell=fff5ee sienna=a0522d silver=c0c0c0 skyblue=87ceeb "
        "slateblue=6a5acd slategray=708090 slategrey=708090 snow=fffafa springgreen=00ff7f steelblue=4682b4 tan=d2b48c "
        "teal=008080 thistle=d8bfd8 tomato=ff6347 turquoise=40e0d0 violet=ee82ee wheat=f5deb3 white=ffffff "
        "whitesmoke=f5f5f5 yellow=ffff00 yellowgreen=9acd32"
    ).split()
)
_HEX: Final = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_FIRST: Final = re.compile(r"(?:rgb|hsl)a?\([^()]{1,80}\)|#[0-9a-f]{3,8}|[a-z]+")


@lru_cache(maxsize=2_048)
def colour_of(text: str) -> Colour | None:
    """The colour that a text in lower case is."""
    text = text.strip()
    if text == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    found = _HEX.fullmatch(f"#{_NAMES[text]}" if text in _NAMES else text)
    if found is not None:
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])
        red, green, blue, opacity = (int(f"{digits:f<8}"[n : n + 2], 16) for n in (0, 2, 4, 6))
        return red, green, blue, opacity / 255
    called = _FUNCTION.fullmatch(text)
    return None if called is None else _called(called[1], called[2].replace(",", " ").replace("/", " ").split())


def _called(function: str, parts: list[str]) -> Colour | None:
    try:
        opacity = _share(parts[3], 1.0) if len(parts) > 3 else 1.0
        if function == "rgb":
            return _share(parts[0], 255.0), _share(parts[1], 255.0), _share(parts[2], 255.0), opacity
        hue, saturation, light = float(parts[0].removesuffix("deg")) % 360, _share(parts[1], 1), _share(parts[2], 1)
        red, green, blue = colorsys.hls_to_rgb(hue / 360, light, saturation)
        return red * 255, green * 255, blue * 255, opacity
    except (ValueError, IndexError, OverflowError):
        return None


def _share(text: str, whole: float) -> float:
    number = float(text[:-1]) * whole / 100 if text.endswith("%") else float(text)
    return min(max(number, 0.0), whole)


@lru_cache(maxsize=2_048)
def background_of(text: str) -> Colour | None:
    """The colour in the value of `background`; None if it holds a picture or no colour that is understood."""
    if "url(" in text or "gradient" in text:
        return None
    return next((found for part in _FIRST.findall(text[:400]) if (found := colour_of(part)) is not None), None)


def over(colour: Colour, below: Colour) -> Colour:
    """A colour as it looks on another one, which is opaque."""
    share = colour[3]
    red, green, blue = (one * share + other * (1 - share) for one, other in zip(colour[:3], below[:3], strict=True))
    return red, green, blue, 1.0


@lru_cache(maxsize=2_048)
def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2: from 1 (the same) to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
