"""Our own prompts in untrusted text of answers, told so that the guard did not notice. Never deleted.

What was found: eight words in a row were looked for in each line as it stands. A line break after each seventh word, a
number before each word, or any encoding hid them.
"""

from __future__ import annotations

import base64
import codecs
import string

import pytest

from ringfence.screens.output import Context, OutputGuard, OutputStream

PROMPT = "You are the quarantined reader of untrusted text and you have no tools at all."
CONTEXT = Context.of(prompts=[PROMPT])
WORDS = PROMPT.split()
ABC = string.ascii_lowercase


def cut(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)]


WAYS = {
    "capitals": PROMPT.swapcase(),
    "hyphens": "-".join(WORDS),
    "base64": base64.b64encode(PROMPT.encode()).decode(),
    "hexadecimal": PROMPT.encode().hex(),
    "rot13": codecs.encode(PROMPT, "rot13"),
    "reversed": PROMPT[::-1],
    "spaced": "   ".join(" ".join(word) for word in WORDS),
    "zero width": "\u200b".join(PROMPT),
    "look-alikes": PROMPT.replace("o", "\u043e").replace("e", "\u0435"),
    "full width": "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in PROMPT),
    "markup": " ".join(f"**{word[:2]}**{word[2:]}" for word in WORDS),
    "base64 of reversed": base64.b64encode(PROMPT[::-1].encode()).decode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_prompt_is_left_out_however_it_is_written(way: str) -> None:
    guarded = OutputGuard().text(f"It says:\n{WAYS[way]}\nBye", CONTEXT)
    assert {one.kind for one in guarded.findings} <= {"prompt", "escape"}
    assert guarded.text.startswith("It says:\n")
    assert "[instructions left out]" in guarded.text
    assert guarded.text.endswith("\nBye")
    assert len(guarded.text) < 70


def test_of_a_prompt_that_is_reversed_nothing_is_left() -> None:
    """What was read backwards was taken for the same text place by place: the wrong half was left out."""
    assert OutputGuard().text(f"It says: {PROMPT[::-1]}", CONTEXT).text in (
        "[instructions left out]",
        "It says: [instructions left out]",
        "It says: .[instructions left out]",
    )


@pytest.mark.parametrize("joint", ["\n", "\n- ", "\n> ", "\r\n", "\n\n", "\n1. "])
@pytest.mark.parametrize("each", [1, 3, 5, 7])
def test_a_prompt_is_left_out_over_lines(each: int, joint: str) -> None:
    """What went before is out when the eighth word shows what it is: seven words, and no more."""
    text = joint.join(" ".join(WORDS[place : place + each]) for place in range(0, len(WORDS), each))
    shown = OutputGuard().text(text, CONTEXT).text
    assert "no tools" not in shown
    assert "at all" not in shown


# Encodings over lines, and words between those of the prompt.

LINES = {
    **{
        f"base64 in columns of {size}": "\n".join(cut(base64.b64encode(PROMPT.encode()).decode(), size))
        for size in (4, 20, 64)
    },
    "hexadecimal": "\n".join(cut(PROMPT.encode().hex(), 32)),
    "rot13": "\n".join(cut(codecs.encode(PROMPT, "rot13"), 24)),
    "caesar": "\n".join(cut(PROMPT.translate(str.maketrans(ABC, ABC[5:] + ABC[:5])), 24)),
    "twice": "\n".join(cut(base64.b64encode(PROMPT.encode()).decode(), 28) * 2),
}


@pytest.mark.parametrize("way", LINES)
def test_a_prompt_in_an_encoding_is_left_out_over_lines(way: str) -> None:
    """What went before is out when eight words can be read: a few lines, and nothing of the end."""
    shown = OutputGuard().text(f"It says:\n{LINES[way]}\nBye\n", CONTEXT).text
    assert "[instructions left out]" in shown
    assert LINES[way][-20:] not in shown
    assert shown.startswith("It says:\n")
    assert shown.endswith("Bye\n")
    stream = OutputStream(OutputGuard(), CONTEXT)
    text = f"It says:\n{LINES[way]}\nBye\n"
    assert "".join([*map(stream.feed, text), stream.close()]) == shown


BETWEEN = {
    "a word after each third": " ".join(f"{word} banana" if n % 3 == 2 else word for n, word in enumerate(WORDS)),
    "a word after each": " banana ".join(WORDS),
    "addresses": " ".join(f"[{word}](https://a.example/)" if n % 4 == 3 else word for n, word in enumerate(WORDS)),
    "tags": " ".join(f"<i class=q>{word}</i>" for word in WORDS),
    "labels of images": " ".join(f"![{word}](x.png)" for word in WORDS),
    "definitions": "\n".join(f"[{word}]: #a" for word in WORDS),
    "a query": f"https://a.example/?q={'+'.join(WORDS)}",
    "a path": f"https://a.example/{'/'.join(WORDS)}",
}


@pytest.mark.parametrize("way", BETWEEN)
def test_words_between_hide_no_prompt(way: str) -> None:
    guarded = OutputGuard().text(BETWEEN[way], CONTEXT)
    assert "prompt" in guarded.counts()
    assert "tools" not in guarded.text


@pytest.mark.parametrize(
    "text",
    [
        "You are the first of all to have read it, and you have no tools of the kind that a quarantined ship needs.",
        "Is the reader of the page at all the one who has no tools? Untrusted text of any kind, and you have it.",
    ],
)
def test_the_words_of_a_prompt_in_another_order_are_none(text: str) -> None:
    assert OutputGuard().text(text, CONTEXT).text == text


def test_a_stream_remembers_the_words_before() -> None:
    text = "\n".join(WORDS)
    whole = OutputGuard().text(text, CONTEXT)
    stream = OutputStream(OutputGuard(), CONTEXT)
    assert "".join([*map(stream.feed, text), stream.close()]) == whole.text
    assert stream.findings == list(whole.findings)


@pytest.mark.parametrize(
    "text",
    ["You are the reader of untrusted text.", "You have no tools at all.\nYou are the quarantined", "7 words: " * 9],
)
def test_fewer_words_are_no_prompt(text: str) -> None:
    assert OutputGuard().text(text, CONTEXT).text == text


def test_two_leaks_leave_what_stands_between() -> None:
    shown = OutputGuard().text(f"{PROMPT} And then: {PROMPT[::-1]} ok", CONTEXT).text
    assert "And then:" in shown
    assert shown.count("[instructions left out]") == 2


@pytest.mark.parametrize(
    "text", ["\ud800<b>x</b>", "a\n\udfff\nYou <b>are</b> the", "\ud800" + PROMPT, f"{WAYS['base64']}\ud800"]
)
def test_halves_of_pairs_stop_no_guard(text: str) -> None:
    guarded = OutputGuard().text(text, CONTEXT)
    assert "\ud800" not in guarded.text
    assert "no tools" not in guarded.text
