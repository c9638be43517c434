"""Ways to come by an object, and by an iterator, for plans at random (`wide_plans.py`).

`LISTS` give a list: the plan's own by another name, or one that something else than the plan's text made. `STEPS` give
an iterator that goes on with others.
"""

LISTS = """\
sum([], xs)
sum([[xs], []], [])[0]
max(xs, [0])
min([xs], default=0)
next(iter([]), xs)
{1: xs}.popitem()[1]
{}.get(1, xs)
{1: xs}.get(1)
list(dict(enumerate([xs])).values())[0]
list(map(itemgetter(0), [[xs]]))[0]
list(map(list, [[1], [2]]))[0]
list(map(partial(sorted, reverse=True), [[1, 2]]))[0]
list(itertools.starmap(operator.getitem, [([xs], 0)]))[0]
list(accumulate([[1], [2]], operator.add))[1]
list(accumulate([1], chosen, initial=[]))[-1]
list(itertools.zip_longest([], [1], fillvalue=xs))[0][0]
partial(max, xs)([0])
partial({1: xs}.get)(1)
methodcaller("get", 1)({1: xs})
reduce(operator.getitem, [0, 0], [[xs]])
reduce(lambda m, n: m, [1, 2], xs)
namedtuple("Pair", "f g", defaults=[xs])(1).g
Pair(1, xs)._asdict()["g"]
Pair(1, xs)._replace(f=2)[1]
Box(items=xs).model_dump()["items"]
Box(items=xs).items
Box().items
box.model_copy(update={"v": 1}).items
defaultdict(list)[1]
defaultdict(lambda: xs)[1]
json.loads("[[1]]")[0]
copy.deepcopy([[1]])[0]
copy.copy([xs])[0]
calendar.monthcalendar(2024, 1)[0]
parse_qs("a=1")["a"]
ValueError(xs).args[0]
[w for v, *w in [(1, 2, 3)]][0]
(lambda *a: a)(xs)[0]
(lambda **a: a)(k=xs)["k"]
(lambda a=xs: a)()
[f(1) for f in [{1: xs}.get]][0]
(xs, 1)[:1][0]
[*[xs]][0]
{**{1: xs}}[1]
({} | {1: xs})[1]
(q + deque([xs]))[-1]
next(filter(None, [[], xs]))
next(zip([xs]))[0]
"""

STEPS = """\
iter(it)
map(abs, it)
map(early, it)
map(lambda i: next(it, 0), [1, 2, 3])
filter(None, it)
zip(it, g)
enumerate(it)
(i for i in it)
(i for i in it if i > @)
(i for j in [1, 2] if j > @ for i in it)
(early(i) for i in g)
(i for i in (j for j in g))
itertools.chain(it, [9])
itertools.islice(it, @)
itertools.islice(map(abs, it), @)
itertools.islice((i for i in g), 3)
itertools.takewhile(lambda i: i < @, it)
itertools.pairwise(it)
accumulate(it)
itertools.cycle(it)
itertools.zip_longest(it, [1])
itertools.compress(it, [1, 0, 1])
itertools.dropwhile(lambda i: i < @, g)
itertools.groupby(it)
itertools.batched(it, 2)
tee(it)[1]
reversed([1, 2])
iter(lambda: next(it, 0), @)
"""

USES = """\
next(steps, 0)
for one in steps: break
for one in steps: pass
x = [*steps]
x = 2 in steps
x = list(steps)
x = any(steps)
x = [i for i in steps][:1]
x = next((i for i in steps if i), 0)
x = list(itertools.islice(steps, @))
x, *y = steps
xs.extend(steps)
xs[:0] = steps
x = 1 < @ in steps
x = max(steps, default=0)
keep(*steps)
made.append(@)
made += [1]
made.clear()
made[0] = @
made = zs
filled[@]
filled[@].append(1)
"""
