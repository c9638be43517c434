"""Calls with a label above their forecast, and denials that were certain only in the forecast. Never deleted.

What was found: a forecast that knew of objects by the names in an assignment alone. It missed what a bound method, a
function as a value, `operator.setitem` or an exception carries from one place to another; how far an iterator had come;
which of two objects was changed; what a jump skips that stood before it; and what defines a function, a class or a
module where a secret decides about it. Its lower bounds took what is in a container for what is known of its length.
"""

from __future__ import annotations

import pytest

from forecasting import GIVEN, SIGNATURES, wrong
from ringfence import lang
from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.values import deep, label_of
from ringfence.lang import ForeseenArgument
from ringfence.lang.host import Bounds

PRELUDE = """\
import operator
from collections import ChainMap, defaultdict
from functools import partial, reduce
from operator import setitem
xs = [1]
d = {}
def sec(n=0):
    return s
def bad(n=0):
    raise ValueError(s)
"""

ABOVE = """\
x=vault(s)
put(x)
vault=1
--
vault=vault(1)
put(vault)
--
if s:
    web=web(1)
put(web)
--
f=web
if s:
    put(f(1))
web=2
--
def look():
    return vault(1)
put(look())
vault=2
--
fs=[lambda: web(s)]
put(fs[0]())
web=2
--
def vault(n): return 1
fs=[vault]
put(fs[0](s))
--
if s:
    def f(): return 1
else:
    def f(): return 2
put(f)
--
if s:
    import math
put(math)
--
if s:
    def f(): return 1
put(f is None)
--
if s:
    class A(BaseModel):
        v: int = 0
else:
    class A(BaseModel):
        v: int = 1
put(A(v=1))
--
setitem(d, 1, s)
put(d)
--
list(map(xs.append,[s]))
put(xs)
--
push=xs.append
push(s)
put(xs)
--
fs=[sec]
put(fs[0](1))
--
put(list(map(sec,[1]))[0])
--
def f(n):
    put(n)
f(list(map(web,[1]))[0])
--
try:
    bad()
except Exception as e:
    put(str(e))
--
p=partial(setitem,d)
p(2,s)
put(d)
--
put(sorted([1,2],key=sec)[0])
--
it=iter([1,2])
if s:
    next(it)
put(next(it))
--
it=iter([1,2])
if s:
    for q in it:
        break
put(next(it))
--
it=iter([1,2])
if s:
    list(it)
put(len(list(it)))
--
if s:
    m=xs.append
else:
    m=print
m(1)
put(xs)
--
def f():
    if s > 5:
        raise ValueError('x')
    return 1
try:
    f()
    put(1)
except ValueError:
    put(2)
--
put(*[1 for i in range(s)])
--
put(**({'x':1} if s else {'y':1}))
--
x=quarantine_each('a',[s,1],returns=int)
put(x)
put(len(x))
--
try:
    bad()
except ValueError as e:
    er=e
put(str(er))
--
mk=methods={'p': xs.append}
methods['p'](s)
put(xs)
--
from operator import methodcaller
methodcaller('append', s)(xs)
put(xs)
--
mp=map(xs.append,[1])
if s:
    next(mp)
put(xs)
--
ys=[3,1]
ys.sort(key=sec)
put(ys)
--
zz = [xs.append][0]
zz(s)
put(xs)
--
def deft(l=xs):
    l.append(s)
deft()
put(xs)
--
xs.append(1)
if s > 100:
    raise ValueError('x')
put(xs)
--
xs.append(1)
assert s<100
put(xs)
--
xs.append(1)
if s > 100:
    observe(a=1)
put(xs)
--
xs.append(1)
try:
    if s:
        raise KeyError('x')
except KeyError:
    pass
put(xs)
--
it=iter([1,2])
next(it)
assert s<100
put(next(it))
--
it=iter([1,2,3])
for q in it:
    if s:
        break
put(next(it,0))
--
it=iter([1,2,3])
y= s in it
put(next(it,0))
--
it=iter([1,2,3])
y=any(q > s for q in it)
put(next(it,0))
--
it=iter([1,2,3])
y=list(zip([1]*s, it))
put(next(it,0))
--
x=quarantine('a',*([1]*s),returns=int)
put(x)
--
x = xs if s else []
x.append(1)
put(xs)
--
def f():
    raise ValueError(xs)
try:
    f()
except ValueError as e:
    e.args[0].append(s)
put(xs)
--
try:
    raise ValueError(xs)
except ValueError as e:
    w = e
w.args[0].append(s)
put(xs)
--
from operator import attrgetter
attrgetter('append')(xs)(s)
put(xs)
--
from functools import partial
p=partial(xs.append)
p(s)
put(xs)
--
import operator as op
f=op.setitem
f(d,1,s)
put(d)
--
x=xs.append
for f in [x]:
    f(s)
put(xs)
--
from collections import defaultdict
dd=defaultdict(list)
dd[s].append(1)
put(dd)
put(len(dd))
--
from collections import defaultdict
dd=defaultdict(list)
if s:
    dd[1]
put(len(dd))
--
from collections import defaultdict
dd=defaultdict(list)
y = dd[s]
put(len(dd))
--
for i in range(s):
    def f(): return 1
put(f)
"""

