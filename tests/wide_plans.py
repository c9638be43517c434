"""Plans at random, for properties that hold of all: every construct through which a label could be lost.

A plan is a prelude of objects that are reached in many ways (aliases, closures, fields, defaults, views, iterators,
bound methods), changes of them at places that something decides about, and looks at what is left.
"""

from __future__ import annotations

from random import Random

from wide_sources import LISTS, STEPS, USES

PRELUDE = """\
import calendar
import copy
import itertools
import json
import operator
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from functools import partial, reduce
from itertools import accumulate, chain, tee
from operator import itemgetter, methodcaller
from urllib.parse import parse_qs
xs = [1, 2, 3]
ys = xs
zs = [3, 1, 2]
nest = [xs, [4]]
d = {1: 1, "k": [5]}
e = {"in": d}
tags = {1, 2}
q = deque([1, 2, 3])
count = Counter([1, 1, 2])
filled = defaultdict(list)
first = filled["a"]
ordered = OrderedDict([("a", 1), ("b", 2)])
over = ChainMap({}, d)
g = (i for i in [1, 2, 3, 4, 5, 6])
it = iter([1, 2, 3, 4, 5, 6])
left, right = tee([1, 2, 3])
lazy = map(lambda i: zs.append(i) or i, [7, 8])
pairs = zip([1, 2], xs)
log = []
a = 1
b = 2
text = "one two"
Pair = namedtuple("Pair", "f g")
class Box(BaseModel):
    v: int = 0
    items: list = []
class Level(Enum):
    LOW = "low"
    HIGH = "high"
box = Box(items=xs)
other = box
def add(n, seen=[]):
    seen.append(n)
    return len(seen)
def keep(*args, **named):
    log.append(len(args) + len(named))
    return xs
def early(n):
    if n > 1:
        return 0
    log.append(n)
    return 1
def maker():
    held = [0]
    def bump(n=1):
        held.append(n)
        return len(held)
    return bump, held
bump, held = maker()
def chosen(acc, n):
    acc.append(n)
    return xs
pair = Pair(keep, bump)
methods = {"push": xs.append, "pop": zs.pop}
later = [lambda: xs.append(9), lambda: box]
push = partial(operator.setitem, d)
fold = partial(reduce, chosen)
"""

# What may change something; `@` is a value that may be secret.
CHANGES = """\
xs.append(@)
ys.extend([@, 1])
xs.insert(0, @)
zs.sort()
zs.reverse()
zs.pop()
zs.remove(1)
xs.clear()
xs[0] = @
xs[1:] = [@]
del xs[0]
xs += [@]
zs *= 2
nest[0].append(@)
nest[1] = xs
d[2] = @
d["k"].append(@)
d.update(z=@)
d.setdefault("n", [])
d.pop(1, None)
del d[1]
d |= {3: 4}
e["in"][7] = 8
e.get("in").clear()
tags.add(@)
tags.discard(1)
tags |= {9}
q.append(@)
q.appendleft(1)
q.popleft()
q.rotate(1)
count[1] += 1
count.update([2, 2])
count.subtract([1])
filled["a"].append(@)
filled["b"]
first.append(1)
ordered.move_to_end("a")
ordered.popitem()
over["new"] = 1
over.maps[1]["new"] = 1
next(g, 0)
next(it, 0)
list(it)
for i in it: break
left_one = next(left, 0)
x = [*right]
x = 2 in g
x = max(it)
x = any(i > 2 for i in g)
x = sum(g)
keep(*it)
first_two = list(itertools.islice(it, 2))
x = dict(pairs)
x = list(lazy)
next(lazy, 0)
box.v = @
other.items.append(1)
box.items = zs
other = Box(v=2)
add(@)
keep(1, *xs, n=@)
early(@)
bump()
bump(n=@)
pair.f(@)
pair.g()
pair[1]()
methods["push"](@)
methods["pop"]()
later[0]()
later[1]().items.append(1)
[f() for f in later]
push(9, @)
push("k", [])
reduce(chosen, [1, 2], [])
fold([1, 2], [])
x = list(accumulate([1, 2], chosen, initial=[]))
x = list(map(xs.append, [1, 2]))
x = list(filter(add, [1, 2]))
x = sorted([2, 1], key=lambda i: add(i))
x = max([1, 2], key=add)
x = [add(i) for i in range(2)]
x = {i: zs.append(i) for i in range(2)}
x = (y := xs).append(1)
a = @
b = a + 1
a, b = b, @
a, *rest = xs
text += "!"
text = text.replace("o", str(@))
def keep(*args, **named): return zs
add = early
xs = zs
ys = [*xs]
del a
del b
log.append(text)
print(@)
print(*xs, sep=str(@))
raise ValueError(@)
raise KeyError("k") from ValueError(xs)
assert @
assert a == 1, "a"
x = [][@]
x = {}[@]
x = 1 // @
x = int("a" * @)
x = xs[@]
x = d[@]
x = Level("low" if @ else "high")
x = Level("none")
x = Box(v=[])
a.nothing
(a, b) = [1]
x = methodcaller("append", 1)(xs)
x = operator.itemgetter(0)(nest).append(1)
x = xs.copy().append(1)
x = quarantine("what", @, returns=int)
x = quarantine_each("what", [@, 1], returns=int)
x = look(@)
publish(1)
publish(a)
publish(len(xs))
"""

