"""How should a checked plan be executed: as a tree of closures, or as generated Python code?

Both candidates are compiled here from the same plan text, count steps, keep the pc label, join labels at
every operation and share one small runtime, so that they differ in nothing but how the next operation
is found. Each is compared with CPython on the same text in the same process.

Run: python benchmarks/execution_candidates.py [--quick]
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ringfence.core.labels import TRUSTED_PUBLIC, Label
from ringfence.core.plain import RecordData
from ringfence.core.values import Dict, Labeled, List, Record, element, unsafe_value, with_label, wrap

UNTRUSTED = Label({"tool:mail"}, {"user"})
Env = list[Any]


# The runtime that both share


class Run:
    """What a run keeps: steps left and the pc label."""

    __slots__ = ("pc", "steps")

    def __init__(self) -> None:
        self.pc = TRUSTED_PUBLIC
        self.steps = 10_000_000

    def exhausted(self) -> None:
        raise RuntimeError("out of steps")

    def under_pc(self, value: Any) -> Any:
        """A value that is assigned takes the pc label."""
        return value if self.pc is TRUSTED_PUBLIC else with_label(value, self.pc)


SCALARS = frozenset({int, float, str, bool, type(None)})


OPERATION = """
def apply(left, right):
    label = TRUSTED_PUBLIC
    if type(left) is Labeled:
        label, left = left.label, left._value
    if type(right) is Labeled:
        other = right.label
        label, right = label if label is other else label.join(other), right._value
    if type(left) not in SCALARS or type(right) not in SCALARS:
        raise TypeError("no rule")
    made = left {op} right
    return made if label is TRUSTED_PUBLIC else Labeled(made, label)
