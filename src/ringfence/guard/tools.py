"""Tools: typed functions with an effect, sinks, rules and a label rule.

Its one rule: whatever is not declared is the strict thing: an effect that is not named is "write", a result
with no rule is untrusted and the user's own. Only the monitor calls `invoke`.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, cast, final, get_type_hints, overload

from ringfence.core.encoding import digest, to_json
from ringfence.core.errors import ConfigError
from ringfence.core.labels import TRUSTED_PUBLIC
from ringfence.core.plain import Plain
from ringfence.guard.labelling import DEFAULT_LABELS, LabelRule, default_label, labels
from ringfence.guard.parameters import ParameterRule, Public, ReadersOf, Trusted, rule_of
from ringfence.lang.host import Bounds, Param, Signature
from ringfence.schema import (
    AnyType,
    SchemaMismatch,
    Type,
    description_of,
    plain_of,
    render,
    to_python,
    type_of,
    validate,
)

__all__ = ["Public", "ReadersOf", "Tool", "Trusted", "labels", "tool"]

Effect: TypeAlias = Literal["read", "write"]
EFFECTS: Final = ("read", "write")
RESERVED: Final = frozenset({"quarantine", "quarantine_each", "answer", "observe", "refuse", "print"})

_KINDS: Final = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "args",
    inspect.Parameter.VAR_KEYWORD: "kwargs",
}


class ArgumentMismatch(ValueError):  # says what happened, as SchemaMismatch does
    """An argument does not fit its parameter: `parameter`, `path` and `expected`, never the argument."""

    def __init__(self, parameter: str, path: str, expected: str) -> None:
        super().__init__(f"{parameter}{path}: expected {expected}")
        self.parameter = parameter
        self.path = path
        self.expected = expected


@final
@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """What a plan may call. `egress` are parameters whose content leaves, `audience` those that name who receives."""

    name: str
    signature: Signature
    function: Callable[..., object]
    effect: Effect = "write"
    egress: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    rules: tuple[tuple[str, ParameterRule], ...] = ()
    label_rule: LabelRule = DEFAULT_LABELS
    annotations: Mapping[str, object] = field(default_factory=dict)
    defaults: Mapping[str, Plain] = field(default_factory=dict)
    server: str = ""  # the MCP server that it comes from
    orders: str = ""  # the parameter whose text is to be carried out: a yes to it is one to this very call

    def __call__(self, *args: object, **kwargs: object) -> object:
        """The function itself, for its author's own tests. No plan gets here: the monitor uses `invoke`."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<tool {self.name}>"

    @property
    def pin(self) -> str:
        """A hash of all that a model and a policy see of the tool. A changed one is refused until it is accepted."""
        params = [[p.name, p.kind, p.required, repr(p.type), p.description] for p in self.signature.params]
        seen = [
            *([self.server] if self.server else []),
            self.name,
            self.signature.description,
            params,
            repr(self.signature.returns),
            self.effect,
        ]
        return digest(to_json([*seen, list(self.egress), [[name, repr(rule)] for name, rule in self.rules]]))

    def signature_for(self, user: str) -> Signature:
        """The signature with what is known of its results' labels when `user` is who runs the plan."""
        rule, said = self.label_rule, default_label(self.name, user)
        # Where it is that of the result, whoever has the result knows it.
        fact = TRUSTED_PUBLIC if rule.constant and rule.failing is None else rule.outcome(self.name, user)
        return replace(self.signature, result=rule.bounds(self.name, user), said=said, fact=fact)

    def convert(self, arguments: Mapping[str, Plain]) -> dict[str, object]:
        """The arguments checked against the parameters' types and made into what the function expects.

        Raises ArgumentMismatch. Validators of the tool's author run here.
        """
        known = {param.name: param for param in self.signature.params}
        for name in arguments:
            if name not in known:
                raise ArgumentMismatch("an argument", "", "a parameter that the tool has")
        made: dict[str, object] = {}
        for name, param in known.items():
            if name in arguments:
                made[name] = self._convert(param, arguments[name])
            elif param.required and param.kind not in ("args", "kwargs"):
                raise ArgumentMismatch(name, "", "an argument, and there is none")
        return made

    def _convert(self, param: Param, plain: Plain) -> object:
        if param.kind == "args":
            return tuple(self._one(param, part, f"[{index}]") for index, part in enumerate(cast("tuple[Plain]", plain)))
        if param.kind == "kwargs":
            return {name: self._one(param, part, "") for name, part in cast("dict[str, Plain]", plain).items()}
        return self._one(param, plain, "")

    def _one(self, param: Param, plain: Plain, path: str) -> object:
        try:
            valid = validate(param.type, plain)
            return to_python(self.annotations[param.name], valid) if param.name in self.annotations else valid
        except SchemaMismatch as problem:
            raise ArgumentMismatch(param.name, path + problem.path, problem.expected) from None
        except Exception as problem:
            # A validator of the tool's author. What it says may quote the argument, so it is not repeated.
            raise ArgumentMismatch(
                param.name, path, f"{render(param.type)} that {type(problem).__name__} accepts"
            ) from None

    def invoke(self, arguments: Mapping[str, object]) -> object:
        """Call the function with converted arguments, an async one to its end. For the monitor alone."""
        positional: list[object] = []
        keywords: dict[str, object] = {}
        leading = True
        for param in self.signature.params:
            if param.name not in arguments:
                leading = leading and param.kind != "positional"
            elif param.kind == "args":
                positional.extend(cast("tuple[object, ...]", arguments[param.name]))
            elif param.kind == "kwargs":
                keywords.update(cast("dict[str, object]", arguments[param.name]))
            elif param.kind == "positional" and leading:
                positional.append(arguments[param.name])
            else:
                keywords[param.name] = arguments[param.name]
        result = self.function(*positional, **keywords)
        return _awaited(cast("Coroutine[object, object, object]", result)) if inspect.iscoroutine(result) else result


