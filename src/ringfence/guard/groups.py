"""Groups of principals and whole domains: `[groups] team = ["ann@x.example", "*@corp.example"]`.

Its one rule: only a plain mail address belongs to a domain; text that merely ends like one (a list of addresses, a
display name, a line break) belongs to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, final

from ringfence.core.labels import Everyone, Readers
from ringfence.guard.labelling import principal
from ringfence.guard.sections import Sections, texts_of

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*)")
_DOMAIN: Final = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_GROUP: Final = re.compile(r"[\w.@+-]{1,200}")


def domain_of(name: str) -> str | None:
    """The domain of a plain mail address, in lower case; None for anything else."""
    found = _ADDRESS.fullmatch(name.removeprefix("email:"))
    return None if found is None or len(name) > 320 else found[1].lower()


def is_domain(name: str) -> bool:
    """Whether it is a domain's name, in lower case."""
    return _DOMAIN.fullmatch(name) is not None


@final
@dataclass(frozen=True, slots=True)
class Groups:
    """`members`: by a group's name as labels hold it (`group:team`, `email:team@corp.example`), who is in it."""

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by a member its groups

    def reads(self, readers: Readers, name: str) -> bool:
        """Whether the principal that an argument names is among the readers: itself, by its domain or its groups.

        A group reads what all its members read.
        """
        if isinstance(readers, Everyone) or name in readers:
            return True
        own = _principal(name)
        if own is None:
            return False
        if self._reads(readers, own):
            return True
        members = self.members.get(own)
        return bool(members) and all(self._reads(readers, one) for one in members or ())

    def _reads(self, readers: frozenset[str], name: str) -> bool:
        domain = domain_of(name)
        whole = None if domain is None else f"email:*@{domain}"
        if name in readers or (whole is not None and whole in readers):
            return True
        groups = self._of.get(name, ()) if whole is None else (*self._of.get(name, ()), *self._of.get(whole, ()))
        return any(group in readers for group in groups)

    def covers(self, pattern: str, name: str) -> bool:
        """Whether a principal is meant by `*`, `*@corp.example`, `group:team` or its own name."""
        if pattern == "*":
            return True
        own, meant = _principal(name), _principal(pattern)
        return own is not None and meant is not None and self._reads(frozenset({meant}), own)


NO_GROUPS: Final = Groups()


def _principal(name: str) -> str | None:
    try:
        return principal(name)
    except TypeError:
        return None


def load_groups(sections: Sections) -> Groups:
    """The groups of the table [groups], groups of groups resolved. ConfigError (C503, C522)."""
    written = {_name(sections, key): _listed(sections, key, found) for key, found in sections.groups.items()}
    members = {name: frozenset(_flat(sections, written, name, ())) for name in written}
    of: dict[str, tuple[str, ...]] = {}
    for name, found in members.items():
        for one in found:
            of[one] = (*of.get(one, ()), name)
    return Groups(members, of)


def _name(sections: Sections, key: str) -> str:
    if _GROUP.fullmatch(key) is None:
        raise sections.bad(("groups", key), "is no name for a group", "letters, digits, dots, - and _, or an address")
    return principal(key) if "@" in key else f"group:{key}"


def _listed(sections: Sections, key: str, found: object) -> tuple[str, ...]:
    made = []
    for name in texts_of(sections, ("groups", key), found, "principal"):
        meant = _principal(name)
        if meant is None or ("*" in name and not is_domain(name.lower().removeprefix("*@"))):
            raise sections.bad(("groups", key), "names nobody", "an address, *@DOMAIN, group:NAME or a name")
        made.append(meant)
    return tuple(made)


def _flat(
    sections: Sections, written: Mapping[str, tuple[str, ...]], name: str, above: tuple[str, ...]
) -> Iterable[str]:
    for one in written[name]:
        if one in above or one == name:
            raise sections.bad(
                ("groups", name.partition(":")[2]), "is a group that holds itself", "take the circle out", code="C522"
            )
        if one in written:
            yield from _flat(sections, written, one, (*above, name))
        elif one.startswith("group:"):
            raise sections.bad(("groups", name.partition(":")[2]), "names a group that does not exist", code="C522")
        else:
            yield one