"""


def lifted(op: str) -> Callable[[Any, Any], Any]:
    """A binary operation on values: scalars only, the result has the join of both labels."""
    scope = {"TRUSTED_PUBLIC": TRUSTED_PUBLIC, "Labeled": Labeled, "SCALARS": SCALARS}
    exec(OPERATION.format(op=op), scope)
    return scope["apply"]


BINARY = {
    ast.Add: ("add", lifted("+")),
    ast.Sub: ("sub", lifted("-")),
    ast.Mult: ("mul", lifted("*")),
    ast.FloorDiv: ("div", lifted("//")),
    ast.Mod: ("mod", lifted("%")),
    ast.Gt: ("gt", lifted(">")),
}


def truth(value: Any) -> tuple[bool, Label]:
    if type(value) is Labeled:
        return bool(value._value), value.label
    return bool(value), TRUSTED_PUBLIC


def opened(value: Any) -> tuple[Any, Label]:
    """The object behind a reference, and the label to read it under."""
    label = TRUSTED_PUBLIC
    if type(value) is Labeled:
        label, value = value.label, value._value
    if isinstance(value, (List, Dict, Record)):
        label = label.join(value.label)
    return value, label


def iterate(value: Any) -> tuple[Iterator[Any], Label]:
    raw, label = opened(value)
    if type(raw) is List:
        return (element(raw, raw.items, index, label) for index in range(len(raw.items))), label
    if type(raw) is range:
        return (iter(raw) if label is TRUSTED_PUBLIC else (Labeled(number, label) for number in raw)), label
    raise TypeError("no rule")


def field(value: Any, name: str) -> Any:
    raw, label = opened(value)
    if type(raw) is not Record:
        raise TypeError("no rule")
    return element(raw, raw.fields, name, label)


def item(value: Any, key: Any) -> Any:
    raw, label = opened(value)
    raw_key, key_label = opened(key)
    label = label.join(key_label)
    if type(raw) is tuple:
        return with_label(raw[raw_key], label)
    if type(raw) is List and type(raw_key) is slice:
        return List([element(raw, raw.items, n, label) for n in range(*raw_key.indices(len(raw.items)))], label)
    return element(raw, raw.items, raw_key, label)


def store_item(holder: Any, key: Any, value: Any) -> None:
    raw, label = opened(holder)
    raw_key, key_label = opened(key)
    raw.taint(label.join(key_label))
    raw.items[raw_key] = value


def method(value: Any, name: str, *arguments: Any) -> Any:
    raw, label = opened(value)
    return METHODS[type(raw), name](raw, label, *arguments)


def upper(raw: str, label: Label) -> Any:
    return Labeled(raw.upper(), label) if label is not TRUSTED_PUBLIC else raw.upper()


def append(raw: List, label: Label, value: Any) -> None:
    raw.label = raw.label.join(label)
    raw.items.append(value)


def get(raw: Dict, label: Label, key: Any, default: Any) -> Any:
    raw_key, key_label = opened(key)
    label = label.join(key_label)
    return element(raw, raw.items, raw_key, label) if raw_key in raw.items else with_label(default, label)


def items(raw: Dict, label: Label) -> List:
    return List([(with_label(key, label), element(raw, raw.items, key, label)) for key in raw.items], label)


METHODS: dict[tuple[type, str], Callable[..., Any]] = {
    (str, "upper"): upper,
    (List, "append"): append,
    (Dict, "get"): get,
    (Dict, "items"): items,
}


def length(value: Any) -> Any:
    raw, label = opened(value)
    count = len(raw.items) if isinstance(raw, (List, Dict)) else len(raw)
    return count if label is TRUSTED_PUBLIC else Labeled(count, label)


def numbers(stop: Any) -> Any:
    raw, label = opened(stop)
    return range(raw) if label is TRUSTED_PUBLIC else Labeled(range(raw), label)


def in_order(value: Any, key: Callable[[Any], Any], reverse: bool = False) -> Any:
    parts, label = iterate(value)
    found = list(parts)
    keys = []
    for part in found:
        raw, key_label = opened(key(part))
        label = label.join(key_label)
        keys.append(raw)
    order = sorted(range(len(found)), key=keys.__getitem__, reverse=reverse)
    return List([found[index] for index in order], label)


BUILTINS: dict[str, Callable[..., Any]] = {"len": length, "range": numbers, "sorted": in_order}


# Candidate (a): a tree of closures over one list of variables


class Closures:
    """Every node becomes a function of the environment; names are slots of a list."""

    def __init__(self, run: Run, host: dict[str, Callable[..., Any]]) -> None:
        self.run, self.host, self.slots = run, host, {}

    def compile(self, tree: ast.Module) -> Callable[[], Env]:
        body = self.block(tree.body)
        slots = self.slots

        def start() -> Env:
            env: Env = [None] * len(slots)
            body(env)
            return env

        return start

    def slot(self, name: str) -> int:
        return self.slots.setdefault(name, len(self.slots))

    def block(self, body: list[ast.stmt]) -> Callable[[Env], None]:
        parts, run = [self.statement(part) for part in body], self.run

        def execute(env: Env) -> None:
            for part in parts:
                run.steps -= 1
                if run.steps < 0:
                    run.exhausted()
                part(env)

        return execute

    def statement(self, node: ast.stmt) -> Callable[[Env], None]:
        return getattr(self, type(node).__name__)(node)

    def expression(self, node: ast.expr) -> Callable[[Env], Any]:
        return getattr(self, type(node).__name__)(node)

    def Expr(self, node: ast.Expr) -> Callable[[Env], Any]:
        return self.expression(node.value)

    def Assign(self, node: ast.Assign) -> Callable[[Env], None]:
        value, run, target = self.expression(node.value), self.run, node.targets[0]
        if isinstance(target, ast.Subscript):
            holder, key = self.expression(target.value), self.expression(target.slice)
            return lambda env: store_item(holder(env), key(env), run.under_pc(value(env)))
        slot = self.slot(target.id)

        def assign(env: Env) -> None:
            env[slot] = run.under_pc(value(env))

        return assign

    def For(self, node: ast.For) -> Callable[[Env], None]:
        iterable, body, slot, run = (
            self.expression(node.iter),
            self.block(node.body),
            self.slot(node.target.id),
            self.run,
        )
        written = [self.slot(name) for name in names_written(node)]

        def loop(env: Env) -> None:
            parts, label = iterate(iterable(env))
            saved = run.pc
            run.pc = saved.join(label)
            try:
                for part in parts:
                    env[slot] = part
                    body(env)
            finally:
                run.pc = saved
            for other in written:
                env[other] = with_label(env[other], label)

        return loop

    def Constant(self, node: ast.Constant) -> Callable[[Env], Any]:
        value = node.value
        return lambda env: value

    def Name(self, node: ast.Name) -> Callable[[Env], Any]:
        slot = self.slot(node.id)
        return lambda env: env[slot]

    def BinOp(self, node: ast.BinOp) -> Callable[[Env], Any]:
        apply, left, right = BINARY[type(node.op)][1], self.expression(node.left), self.expression(node.right)
        return lambda env: apply(left(env), right(env))

    def Compare(self, node: ast.Compare) -> Callable[[Env], Any]:
        apply, left, right = (
            BINARY[type(node.ops[0])][1],
            self.expression(node.left),
            self.expression(node.comparators[0]),
        )
        return lambda env: apply(left(env), right(env))

    def Attribute(self, node: ast.Attribute) -> Callable[[Env], Any]:
        value, name = self.expression(node.value), node.attr
        return lambda env: field(value(env), name)

    def Subscript(self, node: ast.Subscript) -> Callable[[Env], Any]:
        value, key = self.expression(node.value), self.expression(node.slice)
        return lambda env: item(value(env), key(env))

    def Slice(self, node: ast.Slice) -> Callable[[Env], Any]:
        upper = self.expression(node.upper)
        return lambda env: slice(None, upper(env))

    def Dict(self, node: ast.Dict) -> Callable[[Env], Any]:
        return lambda env: Dict({})

    def List(self, node: ast.List) -> Callable[[Env], Any]:
        return lambda env: List([])

    def Lambda(self, node: ast.Lambda) -> Callable[[Env], Any]:
        slot, body = self.slot(f"{node.args.args[0].arg}'"), None
        outer = self.slots.get(node.args.args[0].arg)
        self.slots[node.args.args[0].arg] = slot
        body = self.expression(node.body)
        if outer is not None:
            self.slots[node.args.args[0].arg] = outer

        def make(env: Env) -> Callable[[Any], Any]:
            def called(argument: Any) -> Any:
                own = env.copy()
                own[slot] = argument
                return body(own)

            return called

        return make

    def ListComp(self, node: ast.ListComp) -> Callable[[Env], Any]:
        (clause,) = node.generators
        iterable, slot, run = self.expression(clause.iter), self.slot(clause.target.id), self.run
        made = self.expression(node.elt)
        test = self.expression(clause.ifs[0]) if clause.ifs else lambda env: True

        def comprehend(env: Env) -> List:
            parts, label = iterate(iterable(env))
            saved, found = run.pc, []
            run.pc = saved.join(label)
            own = env.copy()
            try:
                for part in parts:
                    run.steps -= 1
                    if run.steps < 0:
                        run.exhausted()
                    own[slot] = part
                    holds, test_label = truth(test(own))
                    label = label.join(test_label)
                    if holds:
                        found.append(made(own))
            finally:
                run.pc = saved
            return List(found, label)

        return comprehend

    def Call(self, node: ast.Call) -> Callable[[Env], Any]:
        arguments = [self.expression(part) for part in node.args]
        keywords = {part.arg: self.expression(part.value) for part in node.keywords}
        if isinstance(node.func, ast.Attribute):
            value, name = self.expression(node.func.value), node.func.attr
            return lambda env: method(value(env), name, *[part(env) for part in arguments])
        function = BUILTINS.get(node.func.id) or self.host[node.func.id]
        return lambda env: function(
            *[part(env) for part in arguments], **{name: part(env) for name, part in keywords.items()}
        )


# Candidate (b): Python text in which every operation is a call into the runtime


class Generated:
    """Every node becomes text; plan names get a prefix and are local variables; no builtins exist."""

    def __init__(self, run: Run, host: dict[str, Callable[..., Any]]) -> None:
        self.run, self.host, self.count = run, host, 0

    def compile(self, tree: ast.Module) -> Callable[[], Env]:
        text = "def plan(run):\n" + self.block(tree.body, 1) + "    return None\n"
        scope: dict[str, Any] = {f"t_{name}": function for name, function in self.host.items()}
        scope |= {f"b_{name}": function for name, function in BUILTINS.items()}
        scope |= {f"op_{name}": function for name, function in BINARY.values()}
        scope |= {"truth": truth, "iterate": iterate, "field": field, "item": item, "store_item": store_item}
        scope |= {"method": method, "List": List, "Dict": Dict, "with_label": with_label, "under_pc": self.run.under_pc}
        scope |= {"slice": slice, "Shape": Shape, "__builtins__": {}}
        exec(compile(text, "<plan>", "exec"), scope)
        return lambda: scope["plan"](self.run)

    def fresh(self) -> str:
        self.count += 1
        return f"g_{self.count}"

    def block(self, body: list[ast.stmt], depth: int) -> str:
        pad = "    " * depth
        tick = f"{pad}run.steps -= 1\n{pad}if run.steps < 0: run.exhausted()\n"
        return "".join(tick + getattr(self, type(part).__name__)(part, depth) for part in body)

    def expression(self, node: ast.expr) -> str:
        return getattr(self, type(node).__name__)(node)

    def Expr(self, node: ast.Expr, depth: int) -> str:
        return "    " * depth + self.expression(node.value) + "\n"

    def Assign(self, node: ast.Assign, depth: int) -> str:
        value, target = f"under_pc({self.expression(node.value)})", node.targets[0]
        if isinstance(target, ast.Subscript):
            place = f"{self.expression(target.value)}, {self.expression(target.slice)}"
            return "    " * depth + f"store_item({place}, {value})\n"
        return "    " * depth + f"v_{target.id} = {value}\n"

    def For(self, node: ast.For, depth: int) -> str:
        pad, parts, label, saved = "    " * depth, self.fresh(), self.fresh(), self.fresh()
        lines = [
            f"{parts}, {label} = iterate({self.expression(node.iter)})",
            f"{saved} = run.pc",
            f"run.pc = {saved}.join({label})",
            "try:",
            f"    for v_{node.target.id} in {parts}:",
        ]
        tail = ["finally:", f"    run.pc = {saved}"]
        tail += [f"v_{name} = with_label(v_{name}, {label})" for name in names_written(node)]
        return (
            "".join(f"{pad}{line}\n" for line in lines)
            + self.block(node.body, depth + 2)
            + "".join(f"{pad}{line}\n" for line in tail)
        )

    def Constant(self, node: ast.Constant) -> str:
        return repr(node.value)

    def Name(self, node: ast.Name) -> str:
        return f"v_{node.id}"

    def BinOp(self, node: ast.BinOp) -> str:
        return f"op_{BINARY[type(node.op)][0]}({self.expression(node.left)}, {self.expression(node.right)})"

    def Compare(self, node: ast.Compare) -> str:
        left, right = self.expression(node.left), self.expression(node.comparators[0])
        return f"op_{BINARY[type(node.ops[0])][0]}({left}, {right})"

    def Attribute(self, node: ast.Attribute) -> str:
        return f"field({self.expression(node.value)}, {node.attr!r})"

    def Subscript(self, node: ast.Subscript) -> str:
        return f"item({self.expression(node.value)}, {self.expression(node.slice)})"

    def Slice(self, node: ast.Slice) -> str:
        return f"slice(None, {self.expression(node.upper)})"

    def Dict(self, node: ast.Dict) -> str:
        return "Dict({})"

    def List(self, node: ast.List) -> str:
        return "List([])"

    def Lambda(self, node: ast.Lambda) -> str:
        return f"(lambda v_{node.args.args[0].arg}: {self.expression(node.body)})"

    def ListComp(self, node: ast.ListComp) -> str:
        (clause,) = node.generators
        shape = self.fresh()
        test = f" if {shape}.holds({self.expression(clause.ifs[0])})" if clause.ifs else ""
        loop = f"for v_{clause.target.id} in {shape}.enter({self.expression(clause.iter)})"
        return f"({shape} := Shape(run)).leave([{self.expression(node.elt)} {loop}{test}])"

    def Call(self, node: ast.Call) -> str:
        arguments = [self.expression(part) for part in node.args]
        arguments += [f"{part.arg}={self.expression(part.value)}" for part in node.keywords]
        if isinstance(node.func, ast.Attribute):
            return f"method({', '.join([self.expression(node.func.value), repr(node.func.attr), *arguments])})"
        return f"{'b' if node.func.id in BUILTINS else 't'}_{node.func.id}({', '.join(arguments)})"


class Shape:
    """What a comprehension in generated code keeps: the label of its shape, and the pc label to go back to."""

    __slots__ = ("label", "run", "saved")

    def __init__(self, run: Run) -> None:
        self.run, self.saved, self.label = run, run.pc, TRUSTED_PUBLIC

    def enter(self, iterable: Any) -> Iterator[Any]:
        parts, self.label = iterate(iterable)
        run = self.run
        run.pc = self.saved.join(self.label)
        for part in parts:
            run.steps -= 1
            if run.steps < 0:
                run.exhausted()
            yield part

    def holds(self, test: Any) -> bool:
        if type(test) is not Labeled:
            return bool(test)
        if test.label is not self.label:
            self.label = self.label.join(test.label)
        return bool(test._value)

    def leave(self, found: list[Any]) -> List:
        self.run.pc = self.saved
        return List(found, self.label)


def names_written(node: ast.For) -> list[str]:
    """What the body could write: it takes the label of the loop, also if the loop ran zero times."""
    stores = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return [name for name in dict.fromkeys(stores) if name != node.target.id]


# The workloads


@dataclass
class Mail:
    sender: str
    subject: str
    unread: bool
    date: int


@dataclass
class Sale:
    city: str
    amount: int


@dataclass(frozen=True)
class Workload:
    """A plan; `tools` makes fresh tools: with bare Python data for CPython (None), else with data under the label."""

    name: str
    text: str
    tools: Callable[[Label | None], dict[str, Callable[..., Any]]]


def given(data: Any, label: Label | None) -> Any:
    return data if label is None else wrap(as_data(data), label)


def as_data(data: Any) -> Any:
    if isinstance(data, list):
        return [as_data(part) for part in data]
    return RecordData(type(data).__name__, dict(vars(data))) if isinstance(data, (Mail, Sale)) else data


def source(name: str, data: Any) -> Callable[[Label | None], dict[str, Callable[..., Any]]]:
    def tools(label: Label | None) -> dict[str, Callable[..., Any]]:
        made = given(data, label)
        sent: list[Any] = []
        look_up = (lambda n: n) if label is None else (lambda n: wrap(unsafe_value(n), label))
        return {name: lambda: made, "send": lambda *arguments: sent.append(arguments), "look_up": look_up}

    return tools


MAILS = [Mail(f"p{n}@example.com", f"subject {n}", n % 3 == 0, (n * 7919) % 1000) for n in range(100)]
SALES = [Sale(f"city {n % 97}", (n * 7919) % 10_007) for n in range(10_000)]

WORKLOADS = [
    Workload(
        "100 mails: filter, sort, 10 calls",
        """
