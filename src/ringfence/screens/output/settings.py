"""The table `[output]` of the configuration.

    [output]
    hosts = ["example.com", "*.example.com"]   # hosts that links may lead to, beside those that trusted sources name
    links = "defang"                           # defang: hxxps://host[.]example; remove: only the link's text is left
    html = "escape"                            # escape or keep
    secrets = "mask"                           # mask or show
    commands = "mark"                          # mark or keep

Its one rule: an unknown key or word is an error (C565).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast, final

from ringfence.core.errors import ConfigError

Links: TypeAlias = Literal["defang", "remove"]
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "links": ("defang", "remove"),
    "html": ("escape", "keep"),
    "secrets": ("mask", "show"),
    "commands": ("mark", "keep"),
}
_KEYS: Final = ("hosts", *_WORDS)


@final
@dataclass(frozen=True, slots=True)
class Output:
    """What the guard does; without a table, all of it."""

    hosts: tuple[str, ...] = ()
    links: Links = "defang"
    html: Literal["escape", "keep"] = "escape"
    secrets: Literal["mask", "show"] = "mask"
    commands: Literal["mark", "keep"] = "mark"

    @staticmethod
    def of(table: Mapping[str, object]) -> Output:
        """The settings in a table. Raises ConfigError (C565)."""
        for key in table:
            if key not in _KEYS:
                close = difflib.get_close_matches(str(key), _KEYS, 1)
                raise _bad(f"[output] has an unknown key: {key}", f"did you mean {close[0]}?" if close else None)
        words = {key: _word(table, key) for key in _WORDS if key in table}
        hosts = table.get("hosts", ())
        if not isinstance(hosts, (list, tuple)) or not all(isinstance(one, str) and one for one in hosts):
            raise _bad("[output] hosts is a list of host names", 'for example hosts = ["example.com"]')
        return Output(tuple(one.lower().rstrip(".") for one in cast("list[str]", hosts)), **words)  # type: ignore[arg-type]


def _word(table: Mapping[str, object], key: str) -> str:
    value = table[key]
    if value not in _WORDS[key]:
        raise _bad(f"[output] {key} has an unknown value", f"there are {' and '.join(_WORDS[key])}")
    return str(value)


def _bad(message: str, hint: str | None) -> ConfigError:
    return ConfigError(message, code="C565", hint=hint)
