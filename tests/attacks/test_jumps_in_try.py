"""Jumps out of `try` statements: what runs, and how often, told whether something secret could be done. Never deleted.

What was found: after a `try` that a `return`, `break` or `continue` could leave, the code behind it ran under the pc
from before the statement, in the very run in which it was reached; so a write there, a counter or a function's result
told whether a secret text was a number. With `finally`, also what the jump itself left behind was public.
"""

from __future__ import annotations

import pytest

from lang.module_oracle import SECRET, lang_bounds, secret
from ringfence import lang
from ringfence.core.labels import Label
from ringfence.core.values import deep, unsafe_plain
from ringfence.lang.host import HostCall, Param, Signature, Site
from ringfence.lang.objects import settle_deep

SIGNATURES = {"send": Signature("send", (Param("x"),))}
FINALLY = "\n{0}finally:\n{0}    pass"
PLANS = """
def f(n):
  try:
    int(n)
  except ValueError:
    return 0{f2}
  send(1)
  return 1
x = f(s)
---
def f(n):
  try:
    int(n)
    return 1
  except ValueError:
    return 0{f2}
x = f(s)
---
c = []
def f(n):
  try:
    int(n)
    return 1
  except ValueError:
    pass{f2}
  c.append(send(1))
  return 0
x = f(s)
---
x = 0
c = 0
for n in [1, 2]:
  c += 1
  try:
    int(s)
    x = 1
    break
  except ValueError:
    x = 0{f2}
  send(c)
---
x = 0
c = 0
for n in [1, 2]:
  try:
    int(s)
    continue
  except ValueError:
    x = 0{f2}
  c += 1
  send(c)
---
c = 0
while c < 3:
  c += 1
  try:
    int(s)
  except ValueError:
    break{f2}
  send(c)
---
def f(n):
  for i in [1, 2]:
    try:
      int(n)
      break
    except ValueError:
      return 7{f4}
  return 0
x = f(s)
---
def f(n):
  try:
    try:
      int(n)
      return 1
    except KeyError:
      return 0{f4}
  except ValueError:
    return 3
x = f(s)
---
def f(n):
  try:
    if n == '5':
      return 1
  except ValueError:
    pass{f2}
  send(1)
  return 0
x = f(s)
---
def f(n):
  try:
    pass
  except ValueError:
    pass
  else:
    if n == '5':
      return 1{f2}
  send(1)
  return 0
x = f(s)
---
gs = []
def f(n):
  v = 0
  gs.append(lambda: v)
  try:
    int(n)
    v = 1
    return 1
  except ValueError:
    v = 2{f2}
  return 1
f(s)
x = gs[0]()
---
gs = []
def f(n):
  v = 0
  gs.append(lambda: v)
  if n == '5':
    v = 1
    return 1
  return 1
f(s)
x = gs[0]()
---
xs = []
def f(n):
  try:
    xs.append(int(n))
    return 1
  except ValueError:
    return 1{f2}
f(s)
x = len(xs)
---
def f(n):
  while True:
    try:
      int(n)
      return 1
    except ValueError:
      n = '6'{f4}
x = f(s)
""".strip().split("\n---\n")
BEHIND = """
def f(n):
  try:
    return int(n)
  except ValueError:
    return 0
x = f(s)
c = [1]
c.append(2)
send(1)
---
for n in [1]:
  try:
    x = int(s)
    break
  except ValueError:
    x = 0
c = [1]
c.append(2)
send(1)
---
def f(n):
  try:
    return 'a'
  except ValueError:
    return 0
x = f(s)
if x:
  c = [f(s)]
  send(1)
""".strip().split("\n---\n")


class Sent:
    """A host that keeps under which pc a write was made."""

    def __init__(self) -> None:
        self.calls: list[Label] = []

    def call(self, call: HostCall) -> None:
        self.calls.append(call.pc)

    def foresee(self, site: Site, name: str, pc: Label) -> None:
        """Nothing is denied."""


def ran(plan: str, text: str) -> tuple[list[Label], dict[str, tuple[Label, object]]]:
    checked = lang.check(lang.parse(plan), SIGNATURES, given={"s": lang_bounds()})
    host = Sent()
    result = lang.run(lang.compile(checked), host, {"s": secret(text)})
    assert result.outcome == "completed"
    named = {name: settle_deep(value) for name, value in result.variables.items() if name in ("x", "c", "n")}
    return host.calls, {name: (deep(value), unsafe_plain(value)) for name, value in named.items()}


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("plan", PLANS)
def test_what_is_public_is_the_same_whatever_the_secret(plan: str, final: bool) -> None:
    filled = plan.format(f2=FINALLY.format("  ") if final else "", f4=FINALLY.format("    ") if final else "")
    (sent, one), (others, other) = ran(filled, "5"), ran(filled, "x")
    assert [pc for pc in sent if pc.public] == [pc for pc in others if pc.public] == []
    for name in one.keys() | other.keys():
        label, value = one[name]
        assert (label, value) == other[name] if label.public else not other[name][0].public


@pytest.mark.parametrize("plan", BEHIND)
def test_behind_the_function_or_loop_it_is_over(plan: str) -> None:
    """The pc stayed raised for the rest of the run after a jump out of the body: every later write was asked about."""
    calls, named = ran(plan, "5")
    assert [pc.public for pc in calls] == [True]
    assert named["c"][0].public


def test_secret_is_not_public() -> None:
    assert not SECRET.public


UNDER_A_RAISED_PC = """
if s:
  assert s
def f(n):
  if n == '5':
    return 1
x = f(s)
---
if s:
  assert s
for n in [1, 2]:
  if s == '5':
    break
---
if s:
  assert s
x = 0
for i in [1]:
  try:
    if s == '5':
      break
    x = 1
  finally:
    pass
---
gs = []
def f(n):
  v = 0
  gs.append(lambda: v)
  try:
    if n == '5':
      return 1
    v = 1
  finally:
    pass
if s:
  assert s
f(s)
x = gs[0]()
""".strip().split("\n---\n")


@pytest.mark.parametrize("plan", UNDER_A_RAISED_PC)
def test_a_pc_that_had_the_label_before_makes_nothing_public(plan: str) -> None:
    """Found at random: a second condition with the same label raised nothing, and so its jump marked nothing."""
    (_, one), (_, other) = ran(plan, "5"), ran(plan, "x")
    assert one.keys() == other.keys() != set()
    assert not [name for name in one if one[name][0].public or other[name][0].public]