unread = [m for m in mails() if m.unread]
unread = sorted(unread, key=lambda m: m.date)
for m in unread[:10]:
    send(m.sender, 'Re: ' + m.subject)
""",
        source("mails", MAILS),
    ),
    Workload(
        "arithmetic loop, 100k",
        """
total = 0
for i in range(count()):
    total = (total + i * i - i // 3) % 1000003
""",
        source("count", 100_000),
    ),
    Workload(
        "comprehension over 10k strings",
        "found = [s.upper() + '!' for s in words() if len(s) > 6]",
        source("words", [f"word {n}" for n in range(10_000)]),
    ),
    Workload(
        "dicts and sorting, 10k records",
        """
sales = sales_of_year()
totals = {}
for sale in sales:
    totals[sale.city] = totals.get(sale.city, 0) + sale.amount
best = sorted(totals.items(), key=lambda pair: pair[1], reverse=True)[:10]
ordered = sorted(sales, key=lambda sale: sale.amount)
""",
        source("sales_of_year", SALES),
    ),
    Workload(
        "1,000 host calls",
        """
found = []
for n in range(1000):
    found.append(look_up(n))
""",
        source("unused", 0),
    ),
]


def seconds(prepare: Callable[[], Callable[[], Any]], repeat: int) -> float:
    """The best of several runs; each gets fresh data, made outside of the clock."""
    best = float("inf")
    for _ in range(repeat):
        start_run = prepare()
        start = time.perf_counter()
        start_run()
        best = min(best, time.perf_counter() - start)
    return best


def measure(workload: Workload, repeat: int) -> tuple[float, float, float, float]:
    tree = ast.parse(workload.text)
    code = compile("def plan():\n" + "".join(f"    {line}\n" for line in workload.text.splitlines()), "<plan>", "exec")

    def python() -> Callable[[], Any]:
        scope: dict[str, Any] = dict(workload.tools(None))
        exec(code, scope)
        return scope["plan"]

    return (
        seconds(python, repeat),
        seconds(lambda: Closures(Run(), workload.tools(UNTRUSTED)).compile(tree), repeat),
        seconds(lambda: Generated(Run(), workload.tools(UNTRUSTED)).compile(tree), repeat),
        seconds(lambda: Generated(Run(), workload.tools(TRUSTED_PUBLIC)).compile(tree), repeat),
    )


def main() -> None:
    repeat = 3 if "--quick" in sys.argv else 15
    print(f"Python {sys.version.split()[0]}; best of {repeat}; relative to CPython on the same text\n")
    print(
        "| workload | CPython | closures, untrusted data | generated code, untrusted data | generated code, bare data |"
    )
    print("|---|---|---|---|---|")
    for workload in WORKLOADS:
        python, *candidates = measure(workload, repeat)
        ratios = " | ".join(f"{candidate / python:.1f}×" for candidate in candidates)
        print(f"| {workload.name} | {python * 1e6:,.0f} µs | {ratios} |")


if __name__ == "__main__":
    main()