# Values that may be secret, and conditions on them.
VALUES = """\
s
t
a
1
0
s + a
(s, t)[0]
[s, 1][1]
len(xs)
xs[-1]
d.get(s, 0)
d.get(1, s)
max(s, t)
min(xs, default=s)
(lambda n: n + s)(1)
sum(i for i in [s, t])
int(s == t)
int(s in xs)
int(s < t < 3)
(s if t else a)
(s and a)
(a or s)
(not s) + 0
len(str(s))
len(f"{s:>{t + 1}}")
int(f"{s}")
sorted([t, s])[0]
look(s)
quarantine("what", s, returns=int)
next(iter([s]), 0)
{s: 1}.get(1, 0)
len({s, 1})
len([i for i in range(3) if i < s])
box.v
len("ab"[s:])
(c := s)
reduce(lambda m, n: m + n, [s, t])
early(s)
add(1)
"""

# Where it stands: `?` is a condition, `@` another value, `$` the changes.
PLACES = """\
if ?:
    $
--
if ?:
    $
else:
    $
--
if a:
    if ?:
        $
--
for i in range(?):
    $
--
for i in [1, 2]:
    if ?:
        break
    $
--
for i in [1, 2]:
    if ?:
        continue
    $
else:
    $
--
k = 0
while k < 2 and ?:
    k += 1
    $
--
while True:
    if ?:
        break
    $
    break
--
match ?:
    case 0:
        $
    case n if n > 2:
        $
    case _:
        pass
--
match (?, a):
    case (1, z):
        $
    case (z, 1):
        $
--
match {"k": ?}:
    case {"k": 1}:
        $
--
match box:
    case Box(v=1):
        $
    case Box():
        $
--
try:
    if ?:
        $
    $
except Exception:
    $
--
try:
    $
    x = [0, 1][?]
    $
except (IndexError, ValueError):
    $
else:
    $
--
try:
    x = 1 // ?
    $
finally:
    $
--
try:
    try:
        x = {0: 1}[?]
        $
    finally:
        $
except KeyError as problem:
    a = str(problem)
    $
--
try:
    $
except Exception as problem:
    if ?:
        raise
    $
--
def work():
    try:
        x = [0, 1][?]
        return x
    except IndexError:
        $
    $
    return 2
x = work()
--
def work():
    try:
        $
        x = 1 // ?
    except ZeroDivisionError:
        return 1
    finally:
        $
    $
    return 2
x = work()
--
def work():
    for i in range(3):
        try:
            if ? == i:
                return i
            x = {0: 1}[?]
        except KeyError:
            break
        $
    $
    return 4
x = work()
--
for i in range(3):
    try:
        x = [0, 1][?]
        $
        break
    except IndexError:
        $
    $
--
for i in range(3):
    try:
        x = 1 // ?
        continue
    except ZeroDivisionError:
        $
    finally:
        a = i
    $
--
y = 0
while y < 3:
    y += 1
    try:
        try:
            x = {0: 1}[?]
            if ?:
                break
        except ValueError:
            continue
    except KeyError:
        $
        continue
    $
--
def work():
    if ?:
        return 1
    $
    return 2
x = work()
--
def work(n):
    $
    return n
x = ? and work(1)
--
def work(n):
    $
    return n
x = work(1) if ? else work(2)
--
def work(n=0):
    $
    return n
x = [work(i) for i in range(3) if i < ?]
--
def work(n=0):
    $
    return n
x = any(work(i) for i in range(?))
--
def work(n=0):
    $
    return n
x = sorted([2, 1][:?], key=work)
--
def work(n=0):
    $
    return n
x = list(map(work, range(?)))
--
def work(*n, **m):
    $
    return n
x = work(*range(?))
y = work(**({"p": 1} if ? else {}))
--
def work(n):
    $
    return n
x = 0 < ? < work(1)
--
def work(n):
    $
    return n
steps = (work(i) for i in range(3) if ?)
x = next(steps, 0)
--
def work(n, m):
    $
    return n
x = reduce(work, range(?), 0)
--
chosen_one = xs if ? else zs
$
chosen_one.append(1)
--
for chosen_one in [xs, zs][:?]:
    chosen_one.append(1)
--
which = [xs, zs, log][? % 3]
which.append(1)
--
f = [add, early][? % 2]
f(1)
--
f = xs.append if ? else zs.append
f(1)
--
$
"""

