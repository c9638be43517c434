"""The predicates of a policy: what a rule can ask of an argument, and of the place of a call.

Its one rule: three answers. True and False are certain whatever the run brings; None is everything else. A rule
that cannot be decided at run time does not hold, and what fails raises RuleError, which denies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias, cast, final

from ringfence.core.labels import Label
from ringfence.core.plain import EnumMember, Plain, RecordData
from ringfence.core.values import Dict, List, Record, Set
from ringfence.guard.groups import NO_GROUPS, Groups
from ringfence.guard.sets import NO_SETS, Members, Sets
from ringfence.guard.views import ArgumentView, RuleError, parts, plain_value, raw_value
from ringfence.lang.host import Bounds
from ringfence.schema import EnumType, LiteralType, Scalar

Truth: TypeAlias = "bool | None"

_SOURCES: Final = re.compile(r"[^*\s]+|[^*\s]+:\*")
_LOW_CAPACITY_SPAN: Final = 65_536
MAX_ELEMENTS: Final = 100_000
_COLLECTIONS: Final = (List, Set, list, tuple, set, frozenset)


@final
@dataclass(frozen=True, slots=True)
class Surroundings:
    """What predicates look at beside the arguments: the label of the place, and which sources are trusted; groups and
    sets that rules name; who runs the plan, and in which dialect.
    """

    pc: Bounds
    trusted: frozenset[str]
    groups: Groups = NO_GROUPS
    sets: Sets = NO_SETS
    user: str = ""
    dialect: str = ""


@final
@dataclass(frozen=True, slots=True)
class Predicate:
    """`count` is how many arguments it takes (at most; None: any number), `by` whether it takes `by=`.

    `remedy` says what would make it hold, `{x}` standing for the argument. `about_label`: it never fails.
    """

    decide: Callable[[Surroundings, tuple[ArgumentView, ...], ArgumentView | None], Truth]
    least: int
    most: int | None
    by: bool
    remedy: str


# Labels


def _certain(bounds: Bounds, holds: Callable[[Label], bool]) -> Truth:
    """For a property that is lost, never gained, when a label goes up."""
    if bounds.high is not None and holds(bounds.high):
        return True
    return None if holds(bounds.low) else False


def _trusted(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    if views[0].endorsed:
        return True
    truth = _certain(views[0].bounds, lambda label: label.trusted(around.trusted))
    return None if truth is False and views[0].endorsed is None else truth


def _sourced(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    """Only trusted sources influenced it, and those that the rule names: `slack:bob`, or all of a kind, `slack:*`."""
    if views[0].endorsed:
        return True
    names = tuple(plain_value(view) for view in views[1:])
    if not all(isinstance(name, str) and _SOURCES.fullmatch(name) for name in names):
        raise RuleError("sourced() takes names of sources, or all of a kind as in 'email:*'")
    exact = around.trusted.union(cast("tuple[str, ...]", names))
    kinds = tuple(name[:-1] for name in cast("tuple[str, ...]", names) if name.endswith("*"))

    def holds(label: Label) -> bool:
        return all(source in exact or (bool(kinds) and source.startswith(kinds)) for source in label.sources)

    truth = _certain(views[0].bounds, holds)
    return None if truth is False and views[0].endorsed is None else truth


def _public(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _certain(views[0].bounds, lambda label: label.public)


def _readable(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _readable_at(around, views[0].bounds, by)


def _readable_at(around: Surroundings, bounds: Bounds, by: ArgumentView | None) -> Truth:
    assert by is not None
    if bounds.high is not None and bounds.high.public:
        return True
    if by.known is None:
        return None
    names, reads = principals(by), around.groups.reads
    return _certain(bounds, lambda label: label.public or (bool(names) and all(reads(label.readers, n) for n in names)))


def principals(view: ArgumentView) -> tuple[str, ...]:
    """Every principal that a known value names: a text, or all texts in it; none if something in it names nobody."""
    names: list[str] = []
    pending: list[Plain] = [plain_value(view)]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            names.append(item)
        elif isinstance(item, (list, tuple, set, frozenset)):
            pending.extend(item)
        elif isinstance(item, RecordData):
            pending.extend(item.fields.values())
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif item is not None:
            return ()
    return tuple(names)


def _pc_trusted(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _certain(around.pc, lambda label: label.trusted(around.trusted))


def _pc_public(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _certain(around.pc, lambda label: label.public)


def _pc_readable(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _readable_at(around, around.pc, by)


def _unflagged(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    """No screen took away its trust, or a person approved this value."""
    if views[0].endorsed:
        return True
    truth = _certain(views[0].bounds, _no_screen)
    return None if truth is False and views[0].endorsed is None else truth


def _pc_unflagged(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return _certain(around.pc, _no_screen)


def _no_screen(label: Label) -> bool:
    return not any(source.startswith("screen:") for source in label.sources)


# Where a value comes from


def _verbatim(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return views[0].verbatim


def _literal(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return views[0].literal


# What a value is


def _each(view: ArgumentView, holds: Callable[[Plain], bool]) -> Truth:
    """Of a list, tuple or set every element must do it."""
    if view.known is None:
        return None
    if isinstance(raw_value(view), _COLLECTIONS):
        items = parts(view) or []
        if len(items) > MAX_ELEMENTS:
            raise RuleError(f"an argument of more than {MAX_ELEMENTS:,} elements")
        return all(holds(plain_value(item)) for item in items)
    return holds(plain_value(view))


def one_of(view: ArgumentView, views: Iterable[ArgumentView], members: Iterable[Members]) -> Truth:
    """Whether a value, or each element of a collection, is in one of the sets, or equals a listed value of its type."""
    allowed: list[Plain] = []
    for listed in views:
        if listed.known is None:
            return None
        items = parts(listed) if isinstance(raw_value(listed), _COLLECTIONS) else [listed]
        allowed.extend(plain_value(item) for item in items or ())
    sets = tuple(members)

    def holds(plain: Plain) -> bool:
        return any(type(plain) is type(one) and plain == one for one in allowed) or any(plain in one for one in sets)

    return _each(view, holds)


def _one_of(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return one_of(views[0], views[1:], ())


def _principal(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    """Whether the user who runs the plan is meant by one of the names: an address, *@DOMAIN, group:NAME."""
    return any(around.groups.covers(str(plain_value(view)), around.user) for view in views)


def _dialect(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    return any(plain_value(view) == around.dialect for view in views)


def _matches(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    """The whole text fits the pattern (google-re2: linear time)."""
    if views[1].known is None:
        return None
    pattern = plain_value(views[1])
    if not isinstance(pattern, str):
        raise RuleError("the pattern of matches() is not text")
    fits = compiled(pattern)

    def holds(plain: Plain) -> bool:
        if not isinstance(plain, str):
            raise RuleError(f"matches() of {type(plain).__name__}")
        return fits(plain)

    return _each(views[0], holds)


def compiled(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text fits the pattern. RuleError for a pattern that the engine does not take."""
    import re2

    try:
        found = re2.compile(pattern)
    except re2.error as problem:
        raise RuleError("a pattern that is no regular expression of linear time") from problem
    return lambda text: _encodable(text) and found.fullmatch(text) is not None


