"""Which steps of the guard have to look at a text at all: one pass in linear time for many lines at once.

Its one rule: a gate is wider than what its step looks for. Where a step would find something in any segment of a text,
the gate of that step is in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, final

from ringfence.screens.output.commands import FORMS
from ringfence.screens.output.context import Context
from ringfence.screens.output.leaks import Before, may_be_coded, may_repeat
from ringfence.screens.patterns import PatternSet

Step: TypeAlias = Literal["links", "tags", "commands", "secrets"]
Steps: TypeAlias = frozenset[Step]
ALL: Final[Steps] = frozenset({"links", "tags", "commands", "secrets"})
_MOST: Final = 4_096  # characters that are looked at together

_LINKS: Final = (
    r"\](?:\(|:)|!\[|(?:https?|ftps?|wss?)\s?:|(?:javascript|vbscript|data|file|blob):|//|www\."
    r"|\.[a-z]{2,24}\.?(?::[\d?]{1,5})?[/?#]"
)
_SECRETS: Final = (
    r"-----BEGIN |(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_|github_pat_|glpat-|sk-[\w-]{20}|AIza|xox[abeprs]-"
    r"|[sr]k_(?:live|test)_|npm_[A-Za-z0-9]{36}|pypi-|eyJ[\w-]{8}|AGE-SECRET|hf_[A-Za-z0-9]{30}|SG\.[\w-]{16}|[\d?]{8}:AA"
    r"|hv[sbr]\.[\w-]{20}|ya29\.|GOCSPX-|do[opr]_v1_|shp(?:at|ca|pa|ss)_|gsk_|whsec_|dckr_pat_|gl(?:rt|dt|ptt|soat)-"
    r"|lin_api_|sbp_|pplx-|xai-|r8_|NRAK-|PMAK-|ATATT3|figd_|rubygems_|xapp-|dapi|tskey-|://[^\s/:@]+:[^\s/:@]+@"
)
_NAMED_SECRETS: Final = (
    r"(?:key|secret|token|bearer|basic|passw(?:or)?d|passphrase)"
    r"[\"']?\s*(?:[:=]|is|=>)?\s*[\"']?[a-z0-9+/][a-z0-9+/_.~=-]{11}"
)
_CONTINUED: Final = r"[\\|&][ \t]*\r?\n"


def relaxed(form: str) -> str:
    """A form without its bounds and edges: it matches wherever the form does, and needs fewer states."""
    form = re.sub(r"(?<!\\)\$", "", form.replace(r"\b", "")).replace(r"\w", r"\S").replace(r"\d", r"\S")
    form = re.sub(r"\{0, ?\d+\}\??", "*", form)
    return re.sub(r"\{1, ?\d+\}\??", "+", form)


_CASELESS: Final = PatternSet((_LINKS, "<", _CONTINUED, _NAMED_SECRETS, *map(relaxed, FORMS)))
_FIRST: Final[tuple[Step, ...]] = ("links", "tags", "commands", "secrets")
_CASED: Final = PatternSet((_SECRETS,), case=True)
# What is a letter or a space to the steps and not of ASCII; all else that is not becomes a question mark.
_TO_ASCII: Final = str.maketrans(
    dict.fromkeys(
        map(
            chr,
            (
                0x0B,
                *range(0x1C, 0x20),
                0x85,
                0xA0,
                0x1680,
                *range(0x2000, 0x200B),
                0x2028,
                0x2029,
                0x202F,
                0x205F,
                0x3000,
            ),
        ),
        " ",
    )
    | {"\u017f": "s", "\u212a": "k", "\u0130": "i", "\u0131": "i"}
)
_MEANT: Final = re.compile("[" + re.escape("".join(map(chr, _TO_ASCII))) + "]")
# Text of which nothing is hidden, decorated or taken for something else: ASCII, Latin-1, dashes and quotation marks.
_PLAIN: Final = re.compile(r"[ -~\n\t¡-©«¬®-±´-¸»-ÿĀ-İĲ-ž–—‘’‚“”„‹›…€]*")


def needed(text: str) -> Steps:
    """The steps that have to look at a text, or at any of the segments that it is made of."""
    copy = (text.translate(_TO_ASCII) if _MEANT.search(text) else text).encode("ascii", "replace")
    found: set[Step] = {_FIRST[number] if number < len(_FIRST) else "commands" for number in _CASELESS.found(copy)}
    if "secrets" not in found and _CASED.found(copy):
        found.add("secrets")
    if "tags" in found:
        found.add("links")
    return frozenset(found)


def is_plain(text: str) -> bool:
    """Whether it prints as itself, and is read as it stands."""
    return _PLAIN.fullmatch(text) is not None


@final
@dataclass(frozen=True, slots=True)
class Looks:
    """What has to be done with a text. told: it may repeat a prompt. coded: it may do so in an encoding.
    odd: it may hold what does not print as itself."""

    steps: Steps = ALL
    told: bool = True
    coded: bool = True
    odd: bool = True

    def nothing(self) -> bool:
        """Whether the text may be shown as it is."""
        return not (self.steps or self.told or self.coded or self.odd)


EVERYTHING: Final = Looks()


def looks(text: str, context: Context, before: Before, around: Looks = EVERYTHING) -> Looks:
    """What a text needs. `around`: what the text needs that it is a part of, and its other parts with it."""
    odd = around.odd and not is_plain(text)
    return Looks(
        needed(text) if around.steps else around.steps,
        around.told and may_repeat(text, context.prompts, before.words),
        bool(context.prompts) and around.coded and may_be_coded(text, before.code),
        odd,
    )


def groups(segments: Iterable[str], longest: int) -> Iterator[list[str]]:
    """Segments that can be looked at together; one that may end within a word stands alone."""
    group: list[str] = []
    size = 0
    for segment in segments:
        if len(segment) >= longest or size + len(segment) > _MOST:
            if group:
                yield group
            group, size = [], 0
        group.append(segment)
        size += len(segment)
        if size > _MOST or len(segment) >= longest:
            yield group
            group, size = [], 0
    if group:
        yield group
