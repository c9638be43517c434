"""Branches as code: `if`, `match`, `assert`.

Its one rule: after a branch every name that one of its arms may have bound has the label of the condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ringfence.lang import ir
from ringfence.lang.analysis.certain import cannot_fail
from ringfence.lang.codegen.scopes import meet
from ringfence.lang.codegen.writer import Writer
from ringfence.lang.scope import ends, escapes


def branch(w: Writer, node: ir.If) -> None:
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ir.If):
        chain(w, node)
        return
    region = w.effects.region(node)
    saved = w.temp()
    w.line(f"{saved} = {w.expr(node.test)}")
    w.line(f"if {saved} is True or {saved} is not False and ({saved} := S.enter({saved}, {region})):")
    first = len(w.lines)
    before = w.scope.assigned.mark()
    results = [arm(w, node.body, before)]
    if node.orelse:
        w.line("else:")
    results.append(arm(w, node.orelse, before))
    w.scope.assigned.update(meet(results))
    arms = (*node.body, *node.orelse)
    # What a jump skips may fail, too.
    sure = cannot_fail(arms) and not escapes(arms)
    if sure and not any("load" in line for line in w.lines[first:]):
        w.effects.regions.sure.add(region)
    after = [] if escapes(arms) else [f"S.back({saved}.pc)"]
    after += [f"v_{name} = taint(v_{name}, {saved}.label)" for name in w.bound(arms)]
    if after:
        w.line(f"if type({saved}) is Saved: {'; '.join(after)}")


def arm(w: Writer, body: tuple[ir.Stmt, ...], before: int) -> set[str] | None:
    """Write an arm: the names assigned since `before`, which are taken back; None if nothing comes after it."""
    if body:
        w.block(body)
    added = w.scope.assigned.take(before)
    return None if ends(body) else added


def chain(w: Writer, node: ir.If) -> None:
    loop = w.temp()
    w.line(f"{loop} = Loop(S, {w.effects.region(node)})")
    before = w.scope.assigned.mark()
    results: list[set[str] | None] = []
    word, current, bodies = "if", node, []
    tests = []  # each is evaluated if those before it are false
    while True:
        w.span = current.test.span
        tests.append(current.test)
        w.line(f"{word} {loop}.test({w.expr(current.test)}):")
        bodies.append(current.body)
        results.append(arm(w, current.body, before))
        if not (len(current.orelse) == 1 and isinstance(current.orelse[0], ir.If)):
            break
        word, current = "elif", current.orelse[0]
    if current.orelse:
        w.line("else:")
        bodies.append(current.orelse)
    results.append(arm(w, current.orelse, before))
    w.scope.assigned.update(meet(results))
    close(w, loop, [statement for body in bodies for statement in body], tests)


def match_statement(w: Writer, node: ir.Match) -> None:
    loop = w.temp()
    w.line(f"{loop} = Loop(S, {w.effects.region(node)})")
    w.line(f"{loop}.subject = {w.settled(node.subject)}")
    w.in_order()
    before = w.scope.assigned.mark()
    results: list[set[str] | None] = []
    word = "if"
    sure = False
    for case in node.cases:
        w.span = case.span
        pattern, values = pattern_of(w, case.pattern)
        names = list(w.bound((case.pattern,)))
        taken = "".join(f', (v_{name} := {loop}.captured["{name}"])' for name in names)
        test = f"matched(S, {loop}, {pattern}, ({''.join(value + ', ' for value in values)}))"
        if names:
            test += f" and (True{taken}, True)[-1]"
        w.scope.assigned.update(names)
        if case.guard is not None:
            test += f" and {loop}.test({w.expr(case.guard)})"
        elif isinstance(case.pattern, ir.CapturePattern) and case.pattern.pattern is None:
            sure = True
        w.line(f"{word} {test}:")
        results.append(arm(w, case.body, before))
        word = "elif"
    if not sure:
        results.append(set())
    w.scope.assigned.update(meet(results))
    body = [statement for case in node.cases for statement in case.body]
    guards = [case.guard for case in node.cases if case.guard is not None]
    close(w, loop, body, [*(case.pattern for case in node.cases), *guards])


def pattern_of(w: Writer, node: ir.Pattern) -> tuple[str, list[str]]:
    """The pattern as a nested tuple of plain parts, and the code of the values it compares with."""
    values: list[str] = []

    def build(part: ir.Pattern) -> object:
        match part:
            case ir.ValuePattern(value=value):
                values.append(w.expr(value))
                return ("value", len(values) - 1)
            case ir.CapturePattern(name=name, pattern=inner):
                return ("capture", name, None if inner is None else build(inner))
            case ir.StarPattern(name=name):
                return ("star", name, w.effects.tracked(part))
            case ir.SequencePattern(patterns=patterns):
                return ("sequence", tuple(build(p) for p in patterns))
            case ir.MappingPattern(keys=keys, patterns=patterns, rest=rest):
                places = []
                for key in keys:
                    values.append(w.expr(key))
                    places.append(len(values) - 1)
                number = w.effects.tracked(part)
                return ("mapping", tuple(places), tuple(build(p) for p in patterns), rest, number)
            case ir.ClassPattern(cls=cls, patterns=patterns, names=names, keyword_patterns=named):
                values.append(w.expr(cls))
                place = len(values) - 1
                return ("class", place, tuple(build(p) for p in patterns), names, tuple(build(p) for p in named))
            case ir.OrPattern(patterns=patterns):
                return ("or", tuple(build(p) for p in patterns))
            case _:
                assert_never(part)

    built = build(node)
    return w.constant(built), values


def close(w: Writer, loop: str, body: list[ir.Stmt], extra: Iterable[ir.Node] = ()) -> None:
    """After a construct whose course `loop` followed: restore the pc, taint what it could write."""
    w.line(f"if {loop}.label is not TRUSTED_PUBLIC:")
    w.depth += 1
    if not escapes(body):
        w.line(f"S.back({loop}.pc)")
    w.taints(w.bound((*body, *extra)), f"{loop}.label")
    w.line("pass")
    w.depth -= 1


def assertion(w: Writer, node: ir.Assert) -> None:
    test = w.temp()
    w.line(f"{test} = {w.expr(node.test)}")
    held = f"{test} is True or {test} is not False and S.enter({test}, {w.effects.region(node)})"
    message = "" if node.message is None else f"{w.expr(node.message)}, True"
    w.line(f"if not ({held}): S.check_assert({message})")
