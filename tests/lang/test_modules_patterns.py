"""The two engines for patterns, against Python's: random patterns on random texts, and what is refused."""

from __future__ import annotations

import random
import re

import pytest

from lang.module_oracle import failure, variables
from ringfence.lang.builtins.modules.matching import compiled, parse_template
from ringfence.lang.builtins.modules.patterns import LINEAR, PatternError

ATOMS = [
    *"abc1_ K\n",
    *("é", "[é-ü]", r"\d", r"\w", r"\s", r"\W", r"\D", r"\S", ".", "[ab]", "[^a]", r"[^\W_]", r"[\W_]", r"[\s\S]"),
    *("^", "$", r"\b", r"\A", r"\Z", r"[^\s,]", "(?=a)", "(?!b)", "(?<=a)", r"(?<!\w)", r"[^\W\d]"),
]
LETTERS = ["a", "b", "c", "A", "1", "_", " ", "\n", "é", "Ü", ".", ",", "ß", "٣", "k", "K"]
FLAGS = [0, 0, 0, re.I, re.M, re.S, re.A, re.I | re.A]
NO_END = 1 << 60


def pattern(rnd: random.Random, depth: int) -> str:
    roll = rnd.random()
    if depth == 0 or roll < 0.35:
        return rnd.choice(ATOMS)
    if roll < 0.6:
        return pattern(rnd, depth - 1) + pattern(rnd, depth - 1)
    if roll < 0.7:
        return f"(?:{pattern(rnd, depth - 1)}|{pattern(rnd, depth - 1)})"
    if roll < 0.8:
        return f"({pattern(rnd, depth - 1)})"
    if roll < 0.97:
        # A loop over something that may match nothing is where engines differ in what they call a turn.
        inner = rnd.choice([atom for atom in ATOMS if re.fullmatch(rf"(?:{atom})", "") is None and len(atom) < 9])
        return f"(?:{inner})" + rnd.choice(["*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{0,3}?"])
    return f"(?i:{pattern(rnd, depth - 1)})"


def spans(found: object, groups: int) -> list[tuple[int, int]]:
    return [found.span(group) for group in range(groups + 1)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(8))
def test_random_patterns_match_as_in_python(seed: int) -> None:
    rnd = random.Random(seed)
    for _ in range(700):
        text, flags = pattern(rnd, 3), rnd.choice(FLAGS)
        try:
            theirs, ours = re.compile(text, flags), compiled(text, int(flags))
        except re.error:
            with pytest.raises(PatternError):
                compiled(text, int(flags))
            continue
        for _ in range(3):
            subject = "".join(rnd.choices(LETTERS if rnd.random() < 0.5 else LETTERS[:8], k=rnd.randrange(1, 9)))
            where = (text, int(flags), subject)
            expected = [spans(match, theirs.groups) for match in theirs.finditer(subject)]
            assert (where, [spans(m, ours.groups) for m in ours.all(subject, 0, NO_END, ignore)]) == (where, expected)
            for kind in ("match", "fullmatch", "search"):
                one = ours.one(kind, subject, 1, 5, ignore)
                other = getattr(theirs, kind)(subject, 1, 5)
                assert (where, one and spans(one, ours.groups)) == (where, other and spans(other, theirs.groups))


def ignore(steps: int) -> None:
    """Count nothing."""


@pytest.mark.parametrize("text", [r"(a)\1", r"(?P<q>['\"]).*?(?P=q)", r"(a)?(?(1)b|c)", r"a++", r"(?>a|b)c", r"a*+b"])
def test_what_has_no_linear_time_meaning_is_refused(text: str) -> None:
    kind, message = failure(f"import re\nre.compile({text!r})")
    assert (kind, message) == ("<class 'error'>", LINEAR)


def test_a_bad_pattern_can_be_caught_by_its_name_and_as_a_value_error() -> None:
    plan = "import re\n{}\ntry:\n    re.search('(', 'a')\nexcept {}:\n    x = 'caught'"
    assert variables(plan.format("", "re.error"))["x"] == "caught"
    assert variables(plan.format("", "ValueError"))["x"] == "caught"
    assert variables(plan.format("from re import error", "error"))["x"] == "caught"


@pytest.mark.parametrize(
    "template",
    [r"\1", r"\g<1>\g<n>\g<0>", r"\\1\n\t", r"a\.b", r"\07\101", r"\0", "plain", r"\2\1", r"\g<2>0", "\\\n", r"\g<n>é"],
)
def test_templates_are_read_as_in_python(template: str) -> None:
    theirs = re.compile("(?P<n>a)(b)?")
    ours = compiled("(?P<n>a)(b)?", 0)
    match = ours.one("match", "ab", 0, NO_END, ignore)
    assert match is not None
    assert match.expand(template) == theirs.match("ab").expand(template)  # type: ignore[union-attr]


@pytest.mark.parametrize("template", [r"\3", r"\g<9>", r"\q", "\\", r"\g<>", r"\g<1x>", r"\g<missing>"])
def test_bad_templates_are_refused_as_in_python(template: str) -> None:
    theirs = re.compile("(a)(b)")
    with pytest.raises((re.error, IndexError)):
        theirs.sub(template, "ab")
    with pytest.raises((PatternError, IndexError)):
        parse_template(template, compiled("(a)(b)", 0))


def test_patterns_print_as_in_python() -> None:
    made = variables("import re\nx = repr(re.compile('a', re.I | re.M))\ny = str(re.search('a+', 'baaa'))")
    assert made["x"] == repr(re.compile("a", re.I | re.M))
    assert made["y"] == str(re.search("a+", "baaa"))


def test_a_lone_surrogate_in_a_text_is_an_exception_of_the_plan() -> None:
    assert failure("import re\nre.search('a', 'b\\ud800')")[0] == "<class 'UnicodeEncodeError'>"
