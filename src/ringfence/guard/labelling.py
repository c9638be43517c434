"""The label of a tool's result: `labels(sources=lambda mail: mail.sender, readers=lambda mail: mail.recipients)`.

Its one rule: a tool never labels itself; the monitor applies the rule, and a rule that fails gives a label that
is untrusted and readable by the user alone. A result with no rule has the sources `tool:NAME` and the reader user.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final, TypeAlias, cast, final

from ringfence.core.errors import ConfigError
from ringfence.core.labels import EVERYONE, TRUSTED_PUBLIC, Everyone, Label
from ringfence.core.plain import Plain, RecordData
from ringfence.core.values import Origin, Value, wrap
from ringfence.lang.host import Bounds

Names: TypeAlias = "str | Iterable[str] | Everyone"
NamesRule: TypeAlias = "Names | Callable[..., object]"

UNKNOWN_SOURCE: Final = "unknown"  # never in a trusted set: the configuration refuses it
_HALF: Final = re.compile("[\ud800-\udfff]")
_MAX_NAMES: Final = 10_000
_MAX_NAME: Final = 1_000


@final
@dataclass(frozen=True, slots=True)
class LabelRule:
    """How results are labelled. `None` stands for the default: no further sources, no reader but the user."""

    sources: NamesRule | None = None
    readers: NamesRule | None = None
    own: bool = True
    shape: Label | None = None
    fields: tuple[tuple[str, LabelRule], ...] = ()
    by_call: bool = False
    believe: bool = False
    failing: Label | None = None

    def for_call(self, arguments: Mapping[str, object]) -> LabelRule:
        """The rule for one call: functions that ask for the call's arguments get them."""
        if not self.by_call:
            return self
        bound = (
            partial(rule, arguments=MappingProxyType(dict(arguments))) if callable(rule) else rule
            for rule in (self.sources, self.readers)
        )
        sources, readers = bound
        return replace(self, sources=sources, readers=readers, by_call=False)

    @property
    def constant(self) -> bool:
        """Whether a result has one label on all of it, and it is always the same."""
        return self.shape is None and not self.fields and not callable(self.sources) and not callable(self.readers)

    def whole(self, tool: str, user: str) -> Label:
        """The label of a result as a whole: of the shape of a list (its length and order), or of everything."""
        if self.shape is not None:
            return self.shape
        if self.constant:
            return self._label(tool, user, self.sources, self.readers)
        return default_label(tool, user)

    def outcome(self, tool: str, user: str) -> Label:
        """The label of the fact that a call failed, and of the fact that it did not.

        What the rule says of it; or that of all that it could have given, where the rule says that. Else what made it
        fail may be in any record or field, and a screen that withholds a result has looked at all of them.
        """
        if self.failing is not None:
            return self.failing
        return self.whole(tool, user) if self.constant else default_label(tool, user)

    def bounds(self, tool: str, user: str) -> Bounds:
        """What is known before a call, without the labels of the arguments, which the monitor joins."""
        if self.constant:
            label = self.whole(tool, user)
            return Bounds(label, label)
        named = self.shape is None or f"tool:{tool}" in self.shape.sources  # of an empty list, that is all there is
        own = named and self.own and all(rule.own for _, rule in self.fields)
        return Bounds(Label({f"tool:{tool}"} if own else ()), None)

    def apply(
        self, tool: str, user: str, result: object, plain: Plain, under: Label, origin: Origin
    ) -> tuple[Value, bool]:
        """The plain data of `result`, labelled, `under` joined to all of it; and whether the rule held good.

        A list or tuple is labelled record by record, anything else as one.
        """
        if self.constant:
            return wrap(plain, self.whole(tool, user).join(under), origin), True
        if not isinstance(plain, (list, tuple)):
            return self._record(tool, user, result, plain, under, origin)
        records = list(cast("list[object]", result))
        if len(records) != len(plain):  # somebody changes the result while it is read
            return wrap(plain, failed_label(tool, user).join(under), origin), False
        none = TRUSTED_PUBLIC
        labelled = [
            self._record(tool, user, record, part, none, origin.at(i))
            for i, (record, part) in enumerate(zip(records, plain, strict=True))
        ]
        parts: list[Plain] = [part for part, _ in labelled]
        made: Plain = parts if isinstance(plain, list) else tuple(parts)
        return wrap(made, self.whole(tool, user).join(under), origin), all(good for _, good in labelled)

    def _record(
        self, tool: str, user: str, record: object, plain: Plain, under: Label, origin: Origin
    ) -> tuple[Value, bool]:
        """One record, labelled as one; a field that has a rule of its own by that."""
        label, good = self._of(tool, user, record, plain)
        found = plain.fields if isinstance(plain, RecordData) else plain
        if not self.fields or not isinstance(found, dict):
            return wrap(plain, label.join(under), origin), good
        rules = dict(self.fields)
        labelled = {
            name: rules[name]._of(tool, user, record, plain) if name in rules else (label, True) for name in found
        }
        parts: dict[str, Plain] = {name: wrap(part, labelled[name][0], origin.at(name)) for name, part in found.items()}
        made: Plain = RecordData(plain.name, parts) if isinstance(plain, RecordData) else parts
        # Which fields there are is the tool's own doing if the type says so, else that of whoever wrote the record.
        shape = self.shape if self.shape is not None and isinstance(plain, RecordData) else label
        return wrap(made, shape.join(under), origin), good and all(fine for _, fine in labelled.values())

    def _of(self, tool: str, user: str, record: object, plain: Plain) -> tuple[Label, bool]:
        """The label of one record, and whether the rule gave one. Code of the tool's author runs here."""
        try:
            sources = self.sources(record) if callable(self.sources) else self.sources
            readers = self.readers(record) if callable(self.readers) else self.readers
            label = self._label(tool, user, cast("Names | None", sources), cast("Names | None", readers), asked=True)
            if callable(self.sources) and not self.believe and _claims(label.sources - {f"tool:{tool}"}, plain):
                raise TypeError("a name of the product's own that the record itself holds")
            return label, True
        except Exception:
            return failed_label(tool, user), False

    def _label(
        self, tool: str, user: str, sources: NamesRule | None, readers: NamesRule | None, asked: bool = False
    ) -> Label:
        if asked and ((sources is None and self.sources is not None) or (readers is None and self.readers is not None)):
            raise TypeError("a label rule gave nothing")
        found = frozenset() if sources is None else names_of(sources)
        if isinstance(found, Everyone):
            raise TypeError("EVERYONE is no source")
        who = frozenset[str]() if readers is None else names_of(readers)
        own = {f"tool:{tool}"} if self.own or not found else frozenset[str]()
        return Label(found | own, who if isinstance(who, Everyone) else who | {user})


