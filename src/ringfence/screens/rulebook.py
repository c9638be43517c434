"""The detector that looks with rules.

Its one rule: a rule counts less where the text talks about attacks, and is still reported: an attacker can write like
a description, and a description like an attacker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, final

from ringfence.screens.detector import Block, Hit
from ringfence.screens.rules import Rule

_AROUND: Final = 240
_QUOTES: Final = frozenset("\"'`“”‘’«»„‹›「『")
_ABOUT: Final = re.compile(
    r"\b(?:prompt[- ]?injections?|injections?|injected|attack(?:s|ed|er|ers|ing)?|jailbreaks?|jailbreaking|adversar\w+|"
    r"malicious|exploit\w*|vulnerab\w+|phishing|scam\w*|red[- ]team\w*|detect(?:s|ed|or|ors|ion|ing)?|classif\w+|"
    r"for example|for instance|e\.g\.|such as|phrases? like|strings? like|texts? like|something like|defen[cs]\w+|"
    r"mitigat\w+|threat\w*|guardrails?|payloads?|research\w*|paper|study|owasp|examples? of|attempts? to|tries to|"
    r"tried to|suspicious|blocked|security (?:training|awareness|team|review|guide)|test case|unit test|assert|dataset|"
    r"benchmark|quoted?|filters?|scanners?|search(?:es|ing)? for|looks? for|unit tests?|tests? (?:cover|check|that)|"
    r"(?:sentence|text|string|mail|line|document|page)s? (?:like|that says?|says)|regex|"
    r"false positives?|chapter|templates?|(?<!code )block(?:s|ed|ing)?|slides?|(?:is|are|was|were|when) asked to|"
    r"models? (?:leak|reveal|obey|follow|can|are|were)s?|"
    r"aufsatz|vortrag|artikel|wie man|thesis|essay|testers?|typed|"
    r"what happens|how (?:do|does|would|can)|prevent\w*|angriff\w*|beispiel\w*|attaque\w*|exemple|"
    r"ataque\w*|ejemplo|attacc\w+|esempio|exemplo|атак\w*|например|"
    r"art[íi]culos?|cuenta (?:cómo|que)|explica\w*|libro|racconta|spiega|explique|livre|рассказ\w*|"
    r"стать[яеи]|книг\w+|описан\w*|diskutier\w*)\b"
    r"|文章|介绍|说明|記事|説明|기사|설명|攻击|例如|攻撃|例えば|공격|예를 들어",
    re.IGNORECASE,
)
# In the middle of a sentence, quotation marks name what somebody wrote; at its beginning they may hold a value.
_NAMED: Final = re.compile(r"[^\W\d_],? [\"'`“”‘’«»„‹›]{1,2}\w?$")
_MENTION: Final = 0.7
_DAMPED: Final = {(True, True): 0.45, (True, False): 0.6, (False, True): 0.85, (False, False): 1.0}


@final
class Rulebook:
    """All rules, each where its word is."""

    name = "rules"

    def hits(self, block: Block) -> Iterator[Hit]:
        """Every match of every rule."""
        for rule in block.rules:
            yield from _hits(rule, block)


def _hits(rule: Rule, block: Block) -> Iterable[Hit]:
    view = block.view
    for start, end in rule.pattern.spans(view.text):
        low, high = view.span(start, end)
        score = rule.score if rule.firm else rule.score * _weight(view.text, start, end)
        yield Hit(rule.technique, round(score, 3), low, high, view.name, Rulebook.name, rule.name)


def _weight(text: str, start: int, end: int) -> float:
    """How much a rule counts: less among words about attacks, least in quotation marks there."""
    low, high = max(0, start - _AROUND), min(len(text), end + _AROUND)
    around = text[low:start] + " … " + text[end:high]
    quoted = any(character in _QUOTES for character in text[max(0, start - 2) : start + 1])
    about = _ABOUT.search(around) is not None
    if quoted and not about and _NAMED.search(text[max(0, start - 5) : start + 1]):
        return _MENTION
    return _DAMPED[about, quoted]
