"""The detector that looks with rules.

Its one rule: a rule counts less where the text talks about attacks (context.py), and is still reported: an attacker
can write like a description, and a description like an attacker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, final

from ringfence.screens.context import weight
from ringfence.screens.detector import Block, Hit
from ringfence.screens.rules import Rule

_OVERRIDE: Final = "instruction-override"
# What a text tells somebody to do. The other techniques are forms, or name the model that they speak to.
_ORDERS: Final = frozenset(
    (_OVERRIDE, "prompt-leak", "exfiltration", "tool-call", "command-execution", "concealment", "encoded-payload")
)


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
        score = round(rule.score * _counts(rule, view.text, start, end), 3)
        yield Hit(rule.technique, score, low, high, view.name, Rulebook.name, rule.name)


def _counts(rule: Rule, text: str, start: int, end: int) -> float:
    if rule.firm:
        return 1.0
    return weight(text, start, end, order=rule.technique in _ORDERS, earlier=rule.technique == _OVERRIDE)
