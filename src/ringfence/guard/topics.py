"""Topics: what a request may be about, checked before a plan is made; `[topics.allow.NAME]`, `[topics.deny.NAME]`.

Its one rule: a request that is about no allowed topic, or about a denied one, gets no plan; and a plan for a request
gets the tools of its topics only. What a text is about is a guess, by words here or by a classifier; which tools there
are is not: that is what holds against a request that pretends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, final

from ringfence.core.errors import PolicyDenied, RingfenceError
from ringfence.guard.decision import Decision, Reason
from ringfence.guard.entries import fits
from ringfence.guard.predicates import searched
from ringfence.guard.sections import Sections, Table, meant, table_of, texts_of
from ringfence.guard.views import RuleError

LONGEST: Final = 2_000  # characters of a request
_TOPIC: Final = ("about", "words", "patterns", "tools")
_WORD: Final = re.compile(r"\w+\*?")


@final
@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. `about` is for a classifier that reads; `words` are words and phrases, `x*` any word that begins so."""

    name: str
    about: str
    words: tuple[tuple[str, ...], ...]
    patterns: tuple[str, ...]
    tools: tuple[str, ...] | None
    denied: bool


class Classifier(Protocol):
    """Says which topics a request is about. Whatever it raises or makes up, the request is refused."""

    def topics(self, request: str, topics: Mapping[str, Topic]) -> Iterable[str]:
        """The names of the topics, none for a request that is about something else."""


@final
class ByWords:
    """The default: a topic is meant if one of its words, phrases or patterns is in the request."""

    def topics(self, request: str, topics: Mapping[str, Topic]) -> Iterable[str]:
        text = plain_text(request)
        said = _words(text)
        return [name for name, topic in topics.items() if _meant(topic, said, text)]


def plain_text(text: str) -> str:
    """The text without accents, capitals and characters that cannot be seen."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if unicodedata.category(one) not in ("Mn", "Cf"))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _meant(topic: Topic, said: list[str], text: str) -> bool:
    if any(searched(pattern)(text) for pattern in topic.patterns):
        return True
    return any(_phrase(phrase, said) for phrase in topic.words)


def _phrase(phrase: tuple[str, ...], said: list[str]) -> bool:
    last = len(said) - len(phrase)
    return any(all(_same(one, said[at + n]) for n, one in enumerate(phrase)) for at in range(last + 1))


def _same(one: str, said: str) -> bool:
    return said.startswith(one[:-1]) if one.endswith("*") else said == one


@final
@dataclass(frozen=True, slots=True)
class About:
    """What was found of a request: its topics, and the tools that a plan may use (None: all)."""

    topics: tuple[str, ...]
    tools: frozenset[str] | None
    denial: PolicyDenied | None


@final
@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of a policy."""

    known: Mapping[str, Topic]
    longest: int

    def judge(self, request: str, classifier: Classifier) -> About:
        """What a request is about, and the denial (P440, P441) if a plan may not be made for it."""
        if len(request) > self.longest:
            return self._denied(f"requests are no longer than {self.longest:,} characters", (), "P440")
        try:
            found = tuple(dict.fromkeys(classifier.topics(request, self.known)))
        except RingfenceError as problem:
            return self._denied(f"the classifier failed ({problem.code})", (), "P441")
        except Exception as problem:  # whatever it is: nobody has said what the request is about
            return self._denied(f"the classifier failed ({type(problem).__name__})", (), "P441")
        if any(name not in self.known for name in found):
            return self._denied("the classifier named what is no topic", (), "P441")
        refused = [name for name in found if self.known[name].denied]
        if refused:
            return self._denied(f"the policy denies the topic {', '.join(refused)}", found, "P440")
        if not found:
            return self._denied("the request is about none of the topics", (), "P440")
        return About(found, self._tools(found), None)

    def _tools(self, found: Iterable[str]) -> frozenset[str] | None:
        given = [self.known[name].tools for name in found]
        return None if None in given else frozenset(tool for tools in given for tool in tools or ())

    def _denied(self, why: str, found: tuple[str, ...], code: str) -> About:
        allowed = ", ".join(name for name, topic in self.known.items() if not topic.denied)
        reason = Reason("topics", "[topics]", "on topic", None, why)
        remedies = (f"ask about one of: {allowed}",)
        again = code == "P441"
        kind = Decision(
            "deny", "request", ("topics",), (reason,), remedies, code, "transient" if again else "permission", again
        )
        denial = PolicyDenied(f"no plan was made: {why}", code=code, hint=remedies[0], decision=kind)
        return About(found, frozenset(), denial)


def load_topics(sections: Sections, table: Table, tools: Iterable[str]) -> Topics | None:
    """The topics of the section [topics], None if there is none. ConfigError (C503, C526)."""
    if not table:
        return None
    path = ("topics",)
    table_of(sections, path, table, ("allow", "deny", "longest"))
    longest = table.get("longest", LONGEST)
    if isinstance(longest, bool) or not isinstance(longest, int) or longest < 1:
        raise sections.bad((*path, "longest"), "is no positive whole number", "write longest = 500", code="C526")
    names = tuple(tools)
    known: dict[str, Topic] = {}
    for kind in ("allow", "deny"):
        for name, found in table_of(sections, (*path, kind), table.get(kind, {}), None).items():
            if name in known:
                raise sections.bad((*path, kind, name), "is allowed and denied", "give one another name", code="C526")
            known[name] = _topic(sections, (*path, kind, name), found, names)
    if all(topic.denied for topic in known.values()):
        raise sections.bad(path, "allows no topic", 'write [topics.allow.NAME] with words = ["..."]', code="C526")
    return Topics(known, longest)


def _topic(sections: Sections, path: tuple[str, ...], found: object, tools: tuple[str, ...]) -> Topic:
    table = table_of(sections, path, found, _TOPIC)
    about = table.get("about", "")
    if not isinstance(about, str):
        raise sections.bad((*path, "about"), "is no text", code="C526")
    phrases = tuple(tuple(_words(plain_text(one))) for one in _texts(sections, path, table, "words"))
    patterns = _texts(sections, path, table, "patterns")
    for pattern in patterns:
        try:
            searched(pattern)
        except RuleError:
            raise sections.bad((*path, "patterns"), "holds no regular expression of linear time", code="C526") from None
    if not all(phrases) or not (phrases or patterns or about):
        raise sections.bad(path, "does not say what it is about", 'words = ["..."], or patterns', code="C526")
    chosen = None
    if "tools" in table:
        wanted = _texts(sections, path, table, "tools")
        for one in wanted:
            if not any(fits(one, name) for name in tools):
                raise sections.bad((*path, "tools"), f"names no tool: {one}", meant(one.strip("*?"), tools))
        chosen = tuple(name for name in tools if any(fits(one, name) for one in wanted))
    return Topic(path[2], about, phrases, patterns, chosen, path[1] == "deny")


def _texts(sections: Sections, path: tuple[str, ...], table: Table, key: str) -> tuple[str, ...]:
    return texts_of(sections, (*path, key), table[key], "text") if key in table else ()