def labels(
    *,
    sources: NamesRule | None = None,
    readers: NamesRule | None = None,
    own: bool = True,
    shape: Label | None = None,
    fields: Mapping[str, LabelRule] | None = None,
    by_call: bool = False,
    believe: bool = False,
    failing: Label | None = None,
) -> LabelRule:
    """A label rule. Each of `sources` and `readers` is a name, names, or a function of one record that gives these.

    sources: who influenced a record; `tool:NAME` is added unless `own` is False (the tool adds nothing of others:
        the user's own address book is `labels(sources="user", own=False)`).
    readers: who may see a record; the user always may. EVERYONE makes it public.
    shape: the label of a list's length and order, which every read of a record goes through. By default the
        constants given here, else `tool:NAME` and the user alone: then no record of the list can be read by others.
        `shape=Label({"tool:inbox"})` says that everyone may know how many records there are.
    fields: label rules for some fields of a record, which stand instead of the record's: what the service itself
        writes (`{"id": labels(sources="mail", own=False)}`) is not of the sender's making. Give `shape=` with it, else
        reading a field goes through the record's own label.
    by_call: the functions get the call's arguments as `arguments=`, for what a path or an id says of the result.
    believe: a record may say itself that it is the `user`'s: the service writes that, and nobody else can.
    failing: the label of the fact that a call failed, or that it did not. By default that of the result where that is
        one for all that it gives, else `tool:NAME` and the user alone, since what made it fail may be in any record.
        `failing=Label({"tool:web"})` says that everyone may know: no private part of a result can make it fail.

    The function sees what the tool returned. If it raises or gives no names, the record is untrusted and readable by
    the user alone; and so it is, without `believe`, if a name of the product's own that it gives (`user`, `developer`,
    `tool:...`, `screen:...`) stands in the record itself as a text.
    """
    if sources is None and readers is None and shape is None and not fields and failing is None:
        raise ConfigError("labels() says nothing", code="C502", hint="give sources=, readers= or both")
    for what, rule in (("sources", sources), ("readers", readers)):
        if rule is not None and not callable(rule):
            _checked(what, rule)
    if not own and sources is None:
        raise ConfigError("labels(own=False) without sources would be trusted by everyone", code="C502")
    rules = {} if fields is None else dict(fields)
    for name, given in rules.items():
        if not isinstance(cast("object", given), LabelRule) or given.shape or given.fields or given.failing:
            raise ConfigError(
                f"labels(fields=): the rule of {name} says more than sources and readers",
                code="C502",
                hint="write labels(sources=..., readers=...)",
            )
    return LabelRule(_frozen(sources), _frozen(readers), own, shape, tuple(rules.items()), by_call, believe, failing)