def _awaited(work: Coroutine[object, object, object]) -> object:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_finish(work))
    return _elsewhere(work)


def _elsewhere(work: Coroutine[object, object, object]) -> object:
    """Run it in a thread of its own: this one already runs an event loop."""
    done: list[object] = []
    raised: list[BaseException] = []

    def target() -> None:
        try:
            done.append(asyncio.run(_finish(work)))
        except BaseException as problem:
            raised.append(problem)

    thread = threading.Thread(target=target, name="ringfence-tool", daemon=True)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return done[0]


async def _finish(work: Coroutine[object, object, object]) -> object:
    return await work


# Declaring


@overload
def tool(function: Callable[..., object], /) -> Tool: ...


@overload
def tool(
    *,
    effect: Effect = "write",
    egress: Iterable[str] = (),
    audience: Iterable[str] = (),
    returns: LabelRule | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., object]], Tool]: ...


def tool(
    function: Callable[..., object] | None = None,
    /,
    *,
    effect: Effect = "write",
    egress: Iterable[str] = (),
    audience: Iterable[str] = (),
    returns: LabelRule | None = None,
    name: str | None = None,
) -> Tool | Callable[[Callable[..., object]], Tool]:
    """Make a tool of a typed function: `@tool`, or `@tool(effect="read", egress=("url",), returns=labels(...))`.

    effect: "read" may overlap with others and be retried; "write" (the default) is ordered and recorded first.
    egress: parameters whose content leaves for somebody (a URL that is fetched, a search that is sent).
    audience: parameters that name who receives something, where no annotation says so.
    returns: the label rule of the results (`labels`). Raises ConfigError (C502).
    """
    frame = inspect.currentframe()
    scope = dict(frame.f_back.f_locals) if frame is not None and frame.f_back is not None else {}

    def declare(function: Callable[..., object]) -> Tool:
        return _declare(function, effect, egress, audience, returns, name, scope)

    return declare if function is None else declare(function)