def searched(pattern: str) -> Callable[[str], bool]:
    """Whether the pattern is anywhere in a text. RuleError for a pattern that the engine does not take."""
    import re2

    try:
        found = re2.compile(pattern)
    except re2.error as problem:
        raise RuleError("a pattern that is no regular expression of linear time") from problem
    return lambda text: _encodable(text) and found.search(text) is not None


def _encodable(text: str) -> bool:
    """A lone surrogate is no text for the engine, so nothing matches it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _within(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    if any(view.known is None for view in views):
        return None
    low, high = (plain_value(view) for view in views[1:])

    def holds(plain: Plain) -> bool:
        try:
            return bool(low <= plain <= high)  # type: ignore[operator]
        except TypeError as problem:
            raise RuleError(f"within() of {type(plain).__name__}") from problem

    return _each(views[0], holds)


def _low_capacity(around: Surroundings, views: tuple[ArgumentView, ...], by: ArgumentView | None) -> Truth:
    """A value that can carry little: by its declared type, or by what it is."""
    view = views[0]
    declared = view.type
    if isinstance(declared, (EnumType, LiteralType)):
        return True
    if isinstance(declared, Scalar):
        if declared.name in ("bool", "None", "date"):
            return True
        if declared.name == "int" and declared.minimum is not None and declared.maximum is not None:
            return declared.maximum - declared.minimum <= _LOW_CAPACITY_SPAN
    if view.known is None:
        return None
    raw = raw_value(view)
    return (
        isinstance(raw, (bool, EnumMember)) or raw is None or (isinstance(raw, date) and not isinstance(raw, datetime))
    )


def length(view: ArgumentView) -> int | None:
    """How long a text or collection is; None if it is not known. RuleError for what has no length."""
    if view.known is None:
        return None
    raw = raw_value(view)
    if isinstance(raw, (List, Dict, Set)):
        return len(raw.items)
    if isinstance(raw, (str, bytes, list, tuple, dict, set, frozenset)):
        return len(raw)
    raise RuleError(f"len() of {raw.name if isinstance(raw, Record) else type(raw).__name__}")


PREDICATES: Final[Mapping[str, Predicate]] = {
    "trusted": Predicate(
        _trusted, 1, 1, False, "take {x} from the request or a trusted source, or let a person approve it"
    ),
    "sourced": Predicate(
        _sourced,
        2,
        None,
        False,
        "take {x} from the request or the sources that the rule names, or let a person approve it",
    ),
    "public": Predicate(_public, 1, 1, False, "give {x} only what everyone may read, or let a person approve it"),
    "readable": Predicate(
        _readable, 1, 1, True, "give {x} only what its receivers may read, or let a person approve it"
    ),
    "verbatim": Predicate(
        _verbatim, 1, 1, False, "pass {x} exactly as a tool returned it, without building or changing it"
    ),
    "literal": Predicate(_literal, 1, 1, False, "write {x} into the plan itself"),
    "one_of": Predicate(_one_of, 2, None, False, "choose {x} from the values that the rule lists"),
    "principal": Predicate(_principal, 1, None, False, "let somebody whom the rule names run the plan"),
    "dialect": Predicate(_dialect, 1, None, False, "run the plan in a dialect that the rule names"),
    "matches": Predicate(_matches, 2, 2, False, "give {x} the form that the rule asks for"),
    "within": Predicate(_within, 3, 3, False, "keep {x} within the bounds of the rule"),
    "low_capacity": Predicate(
        _low_capacity, 1, 1, False, "make {x} a yes or no, a choice, a date or a number in a range"
    ),
    "pc_trusted": Predicate(_pc_trusted, 0, 0, False, "make the call outside of conditions on untrusted data"),
    "pc_public": Predicate(_pc_public, 0, 0, False, "make the call outside of conditions on private data"),
    "unflagged": Predicate(
        _unflagged, 1, 1, False, "leave out of {x} what a screen takes for an attack, or let a person approve it"
    ),
    "pc_unflagged": Predicate(
        _pc_unflagged, 0, 0, False, "make the call outside of conditions on what a screen takes for an attack"
    ),
    "pc_readable": Predicate(
        _pc_readable, 0, 0, True, "make the call outside of conditions on data that its receivers may not read"
    ),
}

# The predicates that look at values: if the value is not known yet, they may fail when it is.
OF_VALUES: Final = frozenset({"one_of", "matches", "within"})


_KIND: Final = re.compile("[a-z]{1,12}")
_TOOL: Final = re.compile("tool:[A-Za-z_][A-Za-z0-9_]{0,63}")


def obstacle(name: str, around: Surroundings, views: tuple[ArgumentView, ...]) -> str | None:
    """What stands in the way of a predicate about labels. Names that come from data are not shown."""
    bounds = around.pc if name.startswith("pc_") else views[0].bounds
    label = bounds.low
    if name in ("trusted", "pc_trusted", "sourced"):
        return ", ".join(sorted({shown(source) for source in label.sources - around.trusted})) or None
    if name in ("unflagged", "pc_unflagged"):
        return "a screen takes it for an attack" if not _no_screen(label) else None
    if name in ("public", "readable", "pc_public", "pc_readable") and not label.public:
        names = sorted({shown(reader) for reader in cast("frozenset[str]", label.readers)})
        return f"readable by {', '.join(names) if names else 'nobody'} only"
    return None


def shown(principal: str) -> str:
    """A principal as a denial names it, which a planner may see: of a name that comes from data the kind only."""
    if principal in ("user", "developer", "unknown") or _TOOL.fullmatch(principal):
        return principal
    kind, colon, _ = principal.partition(":")
    return f"{kind}:*" if colon and _KIND.fullmatch(kind) else "another principal"