# Functions that are only called: what is passed, where, and what they give. And jumps out of a `try`, which leave what
# did not fail there in the pc for the rest of the run.
FUNCTIONS = """\
try:
    a = s + s
    put((c := xs))
except Exception as e:
    put(1)
--
def f(n):
    put(n)
f(1)
--
def f(n):
    put(n)
f(s)
--
def f(n):
    put(1)
if s:
    f(1)
--
def f(n):
    if n:
        return 1
    return 2
put(f(s))
--
def f(n):
    if n:
        return
    xs.append(1)
put(f(s))
put(xs)
--
def f(n):
    xs.append(1)
    if n:
        return 1
f(s)
put(xs)
--
def f(n):
    xs.append(1)
    if n > 100:
        raise ValueError('x')
f(s)
put(xs)
--
def f(n):
    xs.append(1)
    if n > 100:
        raise ValueError('x')
try:
    f(s)
except ValueError:
    pass
put(xs)
--
def f(n, m=s):
    put(m)
f(1)
--
def f(*n, **m):
    put(n)
    put(m)
f(1, a=s)
--
def f(n, m=1):
    put(n)
    put(m)
f(*[1, s])
--
def f(n, m=1):
    put(n)
    put(m)
f(**{'n': s})
--
def f(n):
    return g(n)
def g(n):
    return n
put(f(s))
--
def f(n):
    return n if n < 1 else f(n - 1)
put(f(s))
--
def f(n):
    def h():
        put(n)
    h()
f(s)
--
def f(n):
    n.append(s)
f(xs)
put(xs)
--
def f():
    return s
put(f())
--
def f(n):
    put(1)
for i in range(s):
    f(i)
--
def f(n):
    put(1)
x = s and f(1)
--
def f(n):
    put(1)
x = [f(i) for i in range(3) if i < s]
--
def f(n):
    put(n)
x = list(map(lambda i: f(i), [s]))
--
def f(n):
    put(1)
    return 1
x = sum(f(i) for i in range(s))
--
if s:
    def f(n):
        put(1)
        return 1
    f(1)
--
def f(n):
    for i in xs:
        if n:
            break
        put(1)
    put(2)
f(s)
--
def f(n):
    while n > 0:
        n -= 1
        put(n)
    return n
put(f(s))
--
def f(n):
    try:
        return 1 // n
    except Exception:
        put(1)
        return 0
put(f(s))
--
def f(n):
    assert n > -5
    put(1)
f(s)
put(2)
--
def f(n):
    it = iter(xs)
    if n:
        next(it)
    return it
put(list(f(s)))
--
f(1) if False else 1
def f(n):
    put(n)
f(s)
--
def f(n):
    return lambda: n
put(f(s)())
--
def f(a, /, b, *, c):
    put(a)
    put(b)
    put(c)
f(1, s, c=h)
--
def f(a, /, b, *, c):
    put(a)
    put(b)
    put(c)
f(1, b=s, c=1)
--
def f(n):
    y = n
    return 1
put(f(s))
--
def f(n):
    if n:
        xs.append(1)
f(s)
put(xs)
--
def f(a):
    put(a)
match s:
    case 1:
        f(1)
    case x:
        f(x)
--
for i in [1,2]:
    try:
        y = 1 // s
        break
    except Exception:
        continue
put(1)
--
while True:
    try:
        y = 1 // s
        break
    except Exception:
        break
put(1)
put(1)
--
def f(n):
    for i in [1,2]:
        try:
            y = 1 // n
            break
        except Exception:
            continue
    return 1
x = f(s)
put(1)
--
for i in [1,2]:
    try:
        y = 1 // s
    except Exception:
        continue
put(1)
--
def f(n):
    try:
        return 1 // n
    except Exception:
        return 0
x = f(s)
put(1)
try:
    z = int('1')
except ValueError:
    z = 2
put(z)
put(1)
--
def f(n):
    try:
        y = 1 // n
    except Exception:
        return 0
    return 1
x = f(s)
put(1)
try:
    z = int('1')
except ValueError:
    z = 2
put(z)
put(1)
--
def f(n):
    try:
        return 1 // n
    except Exception:
        return 0
x = f(s)
put(1)
--
def f(n):
    try:
        x = 1 // n
    except Exception:
        x = 0
    return x
x = f(s)
put(1)
--
def f(n):
    if n:
        return 1
    return 0
x = f(s)
put(1)
--
def f(n):
    try:
        return 1 // n
    except ZeroDivisionError:
        return 0
x = f(s)
put(1)
--
def f(n):
    y = 1 // n
    return 0
x = f(s)
put(1)
--
x = 1 // s
put(1)
--
def f(n):
    try:
        return 1 // n
    finally:
        y = 1
x = f(s)
put(1)
--
def f(n):
    if n > 9:
        raise ValueError('x')
    return 0
x = f(s)
put(1)
--
def f(n):
    assert n < 9
    return 0
x = f(s)
put(1)
--
def f(n):
    for i in [1,2]:
        if n:
            return 1
    return 0
x = f(s)
put(1)
"""

