"""Our own prompts in untrusted text of answers, told so that the guard did not notice. Never deleted.

What was found: eight words in a row were looked for in each line as it stands. A line break after each seventh word, a
number before each word, or any encoding hid them.
"""

from __future__ import annotations

import base64
import codecs

import pytest

from ringfence.screens.output import Context, OutputGuard, OutputStream

PROMPT = "You are the quarantined reader of untrusted text and you have no tools at all."
CONTEXT = Context.of(prompts=[PROMPT])
WORDS = PROMPT.split()
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
