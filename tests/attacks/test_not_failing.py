"""That a tool did not fail is as private as that it failed: whatever made it fail may be in any record or field.

What was found: where a tool's label rule has functions, fields or a shape, a failure had the default label, and that
there was none had the label of the result. Where that is public, what a plan did in the body of a `try` behind the
call, in `else`, and behind the `try` with what handlers jump over or write told in public that the tool had not failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from ringfence import EVERYONE, Firewall, Label, Public, labels, tool

SHAPE = Label({"tool:look"})
RULES = {
    "by record": labels(readers=lambda record: EVERYONE),
    "records of a list": labels(readers=lambda record: EVERYONE, shape=SHAPE),
    "a field": labels(readers=EVERYONE, fields={"text": labels(readers="ann")}),
    "a shape": labels(sources="user", own=False, shape=SHAPE),
    "by call": labels(readers=lambda record, arguments: EVERYONE, by_call=True),
}

# What each posts in public must be the same whether the tool fails or not.
TEXTS = """
# behind the call
try:
    x = look()
    post('did not fail')
except Exception:
    pass
---
# the call itself
try:
    look()
    post('did not fail')
except Exception:
    pass
---
# either arm
try:
    look()
    f = 'yes'
except Exception:
    f = 'no'
post(f)
---
# else
try:
    look()
except Exception:
    pass
else:
    post('did not fail')
---
# set in else
f = 'no'
try:
    look()
except Exception:
    pass
else:
    f = 'yes'
post(f)
---
# finally
f = False
try:
    look()
    f = True
finally:
    if f:
        post('did not fail')
---
# set before
f = 'no'
try:
    look()
    f = 'yes'
except Exception:
    pass
post(f)
---
# the result is there
x = None
try:
    x = look()
except Exception:
    pass
post('no' if x is None else 'yes')
---
# its length
xs = []
try:
    xs = look()
except Exception:
    pass
post(str(len(xs)))
---
# a list
xs = []
try:
    look()
    xs.append(1)
except Exception:
    pass
post(str(len(xs)))
---
# a list of results
xs = []
try:
    xs.append(look())
except Exception:
    pass
post(str(len(xs)))
---
# a counter
n = 0
try:
    look()
    n += 1
except Exception:
    pass
post(str(n))
---
# continue
for i in [1]:
    try:
        look()
    except Exception:
        continue
    post('did not fail')
---
# break
n = 0
for i in [1, 2, 3]:
    n += 1
    try:
        look()
        break
    except Exception:
        pass
post(str(n))
---
# while
n = 0
while n < 3:
    n += 1
    try:
        look()
    except Exception:
        break
post(str(n))
---
# else of a loop
for i in [1]:
    try:
        look()
        break
    except Exception:
        pass
else:
    post('failed')
---
# return
def f():
    try:
        look()
    except Exception:
        return 'no'
    return 'yes'
post(f())
---
# return and post
def f():
    try:
        look()
    except Exception:
        return
    post('did not fail')
f()
---
# in a function
def f():
    look()
    return 'yes'
try:
    f = f()
except Exception:
    f = 'no'
post(f)
---
# behind a function
def f():
    look()
try:
    f()
    post('did not fail')
except Exception:
    pass
---
# in a function, behind it
def f():
    look()
    post('did not fail')
try:
    f()
except Exception:
    pass
---
# a lambda
f = lambda: look()
try:
    f()
    post('did not fail')
except Exception:
    pass
---
# a variable
f = look
try:
    f()
    post('did not fail')
except Exception:
    pass
---
# map
try:
    list(map(lambda i: look(), [1]))
    post('did not fail')
except Exception:
    pass
---
# map of the tool
try:
    list(map(take, [1]))
    post('did not fail')
except Exception:
    pass
---
# sorted by the tool
try:
    sorted([1, 2], key=lambda i: len(str(look())))
    post('did not fail')
except Exception:
    pass
---
# a key
try:
    max([1], key=take)
    post('did not fail')
except Exception:
    pass
---
# a comprehension
try:
    xs = [look() for i in [1]]
    post('did not fail')
except Exception:
    pass
---
# a length of them
try:
    n = len([look() for i in [1]])
    post(str(n))
except Exception:
    pass
---
# a generator
try:
    n = sum(1 for x in (look() for i in [1]))
    post(str(n))
except Exception:
    pass
---
# next
try:
    next(look() for i in [1])
    post('did not fail')
except Exception:
    pass
---
# in an operand
try:
    1 if look() else 2
    post('did not fail')
except Exception:
    pass
---
# and
try:
    True and look()
    post('did not fail')
except Exception:
    pass
---
# walrus
try:
    (x := look())
    post('did not fail')
except Exception:
    pass
---
# stars
try:
    look(*[])
    post('did not fail')
except Exception:
    pass
---
# an inner try
try:
    try:
        look()
    finally:
        pass
    post('did not fail')
except Exception:
    pass
---
# an outer try
try:
    try:
        look()
    except KeyError:
        pass
    post('did not fail')