# `vault()` and `s` are secret; of what is put here something is not.
NOT_SURE = """\
put(len([vault()]))
--
xs=[vault()]
xs.clear()
put(xs)
--
put([vault()] is None)
--
put(not [vault()])
--
put([vault()] and 1)
--
put([vault()]*0)
--
put('a' in {'a': vault()})
--
put(list({1: vault()}))
--
put([*{1: vault()}])
--
put(s)
s = vault()
--
put(k)
k = vault()
--
put({**{'a': vault()}, 'a': 1})
--
put(sorted({1: vault()}))
--
xs=[vault()]
xs[0]=1
put(xs)
--
put(1 if [vault()] else 2)
--
x=[vault()]
put(x is x)
--
x={'a':vault()}
put(len(x))
--
match s:
    case 1 if put(1):
        pass
    case _:
        pass
--
put('a' if 'b' in {'b': s} else 'c')
--
put(list({1: s}))
"""


def prelude(text: str) -> str:
    """Only with what the plan mentions: where `operator.setitem` is, less is known of everything."""
    if "setitem" in text:
        return PRELUDE
    return PRELUDE.replace("import operator\n", "").replace("from operator import setitem\n", "")


@pytest.mark.parametrize("text", ABOVE.split("--\n"))
def test_no_label_is_above_its_forecast(text: str) -> None:
    assert wrong(prelude(text) + text) == []
    assert wrong(PRELUDE + text) == []


@pytest.mark.parametrize("text", FUNCTIONS.split("--\n"))
def test_no_label_in_a_function_is_above_its_forecast(text: str) -> None:
    assert wrong("xs = [1]\n" + text) == []


@pytest.mark.parametrize("text", NOT_SURE.split("--\n"))
def test_nothing_is_certain_that_a_run_may_not_bear_out(text: str) -> None:
    assert wrong("xs = [1]\n" + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "put(vault())",
        "x = vault()\nput(x + 'a')",
        "put(f'{vault()}')",
        "put([vault()])",
        "put(len(vault()))",
        "put(vault()[0])",
        "put({'a': vault(), 'b': 1})",
        "xs = [1]\nxs.append(2)\ny = vault()\nput(y)",
        "y = vault()\nlen(y)\nz = [1]\nz.append(3)\nput(str(y))",
        "put(s * 2)",
        "put(not s)",
    ],
)
def test_what_is_certainly_secret_is_still_known_to_be(text: str) -> None:
    assert all(argument.bounds.low != TRUSTED_PUBLIC for argument in foreseen(text, "put"))


