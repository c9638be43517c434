"""What a part of a construct decides about is among what the construct decides about, in random plans of three kinds.

Else a run that a secret led into the part marks more than one that it led past it, and the difference tells which it
was. It was found so: a jump out of a `try` marked what its `finally` changes, which runs whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from types import ModuleType

import pytest

import nested_plans
import rich_plans
import wide_plans
from ringfence import lang
from ringfence.core.errors import PlanRejected
from ringfence.lang import ir
from ringfence.lang.analysis import effects
from ringfence.lang.analysis.effects import Effects
from ringfence.lang.analysis.unions import Effect
from ringfence.lang.scope import Outline, own, walk

TOOLS = frozenset("vault ask rows people publish put web plain profile prices messages held look".split())
DECIDING = (
    ir.If, ir.For, ir.While, ir.Try, ir.Match, ir.Assert, ir.Logic, ir.Conditional, ir.Compare, ir.Comprehension,
)  # fmt: skip


def within(part: Effect, whole: Effect) -> bool:
    """Sites, objects (what only an iterator may do also where anything may) and answers."""
    objects = all(one in whole[1] or (-one in whole[1] and one < 0) for one in part[1])
    return part[0] <= whole[0] and objects and part[2] <= whole[2]


def beyond(text: str) -> Iterator[tuple[str, int, str, int]]:
    """The parts that decide about more than what they are a part of, with lines."""
    plan = lang.parse(text)
    found = Effects(Outline(plan.body), TOOLS, frozenset("st"))
    for whole in walk(plan.body):
        if not isinstance(whole, DECIDING):
            continue
        decided = found.of_condition(whole)
        for part in own(found._decided(whole)[0]):
            effect = None
            if isinstance(part, DECIDING):
                effect = found.of_condition(part)
            elif isinstance(part, ir.Call):
                effect = found.of_callbacks(part)[0]
            if effect is not None and not within(effect, decided):
                yield type(whole).__name__, whole.span.line, type(part).__name__, part.span.line


def plans(module: ModuleType, seeds: range) -> Iterator[str]:
    for seed in seeds:
        yield module.plan(Random(seed))


@pytest.mark.parametrize("precise", [effects.PRECISE, 0])
@pytest.mark.parametrize("module", [rich_plans, wide_plans, nested_plans])
def test_a_part_decides_about_no_more_than_the_whole(
    module: ModuleType, precise: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "PRECISE", precise)
    looked_at = 0
    for text in plans(module, range(250)):
        try:
            found = list(beyond(text))
        except PlanRejected:
            continue
        looked_at += 1
        assert found == [], text
    assert looked_at > 150


def test_the_comparison_sees_more() -> None:
    assert within((frozenset({1}), frozenset({-2}), False), (frozenset({1, 3}), frozenset({2}), True))
    assert not within((frozenset(), frozenset({2}), False), (frozenset(), frozenset({-2}), False))
    assert not within((frozenset({1}), frozenset(), False), (frozenset(), frozenset(), True))
    assert not within((frozenset(), frozenset(), True), (frozenset({1}), frozenset({2}), False))