except Exception:
    pass
---
# a try that catches
try:
    try:
        look()
        post('did not fail')
    except Exception:
        pass
finally:
    pass
---
# two calls
f = 0
try:
    take(1)
    f = 1
    look()
    f = 2
except Exception:
    pass
post(str(f))
---
# raised again
f = 'yes'
try:
    try:
        look()
    except Exception as e:
        raise KeyError(1)
except KeyError:
    f = 'no'
post(f)
---
# read
try:
    look()
    ask('did not fail')
except Exception:
    pass
---
# by a quarantined call
try:
    quarantine('x', look())
    ask('did not fail')
except Exception:
    pass
---
# by quarantined calls
try:
    quarantine_each('x', [look()])
    ask('did not fail')
except Exception:
    pass
---
# the answer
try:
    look()
    answer('yes')
except Exception:
    answer('no')
post('end')
---
# del
f = 1
try:
    look()
    del f
except Exception:
    pass
try:
    f
    post('failed')
except NameError:
    pass
---
# a closure
f = 'no'
g = lambda: f
try:
    look()
    f = 'yes'
except Exception:
    pass
post(g())
---
# a loop
n = 0
try:
    for i in [1, 2]:
        look()
        n += 1
except Exception:
    pass
post(str(n))
---
# match
try:
    match look():
        case _:
            post('did not fail')
except Exception:
    pass
---
# assert
try:
    assert look() is not None
    post('did not fail')
except Exception:
    pass
""".strip().split("\n---\n")
PLANS = {text.partition("\n")[0][2:]: text for text in TEXTS}


@dataclass
class Found:
    name: str
    text: str


class Reader:
    """Says the same of everything."""

    def read(self, instruction: str, data: tuple[str, ...], schema: Any) -> str:
        return "read"


def posted(plan: str, rule: Any, fails: bool, quick: bool = False) -> tuple[list[str], str]:
    """What was posted or asked in public, and what is forecast for the places where it is."""

    def found() -> Any:
        if fails:
            raise OSError("the vault is empty")
        return [Found("a", "b")] if rule.shape is not None else Found("a", "b")

    @tool(effect="write" if quick else "read", returns=rule)
    def look() -> Any:
        return found()

    @tool(effect="write" if quick else "read", returns=rule)
    def take(number: int) -> Any:
        return found()

    @tool(effect="write")
    def post(text: Annotated[str, Public]) -> None:
        pass

    @tool(effect="read", egress=("text",))
    def ask(text: Annotated[str, Public]) -> None:
        pass

    firewall = Firewall(tools=[look, take, post, ask], quarantine=Reader())
    forecast = {call.verdict for call in firewall.check(plan).forecast.calls if call.tool in ("post", "ask")}
    made = [call for call in firewall.exec(plan).calls if call.tool in ("post", "ask") and call.verdict == "allow"]
    return [str(call.arguments["text"]) for call in made], " ".join(sorted(forecast))


@pytest.mark.parametrize("quick", [False, True], ids=["on its way", "at once"])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_it_posts_the_same(plan: str, quick: bool) -> None:
    for name, rule in RULES.items():
        one, other = posted(plan, rule, False, quick), posted(plan, rule, True, quick)
        assert one[0] == other[0], name
        if one[0] == []:
            assert "allow" not in one[1] or "depends" in one[1], name


def test_outside_of_a_try_a_call_tells_nothing() -> None:
    """That the plan goes on tells it; but a failure ends the run, and termination is what everyone sees of it."""
    for name, rule in RULES.items():
        assert posted("look()\npost('on')\n", rule, False)[0] == ["on"], name
        assert posted("try:\n    x = 1\nexcept Exception:\n    pass\nlook()\npost('on')\n", rule, False)[0] == ["on"]


@pytest.mark.parametrize("fails", [False, True])
def test_what_neither_arm_writes_stays_public(fails: bool) -> None:
    plan = "a, b = 'a', [1]\ntry:\n    x = look()\nexcept Exception:\n    x = None\npost(a)\npost(str(len(b)))\n"
    for name, rule in RULES.items():
        assert posted(plan, rule, fails)[0] == ["a", "1"], name


TOLD = labels(readers=lambda record: EVERYONE, failing=Label({"tool:look"}))
TOLD_OF_ONE = labels(readers="ann", failing=Label({"tool:look"}))


@pytest.mark.parametrize("rule", [TOLD, TOLD_OF_ONE], ids=["public results", "ann's results"])
def test_whose_author_says_that_all_may_know_tells_it_either_way(rule: Any) -> None:
    plan = "try:\n    look()\nexcept Exception:\n    post('failed')\n"
    assert posted(plan, rule, True) == (["failed"], "depends")
    assert posted(plan, rule, False)[0] == []
    assert posted(PLANS["either arm"], TOLD, False)[0] == ["yes"]
    assert posted(PLANS["either arm"], rule, True)[0] == ["no"]
    assert posted(PLANS["either arm"], TOLD_OF_ONE, False)[0] == []  # the result itself is ann's, and so what it tells