def _frozen(rule: NamesRule | None) -> NamesRule | None:
    return rule if rule is None or callable(rule) else names_of(rule)


def _checked(what: str, rule: object) -> None:
    try:
        found = names_of(rule)
    except TypeError as problem:
        raise ConfigError(f"the {what} of labels() are a name, names or a function", code="C502") from problem
    if what == "sources" and (isinstance(found, Everyone) or not found):
        raise ConfigError("the sources of labels() are names, at least one", code="C502")


def names_of(found: object) -> frozenset[str] | Everyone:
    """Principals from what a rule gave. TypeError for anything that is not a name or a few names."""
    if found is EVERYONE:
        return EVERYONE
    if isinstance(found, str):
        return frozenset({principal(found)})
    if not isinstance(found, Iterable) or isinstance(found, (bytes, dict)):
        raise TypeError("neither a name nor names")
    made: set[str] = set()
    for name in found:
        made.add(principal(name))
        if len(made) > _MAX_NAMES:
            raise TypeError("too many names")
    return frozenset(made)


def principal(name: object) -> str:
    """A principal's name as labels hold it: a mail address is `email:` and the address in lower case."""
    if type(name) is not str or not name or len(name) > _MAX_NAME:
        raise TypeError("not a name")
    if not name.isascii() and _HALF.search(name):  # two of them would be one character when they are read again
        raise TypeError("half of a character in a name")
    if name.startswith("email:"):
        return name.lower()
    return f"email:{name.lower()}" if "@" in name and ":" not in name else name


def _claims(sources: frozenset[str], plain: Plain) -> bool:
    """Whether a name that only the product gives stands in the record itself: then somebody calls himself so."""
    names = {name for name in sources if name in _OWN_NAMES or name.startswith(_OWN_KINDS)}
    pending: list[object] = [plain] if names else []
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            if part.strip().lower() in names:
                return True
        elif isinstance(part, RecordData):
            pending.extend(part.fields.values())
        elif isinstance(part, dict):
            pending.extend((*part.keys(), *part.values()))
        elif isinstance(part, (list, tuple, set, frozenset)):
            pending.extend(part)
    return False


_OWN_NAMES: Final = frozenset({"user", "developer"})
_OWN_KINDS: Final = ("tool:", "screen:")


@lru_cache(1024)
def default_label(tool: str, user: str) -> Label:
    """The label of a result that no rule labels: influenced by the tool's world, readable by the user alone."""
    return Label({f"tool:{tool}"}, {user})


def failed_label(tool: str, user: str) -> Label:
    """The label of a record whose rule failed: untrusted whatever is trusted, readable by the user alone."""
    return Label({f"tool:{tool}", UNKNOWN_SOURCE}, {user})


DEFAULT_LABELS: Final = LabelRule()
