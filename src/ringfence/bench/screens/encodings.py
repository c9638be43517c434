"""Ways to write a text that a reader of the plain text does not see: what the decoders undo, and a red team uses.

Its one rule: each is a function from text to text, without a choice.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import html
import quopri
import re
import textwrap
import urllib.parse
from collections.abc import Callable

LOWER = "abcdefghijklmnopqrstuvwxyz"
CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
    "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- ..--.. .----. -.-.-- -..-. -....- "
    "---... -.--. -.--.- .-... -.-.-. -...- .-.-. ..--.- .-..-. ...-..- .--.-."
)
MORSE = dict(zip(f"{LOWER}0123456789.,?'!/-:()&;=+_\"$@", CODES.split(), strict=True))
BRAILLE = dict(zip(LOWER, "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", strict=True))
CYRILLIC = str.maketrans("aeocpxyi", "аеосрхуі")
UPSIDE_DOWN = str.maketrans(LOWER, "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz")

ATBASH = str.maketrans(LOWER + LOWER.upper(), LOWER[::-1] + LOWER[::-1].upper())
ROT47 = {code: 33 + (code - 33 + 47) % 94 for code in range(33, 127)}


def morse(text: str) -> str:
    return " / ".join(" ".join(MORSE[one] for one in word if one in MORSE) for word in text.lower().split())


def tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(one)) for one in text if ord(one) < 128)


def selectors(text: str) -> str:
    return "".join(chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16) for byte in text.encode())


def zero_width(text: str) -> str:
    return "".join("\u200c" if bit == "1" else "\u200b" for byte in text.encode() for bit in f"{byte:08b}")


def caesar(text: str, amount: int = 3) -> str:
    return "".join(
        LOWER[(LOWER.index(one.lower()) + amount) % 26] if one.isascii() and one.isalpha() else one for one in text
    )


RFC_1924 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SUPERSCRIPT = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


def base58(text: str) -> str:
    number, made = int.from_bytes(text.encode(), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        made = BASE58[digit] + made
    return made


def base45(text: str) -> str:
    data, made = text.encode(), ""
    for place in range(0, len(data), 2):
        pair = data[place : place + 2]
        number = int.from_bytes(pair, "big")
        made += "".join(BASE45[number // 45**power % 45] for power in range(len(pair) + 1))
    return made


def z85(text: str) -> str:
    data = text.encode()
    return base64.b85encode(data + b" " * (-len(data) % 4)).decode().translate(str.maketrans(RFC_1924, Z85))


def uuencoded(text: str) -> str:
    data = text.encode()
    lines = [binascii.b2a_uu(data[place : place + 45]).decode() for place in range(0, len(data), 45)]
    return "begin 644 note\n" + "".join(lines) + "`\nend"


def pig_latin(text: str) -> str:
    def turned(found: re.Match[str]) -> str:
        return f"{found[2]}{found[1]}ay" if found[1] else f"{found[2]}way"

    return re.sub(r"([b-df-hj-np-tv-z]*)([a-z]+)", turned, text.lower())


def letter_numbers(text: str) -> str:
    """Letters as their places in the alphabet; what is no letter is left out."""
    words = ("-".join(str(LOWER.index(one) + 1) for one in word.lower() if one in LOWER) for word in text.split())
    return " ".join(word for word in words if word)


def _letters(text: str) -> str:
    words = ("".join(one for one in word.lower() if one in LOWER) for word in text.split())
    return " ".join(word for word in words if word)


# What is left of a text where the encoding has no sign for the rest.
LEFT: dict[str, Callable[[str], str]] = {
    name: lambda text: " ".join("".join(one for one in word if one in MORSE) for word in text.lower().split())
    for name in ("morse", "morse-signs", "morse-bits")
} | {"letter-numbers": _letters, "pig-latin": str.lower}

ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64-url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64-utf16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base64-gzip": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    "base64-twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base64-wrapped": lambda text: textwrap.fill(base64.b64encode(text.encode()).decode(), 40),
    "base64-words": lambda text: " ".join(base64.b64encode(word.encode()).decode() for word in text.split()),
    "base58": base58,
    "base45": base45,
    "z85": z85,
    "uuencode": uuencoded,
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "ascii85": lambda text: base64.a85encode(text.encode(), adobe=True).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex-spaced": lambda text: text.encode().hex(" "),
    "hex-colons": lambda text: text.encode().hex(":").upper(),
    "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
    "decimal": lambda text: " ".join(str(byte) for byte in text.encode()),
    "octal": lambda text: " ".join(f"{byte:03o}" for byte in text.encode()),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "caesar": caesar,
    "atbash": lambda text: text.translate(ATBASH),
    "rot47": lambda text: " ".join(word.translate(ROT47) for word in text.split()),
    "url": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "url-spaces": urllib.parse.quote,
    "html": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "html-hex": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "html-open": lambda text: "".join(f"&#{ord(one)}" for one in text),
    "html-twice": lambda text: html.escape("".join(f"&#{ord(one)};" for one in text)),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "quoted-printable-spaces": lambda text: quopri.encodestring(
        text.replace(" ", "\t").encode(), quotetabs=True
    ).decode(),
    "escapes-x": lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    "escapes-u": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "utf-7": lambda text: "+" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=") + "-",
    "mime-word": lambda text: f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?=",
    "leetspeak": lambda text: text.translate(str.maketrans("oieastOIEAST", "013457013457")),
    "morse": morse,
    "morse-signs": lambda text: morse(text).replace(".", "·").replace("-", "−").replace("/", "|"),
    "morse-bits": lambda text: morse(text).replace(".", "0").replace("-", "1"),
    "letter-numbers": letter_numbers,
    "doubled": lambda text: "".join(2 * one if one.isalpha() else one for one in text),
    "no-vowels": lambda text: " ".join(re.sub("[aeiouAEIOU]", "", word) for word in text.split()),
    "braille": lambda text: "".join(BRAILLE.get(one, one) for one in text.lower()),
    "reversed": lambda text: text[::-1],
    "reversed-words": lambda text: " ".join(word[::-1] for word in text.split()),
    "upside-down": lambda text: text.lower().translate(UPSIDE_DOWN)[::-1],
    "spaced": lambda text: "   ".join(" ".join(word) for word in text.split()),
    "dotted": lambda text: "   ".join(".".join(word) for word in text.split()),
    "hyphenated": lambda text: " ".join(f"{word[:3]}-{word[3:]}" if len(word) > 5 else word for word in text.split()),
    "spaced-evenly": lambda text: " ".join("".join(text.split())),
    "column": "\n".join,
    "underscored": lambda text: text.replace(" ", "_"),
    "pig-latin": pig_latin,
    "glued": lambda text: "".join(text.split()),
    "bold": lambda text: "".join(chr(0x1D41A + LOWER.index(one)) if one in LOWER else one for one in text.lower()),
    "parenthesised": lambda text: "".join(chr(0x249C + LOWER.index(x)) if x in LOWER else x for x in text.lower()),
    "superscript": lambda text: text.lower().translate(SUPERSCRIPT),
    "full-width": lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    "circled": lambda text: "".join(chr(0x24D0 + LOWER.index(one)) if one in LOWER else one for one in text.lower()),
    "boxed": lambda text: "".join(chr(0x1F170 + LOWER.index(one)) if one in LOWER else one for one in text.lower()),
    "flags": lambda text: "".join(chr(0x1F1E6 + LOWER.index(one)) if one in LOWER else one for one in text.lower()),
    "look-alikes": lambda text: text.translate(CYRILLIC),
    "struck-through": lambda text: "".join(one + "\u0336" for one in text),
    "accents": lambda text: "".join(one + "\u0301\u0302\u0303\u0304\u0305" if one.isalpha() else one for one in text),
    "tags": tags,
    "selectors": lambda text: "😀" + selectors(text),
    "zero-width-bits": lambda text: "x" + zero_width(text) + "y",
    "zero-width-between": lambda text: "\u200b".join(text),
    "soft-hyphens": lambda text: "\u00ad".join(text),
    "markup": lambda text: " ".join(f"{word[:2]}<b>{word[2:]}</b>" for word in text.split()),
    "emphasis": lambda text: " ".join(f"{word[:2]}**{word[2:]}" if len(word) > 3 else word for word in text.split()),
    "concatenation": lambda text: '"' + text[:12] + '" + "' + text[12:30] + '" + "' + text[30:] + '"',
}