def _declare(
    function: Callable[..., object],
    effect: Effect,
    egress: Iterable[str],
    audience: Iterable[str],
    returns: LabelRule | None,
    name: str | None,
    scope: Mapping[str, object],
) -> Tool:
    if not callable(function) or isinstance(function, Tool):
        raise ConfigError("@tool stands on something that is not a function", code="C502")
    called = name if name is not None else getattr(function, "__name__", "")
    _check_name(called)
    if effect not in EFFECTS:
        raise ConfigError(f"{called}: an effect that does not exist", code="C502", hint='"read" or "write"')
    if returns is not None and not isinstance(returns, LabelRule):
        raise ConfigError(
            f"{called}: returns= is not a label rule", code="C502", hint="returns=labels(sources=..., readers=...)"
        )
    parameters = _parameters(function, called)
    hints = _hints(function, called, scope)
    doc = inspect.getdoc(function) or ""
    params = tuple(_param(called, parameter, hints, doc) for parameter in parameters)
    rules = tuple(
        (param.name, rule)
        for param in params
        if (rule := rule_of(hints.get(param.name), called, param.name)) is not None
    )
    signature = Signature(called, params, _type(called, "the result", hints.get("return", object)), effect, doc)
    made = Tool(
        called,
        signature,
        function,
        effect,
        _known(called, "egress", egress, params),
        _known(called, "audience", (*audience, *(param for param, rule in rules if rule.audience)), params),
        rules,
        DEFAULT_LABELS if returns is None else returns,
        {param.name: hints[param.name] for param in params if param.name in hints},
        _defaults(parameters),
    )
    for parameter, rule in rules:
        _known(called, f"the rule on {parameter}", rule.names(), params)
    return made


def _check_name(name: str) -> None:
    if not name.isidentifier() or name.startswith("__") or name in RESERVED:
        raise ConfigError(
            "a tool's name is no name that a plan can call",
            code="C502",
            hint="give it one with name=; the names of the language's verbs are taken",
        )


def _parameters(function: Callable[..., object], tool: str) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as problem:
        raise ConfigError(
            f"{tool}: its parameters cannot be read", code="C502", hint="wrap it in a function"
        ) from problem


def _hints(function: Callable[..., object], tool: str, scope: Mapping[str, object]) -> dict[str, object]:
    target = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004
    try:
        return get_type_hints(target, localns=dict(scope), include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as problem:
        raise ConfigError(
            f"{tool}: an annotation cannot be resolved",
            code="C502",
            hint="are all names in it imported at run time, outside of `if TYPE_CHECKING`?",
        ) from problem


def _param(tool: str, parameter: inspect.Parameter, hints: Mapping[str, object], doc: str) -> Param:
    hint = hints.get(parameter.name)
    required = parameter.default is inspect.Parameter.empty
    found = AnyType() if parameter.name not in hints else _type(tool, f"the parameter {parameter.name}", hint)
    return Param(
        parameter.name, found, required, _KINDS[parameter.kind], description_of(hint) or _described(doc, parameter.name)
    )


def _type(tool: str, what: str, annotation: object) -> Type:
    try:
        return type_of(annotation)
    except ConfigError as problem:
        raise ConfigError(f"{tool}: {what}: {problem.message}", code=problem.code, hint=problem.hint) from problem


def _described(doc: str, parameter: str) -> str:
    """What the docstring says of a parameter, in a line `name: text` or `:param name: text`."""
    for line in doc.splitlines():
        text = line.strip().removeprefix(":param ")
        if text.startswith(f"{parameter}:"):
            return text[len(parameter) + 1 :].strip()
    return ""


def _defaults(parameters: Iterable[inspect.Parameter]) -> dict[str, Plain]:
    """The defaults that are data; a rule about another one cannot be decided and denies."""
    made: dict[str, Plain] = {}
    for parameter in parameters:
        if parameter.default is not inspect.Parameter.empty:
            try:
                made[parameter.name] = plain_of(parameter.default)
            except TypeError:
                continue
    return made


def _known(tool: str, what: str, names: Iterable[str], params: Iterable[Param]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ConfigError(f"{tool}: {what} is one string", code="C502", hint=f'write a tuple: ("{names}",)')
    known = [param.name for param in params]
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            raise ConfigError(
                f"{tool}: {what} names a parameter that does not exist",
                code="C502",
                hint=f"the parameters are {', '.join(known) or 'none'}",
            )
    return chosen


def bounds_of(tools: Iterable[Tool], user: str) -> Mapping[str, Bounds]:
    """What is known of each tool's results, for the forecast."""
    return {one.name: one.label_rule.bounds(one.name, user) for one in tools}
