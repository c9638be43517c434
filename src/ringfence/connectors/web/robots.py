"""robots.txt (RFC 9309): which paths a site asks programs not to fetch.

Its one rule: what the site says can only make less be fetched. A file that is missing asks for nothing; one that the
server cannot give (status 5xx, no answer) counts as one that asks for everything, as the standard has it.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Final, final
from urllib.parse import quote, unquote_to_bytes

from ringfence.connectors.errors import Damaged, NotAllowed, NotDone, NotFound
from ringfence.connectors.web.bodies import TooLarge
from ringfence.connectors.web.fetch import AGENT, Fetcher
from ringfence.connectors.web.urls import Target

_LIMIT: Final = 512 << 10  # the standard asks for 500 KiB at least
_MAX_RULES: Final = 5_000
_MAX_PATTERN: Final = 2_000
_KEPT: Final = 256
_FRESH: Final = 3_600.0
_EVERYTHING: Final = "User-agent: *\nDisallow: /"
_WORD: Final = re.compile(r"[a-zA-Z_-]+")


@final
@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the group that is for us: (allowed, pattern), longest first."""

    rules: tuple[tuple[bool, str], ...]

    def allow(self, path: str) -> bool:
        """Whether a path (with its query) may be fetched. The longest pattern decides, of equals one that allows."""
        asked = _normal(path)
        return next((allowed for allowed, pattern in self.rules if _matches(pattern, asked)), True)


def parse(text: str, agent: str = AGENT) -> Rules:
    """The rules for a program of that name: of its own groups, else of the groups for `*`."""
    own: list[tuple[bool, str]] = []
    others: list[tuple[bool, str]] = []
    agents: set[str] = set()
    open_group = named = False
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        name, found = key.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            agents = (agents if open_group else set()) | {_agent(found)}
            open_group = True
            named = named or agent.lower() in agents
        elif name in {"allow", "disallow"}:
            open_group = False
            if found and len(found) <= _MAX_PATTERN and len(own) + len(others) < _MAX_RULES:
                rule = (name == "allow", _normal(found))
                own += [rule] if agent.lower() in agents else []
                others += [rule] if "*" in agents else []
    chosen = own if named else others
    return Rules(tuple(sorted(chosen, key=lambda rule: (-len(rule[1]), not rule[0]))))


def _agent(value: str) -> str:
    if value.startswith("*"):
        return "*"
    found = _WORD.match(value)
    return found[0].lower() if found else ""


def _normal(path: str) -> str:
    """One spelling for what percent signs can spell in two ways; `*` and `$` of a pattern stay."""
    return quote(unquote_to_bytes(path), safe="/?&=*$:@!,;+-._~()'")


def _matches(pattern: str, path: str) -> bool:
    """Whether the pattern fits the beginning of the path. Each part is looked for once, as early as it can be."""
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(rest, 1):
        if ends and number == len(rest):
            return path.endswith(part) and len(path) - len(part) >= at
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not ends or at == len(path)


@final
class Robots:
    """What sites ask for, kept for an hour."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._known: dict[tuple[str, str, int], tuple[float, Rules]] = {}
        self._lock = threading.Lock()

    def require(self, target: Target, deadline: float) -> None:
        """NotAllowed if the target's site asks programs not to fetch it. A server of this process is not asked."""
        if target.pinned is None and not self._rules(target, deadline).allow(target.path):
            raise NotAllowed("the site asks programs not to fetch that page (robots.txt); it was not fetched")

    def _rules(self, target: Target, deadline: float) -> Rules:
        now = time.monotonic()
        with self._lock:
            kept = self._known.get(target.origin)
        if kept is not None and now - kept[0] < _FRESH:
            return kept[1]
        rules = parse(self._text(target, deadline))  # an error is not kept: the next page asks again
        with self._lock:
            while len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[target.origin] = (now, rules)
        return rules

    def _text(self, target: Target, deadline: float) -> str:
        try:
            url = f"{target.scheme}://{target.authority}/robots.txt"
            return self._fetcher.get(url, "text/plain", deadline, _LIMIT).data.decode("utf-8", "replace")
        except TooLarge:
            return _EVERYTHING
        except (NotFound, NotAllowed):
            return ""  # not there, not for us, or somewhere that we do not go
        except (NotDone, Damaged) as problem:
            raise NotDone(f"robots.txt could not be read, which counts as a no: {problem}") from None