LOOKS = """\
a
b
len(xs)
len(ys)
len(zs)
zs[0]
len(nest)
len(nest[0])
len(d)
len(d["k"])
1 in d
len(e["in"])
len(tags)
len(q)
q[0]
count[1]
len(filled)
len(first)
list(ordered)[0]
len(over)
next(g, 0)
next(it, 0)
next(left, 0)
next(right, 0)
next(lazy, 0)
next(pairs, 0)
len(log)
len(held)
box.v
len(box.items)
len(other.items)
text
add(1)
bump()
len(keep())
xs is ys
box is other
len(list(it))
sum(g)
str(xs)
f"{d}"
early(1)
x
len(made)
made
next(steps, 0)
list(steps)
"""


def filled_in(text: str, random: Random, values: list[str]) -> str:
    """Each `?` and `@` as a value of its own."""
    return "".join(random.choice(values) if c in "?@" else c for c in text)


def sources(kind: str, random: Random, values: list[str]) -> str:
    """One of the ways to come by something; sometimes a value decides which."""
    one, other = (filled_in(random.choice(kind.splitlines()), random, values) for _ in "12")
    return f"{one} if {random.choice(values)} else {other}" if random.random() < 0.2 else one


def plan(random: Random) -> str:
    """One plan. The variables `s` and `t` are given; its tools are `look`, a read, and `publish`."""
    changes, choices = [*CHANGES.splitlines(), *USES.splitlines() * 2], VALUES.splitlines()
    places = PLACES.split("--\n")
    lines = [f"{name} = {sources(kind, random, choices)}" for name, kind in (("made", LISTS), ("steps", STEPS))]
    for _ in range(random.randint(1, 3)):
        for line in random.choice(places).splitlines():
            if line.strip() != "$":
                lines.append(filled_in(line, random, choices))
                continue
            indent = line[: line.index("$")]
            for _ in range(random.randint(1, 2)):
                lines.append(indent + filled_in(random.choice(changes), random, choices))
    seen = random.sample(LOOKS.splitlines(), 4)
    lines += [f"publish({one})" if random.random() < 0.2 else f"seen{n} = {one}" for n, one in enumerate(seen)]
    return PRELUDE + "\n".join(lines) + "\n"
