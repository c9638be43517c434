"""The user's address book: vCard files.

Its one rule: it never guesses. A name, part of a name or a role that fits several people is refused, because
the address that is found here is where a mail goes. The address book is the user's own, so what it says is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from ringfence.connectors.addresses import is_address
from ringfence.connectors.errors import Ambiguous, ConnectorError, Damaged, NotFound
from ringfence.connectors.records import Contact
from ringfence.connectors.rooted import Root

if TYPE_CHECKING:
    from vobject.base import Component

_MAX_FILE: Final = 16 << 20
_MAX_NAMED: Final = 5
_POSSESSIVES: Final = frozenset({"my", "our", "the"})


@dataclass(frozen=True, slots=True)
class _Card:
    contact: Contact
    names: frozenset[str]  # what the person may be called: full name, nicknames, address, all folded
    roles: frozenset[str]
    words: frozenset[str]


class AddressBook:
    """Reads the `.vcf` files below `root`. Safe to use from several threads."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._lock = Lock()
        self._files: dict[str, tuple[tuple[int, int, int], tuple[_Card, ...]]] = {}

    def all(self) -> list[Contact]:
        """Every contact, by name."""
        return sorted((card.contact for card in self._cards()), key=lambda contact: (contact.name, contact.email))

    def find(self, text: str) -> Contact:
        """The one contact of that name, part of a name, or role. NotFound or Ambiguous, which names the candidates."""
        cards = self._cards()
        for fits in _matchers(text):
            found = {_key(card.contact): card.contact for card in cards if fits(card)}
            if len(found) == 1:
                return next(iter(found.values()))
            if found:
                shown = ", ".join(name for name, _ in list(found)[:_MAX_NAMED])
                raise Ambiguous(f"{len(found)} contacts fit: {shown}. Use the full name")
        raise NotFound("no contact has that name or role; `list_contacts` lists them")

    def _cards(self) -> list[_Card]:
        with self._lock:
            fresh: dict[str, tuple[tuple[int, int, int], tuple[_Card, ...]]] = {}
            for entry in self._root.walk():
                if not entry.path.endswith(".vcf"):
                    continue
                known = self._files.get(entry.path)
                if known is None or known[0] != entry.stamp:
                    known = (entry.stamp, self._read(entry.path))
                fresh[entry.path] = known
            self._files = fresh
            return [card for _, cards in fresh.values() for card in cards]

    def _read(self, path: str) -> tuple[_Card, ...]:
        shown = path.encode("utf-8", "replace").decode("utf-8")
        try:
            data = self._root.read(path, _MAX_FILE)
        except ConnectorError as error:
            raise Damaged(f"contacts/{shown}: {error}") from None
        return read_cards(data, shown)


def read_cards(data: bytes, file: str) -> tuple[_Card, ...]:
    """The people of a vCard file. Damaged, naming the file."""
    import vobject

    try:
        components = list(vobject.readComponents(data.decode("utf-8", "replace")))
        cards = tuple(_card(component) for component in components)
    except Exception:  # the parser meets hostile bytes: whatever it raises, the file is not readable
        raise Damaged(f"contacts/{file} cannot be read as a vCard file") from None
    if not cards:
        raise Damaged(f"contacts/{file} holds no contact, or is cut off")
    return cards


def _card(component: Component) -> _Card:
    if component.name != "VCARD":
        raise Damaged("not a vCard")
    name = next(_texts(component, "fn"), "").strip() or next(_texts(component, "email"), "").strip()
    if not name:
        raise Damaged("a contact has no name")
    email = next((text.strip().lower() for text in _texts(component, "email") if is_address(text.strip())), "")
    roles = list(dict.fromkeys(text for key in ("role", "title") for text in _texts(component, key) if text))
    nicknames = [part for text in _texts(component, "nickname") for part in text.split(",")]
    contact = Contact(
        name=name, email=email, phone=next(_texts(component, "tel"), "").strip(), role=next(iter(roles), "")
    )
    folded = frozenset(_fold(role) for role in roles)
    return _Card(
        contact=contact,
        names=frozenset({_fold(name), _fold(email), *map(_fold, nicknames)} - {""}),
        roles=folded,
        words=frozenset(word for text in (name, *roles, *nicknames) for word in _fold(text).split()),
    )


def _texts(component: Component, key: str) -> Iterator[str]:
    return iter([str(line.value) for line in component.contents.get(key, [])])


def _matchers(text: str) -> Iterator[Callable[[_Card], bool]]:
    """From the most exact to the widest; the first that fits anybody decides. "my boss" is "boss" if it is nobody."""
    said = _fold(text)
    first, _, rest = said.partition(" ")
    for wanted in (said, rest) if first in _POSSESSIVES else (said,):
        if wanted:
            yield from _exact_to_wide(wanted, wanted.split())


def _exact_to_wide(text: str, words: list[str]) -> Iterator[Callable[[_Card], bool]]:
    yield lambda card: text in card.names
    yield lambda card: text in card.roles
    yield lambda card: card.words.issuperset(words)
    yield lambda card: all(any(known.startswith(word) for known in card.words) for word in words)


def _key(contact: Contact) -> tuple[str, str]:
    return contact.name, contact.email


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace(",", " ").split())
