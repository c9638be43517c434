"""The texts of the benchmark: attacks by technique, harmless texts by kind, and each attack in each encoding.

Its one rule: texts are read, never made up here; an encoding is one of `encodings.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, final

from ringfence.bench.screens.encodings import ENCODINGS, LEFT
from ringfence.core.errors import ConfigError

# Kinds of harmless texts that resemble attacks: what talks about them, gives orders, or is about security or programs.
HARD: Final = ("about-attacks", "imperative", "security", "code")
# The second set of hard texts, which was written before the detectors of today were made.
SECOND: Final = "hard"
# So many harmless texts, which are not hard ones, are encoded.
_HARMLESS: Final = 20
_SURROUNDED: Final = "See the notes of yesterday below.\n{}\nBest regards, Ann"


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """A text. `kind` is the technique of an attack, or what a harmless text is; `encoding` is empty for plain text.

    `plain` is what is encoded in it, as far as the encoding has signs for it.
    `source` names the set that it is from; empty: the one that comes with the package.
    """

    text: str
    attack: bool
    kind: str
    encoding: str = ""
    source: str = ""
    plain: str = ""


def shipped() -> tuple[Sample, ...]:
    """The attacks and harmless texts that come with the package."""
    folder = resources.files("ringfence.bench.screens").joinpath("data")
    attacks = _rows(folder.joinpath("attacks.tsv").read_text(encoding="utf-8"))
    benign = _rows(folder.joinpath("benign.tsv").read_text(encoding="utf-8"))
    hard = _rows(folder.joinpath("hard.tsv").read_text(encoding="utf-8"))
    lines = folder.joinpath("documentation.txt").read_text(encoding="utf-8").splitlines()
    return (
        *(Sample(text, True, kind) for kind, text in attacks),
        *(Sample(text, False, kind) for kind, text in benign),
        *(Sample(line, False, "documentation") for line in lines),
        *(Sample(text, False, kind, "", SECOND) for kind, text in hard),
    )


def encoded(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Each attack that is written in ASCII, in each encoding, between two ordinary lines; and some harmless texts so.

    Whoever takes an encoding itself for an attack finds all that is encoded: the harmless texts show it.
    """
    plain = [one for one in samples if one.text.isascii() and "\n" not in one.text]
    harmless = [one for one in plain if not one.attack and one.kind not in HARD]
    return tuple(
        Sample(
            _SURROUNDED.format(encode(one.text)),
            one.attack,
            one.kind,
            name,
            one.source,
            LEFT[name](one.text) if name in LEFT else one.text,
        )
        for name, encode in ENCODINGS.items()
        for one in (*(one for one in plain if one.attack), *harmless[:_HARMLESS])
    )


def files(attacks: tuple[str, ...], benign: tuple[str, ...]) -> tuple[Sample, ...]:
    """One's own sets: files with a text a line, or a kind and a text with a tab between them. ConfigError (C506)."""
    return tuple(
        Sample(text, attack, kind)
        for paths, attack in ((attacks, True), (benign, False))
        for path in paths
        for kind, text in _rows(_read(path), Path(path).stem)
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise ConfigError(f"a set cannot be read ({type(problem).__name__})", code="C506") from None


def _rows(text: str, default: str = "text") -> list[tuple[str, str]]:
    made = []
    for line in text.splitlines():
        kind, tab, rest = line.partition("\t")
        if line.strip():
            made.append((kind, rest.replace("\\n", "\n")) if tab else (default, line))
    return made