@pytest.mark.parametrize(
    "text",
    [
        "a = len(s)\nb = len([1])\nput(b)",
        "import math\na = math.floor(s)\nb = math.floor(1)\nput(b)",
        "t = [1]\nu = [s]\nput(t)",
        "t = str(1)\nu = t.upper() + str(s)\nput(t)",
        "web(s, [1])\nt = [1]\nput(t)",
        "rows = [s]\nt = [1]\nfor row in rows:\n    k = row\nput(t)",
        "t = [1]\nfor n, one in enumerate(t):\n    if s:\n        u = t\nput(t)",
        "t = [1]\nif s:\n    u = sorted(zip(t, t))\nput(t)",
        "put(*[1, 2])",
        "def f(n):\n    return n\nt = [1]\nput(t)",
        "def f(n):\n    put(n)\nf(1)\nx = s\ny = vault()",
        "def f(n):\n    return n\nput(f(1))\nx = f2 = s",
        "def f(n, *, m=2):\n    put(m)\nf(s, m=1)",
        "def f(n):\n    return g(n)\ndef g(m):\n    return m\nput(f(1))\nx = s",
        "try:\n    x = int('1')\nexcept ValueError:\n    x = 0\ny = s\nput(x)",
        "class Box(BaseModel):\n    v: list = []\none = Box(v=[s])\ntwo = Box(v=[1])\none.v.append(s)\nput(two)",
    ],
)
def test_what_no_secret_reaches_stays_free_of_it(text: str) -> None:
    assert {argument.bounds.high for argument in foreseen(text, "put")} == {TRUSTED_PUBLIC}


IN_A_TRY = "try:\n    int({})\n    {}\nexcept ValueError:\n    pass\n"
FUNCTION = "def f(n):\n    " + IN_A_TRY.format("n", "return 1").replace("\n", "\n    ").rstrip() + "\n    return 2\n"
LOOP = "for n in [1, 2]:\n    " + IN_A_TRY.format("s", "break").replace("\n", "\n    ").rstrip() + "\n"


@pytest.mark.parametrize(
    "text",
    [
        FUNCTION + "x = f(s)\nput(1)\n",
        FUNCTION + "put(1)\n",
        FUNCTION + "if f(s):\n    y = 1\nput(1)\n",
        LOOP + "put(1)\n",
        LOOP.replace("break", "continue") + "put(1)\n",
        LOOP.replace("for n in [1, 2]", "while len('a')") + "put(1)\n",
        "for m in [1]:\n    " + LOOP.replace("\n", "\n    ").rstrip() + "\nput(1)\n",
        "def g():\n    f(s)\n    put(1)\n" + FUNCTION + "g()\n",
    ],
)
def test_behind_what_a_jump_out_of_a_try_leaves_the_place_is_as_before(text: str) -> None:
    """It was forecast to stay as private as in the `try` for the rest of the plan, which it does in no run."""
    assert places(text, "put") == {TRUSTED_PUBLIC}


@pytest.mark.parametrize(
    "text",
    [
        LOOP + "    put(1)\n",
        LOOP.replace("break", "continue") + "    put(1)\n",
        FUNCTION.replace("return 2", "put(1)") + "f(s)\n",
        "try:\n    " + LOOP.replace("\n", "\n    ").rstrip() + "\n    put(1)\nexcept KeyError:\n    pass\n",
    ],
)
def test_before_that_it_is_private(text: str) -> None:
    assert TRUSTED_PUBLIC not in places(text, "put")


def places(text: str, name: str) -> set[Label | None]:
    """What is forecast of the places where a tool is called."""
    bounds = {one: Bounds(deep(value), deep(value), label_of(value)) for one, value in GIVEN.items()}
    assert wrong(text) == []
    graph = lang.flows(lang.check(lang.parse(text), SIGNATURES, given=bounds))
    return {call.pc.high for call in graph.calls if call.name == name}


def foreseen(text: str, name: str) -> list[ForeseenArgument]:
    """The arguments of the calls of a tool."""
    bounds = {one: Bounds(deep(value), deep(value), label_of(value)) for one, value in GIVEN.items()}
    graph = lang.flows(lang.check(lang.parse(text), SIGNATURES, given=bounds))
    assert wrong(text) == []
    return [argument for call in graph.calls if call.name == name for argument in call.arguments.values()]
